"""Integrations in plain Python: this module is what PEP 249 calls the interface (``import underpass.api``).

``underpass.connect``, ``underpass.engine``, ``underpass.sql`` and ``underpass.environ`` are these.
"""

from __future__ import annotations

from .connection import Connection
from .cursor import Cursor
from .engine import engine
from .environment import environ
from .exceptions import (
    DatabaseError,
    DataError,
    Error,
    IntegrityError,
    InterfaceError,
    InternalError,
    NotSupportedError,
    OperationalError,
    ProgrammingError,
    Warning,
)
from .frame import sql
from .opening import connect
from .types import (
    BINARY,
    DATETIME,
    NUMBER,
    ROWID,
    STRING,
    Binary,
    Date,
    DateFromTicks,
    Time,
    TimeFromTicks,
    Timestamp,
    TimestampFromTicks,
)

__all__ = [
    "BINARY",
    "DATETIME",
    "NUMBER",
    "ROWID",
    "STRING",
    "Binary",
    "Connection",
    "Cursor",
    "DataError",
    "DatabaseError",
    "Date",
    "DateFromTicks",
    "Error",
    "IntegrityError",
    "InterfaceError",
    "InternalError",
    "NotSupportedError",
    "OperationalError",
    "ProgrammingError",
    "Time",
    "TimeFromTicks",
    "Timestamp",
    "TimestampFromTicks",
    "Warning",
    "apilevel",
    "connect",
    "engine",
    "environ",
    "paramstyle",
    "sql",
    "threadsafety",
]

apilevel = "2.0"
#: Threads may share the module and connections.
threadsafety = 2
#: ``:name`` with a mapping. A sequence for ``?`` is taken, too.
paramstyle = "named"
