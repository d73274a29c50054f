"""Snowflake through its own driver: statements run in the background, their rows arrive as Arrow."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from typing import Any, ClassVar

import pyarrow as pa
from snowflake.connector.errors import Error

from underpass.connectors.base import (
    PAGE,
    Affected,
    Column,
    Connector,
    Rows,
    Table,
    unreadable_rows,
)
from underpass.connectors.read_only import guarded
from underpass.connectors.scripts import statements_with_scripts
from underpass.fetching import UNWATCHED, Fetching
from underpass.ready import Ready
from underpass.statement import Statement
from underpass.template import Dialect

from .errors import is_lost, login_failure, query_failure
from .opening import LABEL, open_connection
from .params import bound
from .read_only import RULES
from .rows import read

_BLANK = r"(?:\s|--[^\n]*(?:\n|\Z)|//[^\n]*(?:\n|\Z)|/\*(?:[^*]|\*(?!/))*\*/)*"
#: They change or ask the session, and are done at once.
_SESSION = re.compile(
    _BLANK + r"(?:use|set|unset|alter\s+session|commit|rollback|show|desc|describe|list|ls|put|get)\b",
    re.IGNORECASE,
)
#: With more behind it BEGIN begins a block.
_BEGINS = re.compile(
    _BLANK + rf"(?:begin(?:\s+(?:transaction|work))?|start\s+transaction)(?:\s+name\s+\S+)?{_BLANK}\Z",
    re.IGNORECASE,
)
_CHANGES = re.compile(_BLANK + r"(?:insert|update|delete|merge)\b", re.IGNORECASE)
#: Definitions commit what is open.
_ENDS = re.compile(_BLANK + r"(?:commit|rollback|create|alter|drop|truncate|undrop)\b", re.IGNORECASE)
#: Seconds between two questions for a running statement: first, and at most.
_FIRST_PAUSE, _LAST_PAUSE = 0.01, 0.5

_SCHEMAS = """\
SELECT schema_name FROM information_schema.schemata WHERE schema_name > ? ORDER BY schema_name LIMIT {}"""
_TABLES = """\
SELECT table_name, table_type FROM information_schema.tables
WHERE table_schema = ? AND table_name > ? ORDER BY table_name LIMIT {}"""
_COLUMNS = """\
SELECT column_name, data_type, is_nullable FROM information_schema.columns
WHERE table_schema = ? AND table_name = ? ORDER BY ordinal_position"""


class Snowflake(Connector):
    """One session of one account."""

    label = LABEL
    dialect: ClassVar[Dialect] = Dialect("snowflake", lambda _number, _value: "?", positional=True)
    rules = RULES

    def __init__(self, connection: Any, ready: Ready) -> None:
        self._connection = connection
        self._ready = ready
        self._in_transaction = False
        self._running: str | None = None

    @classmethod
    def statements(cls, cell: str, evaluate: Callable[[str], Any]) -> list[Statement]:
        return statements_with_scripts(cell, cls.dialect, evaluate, declared=True)

    @classmethod
    def tls_mode(cls, ready: Ready) -> str:
        # There is no other.
        return "strict"

    @classmethod
    def open(cls, ready: Ready) -> Snowflake:
        try:
            return cls(open_connection(ready), ready).kept_from_writing(ready)
        except Error as error:
            # Without the driver's exception: what it says may quote its options.
            raise login_failure(error, ready) from None

    @guarded
    def run(
        self,
        sql: str,
        params: Sequence[Any],
        *,
        limit: int | None = None,
        write: bool = False,
        fetching: Fetching = UNWATCHED,
    ) -> Rows | Affected:
        try:
            with closing(self._connection.cursor()) as cursor:
                self._execute(cursor, sql, bound(params) or None)
                self._follow(sql)
                names = [column.name for column in cursor.description or ()]
                if _CHANGES.match(sql) and names and all(name.startswith("number of ") for name in names):
                    return Affected(cursor.rowcount)
                rows = read(cursor, limit, fetching)
        except Error as error:
            raise query_failure(error, sql, self._ready) from None
        except (pa.ArrowException, ValueError) as error:
            raise unreadable_rows(str(error)) from None
        return Affected(None) if names == ["status"] and _ENDS.match(sql) else rows

    def _execute(self, cursor: Any, sql: str, params: list[Any] | None) -> None:
        if _SESSION.match(sql) or _BEGINS.match(sql):
            cursor.execute(sql, params)
            return
        # In the background, because only then its id is known while it runs.
        query = cursor.execute_async(sql, params)["queryId"]
        self._running = query
        try:
            pause = _FIRST_PAUSE
            while self._connection.is_still_running(self._connection.get_query_status(query)):
                time.sleep(pause)
                pause = min(2 * pause, _LAST_PAUSE)
            cursor.query_result(query)
        finally:
            self._running = None

    def _follow(self, sql: str) -> None:
        if _BEGINS.match(sql):
            self._in_transaction = True
        elif _ENDS.match(sql):
            self._in_transaction = False

    def cancel(self) -> None:
        if (query := self._running) is not None:
            with closing(self._connection.cursor()) as cursor:
                cursor.abort_query(query)

    def ping(self) -> bool:
        try:
            with closing(self._connection.cursor()) as cursor:
                cursor.execute("SELECT 1")
        except Error as error:
            return not is_lost(error)
        return True

    @property
    def in_transaction(self) -> bool:
        return self._in_transaction

    def close(self) -> None:
        with suppress(Exception):
            self._connection.close()

    def schemas(self, *, after: str = "", count: int = PAGE) -> list[str]:
        return self._listed(_SCHEMAS.format(count), after)[0]

    def tables(self, schema: str, *, after: str = "", count: int = PAGE) -> list[Table]:
        names, kinds = self._listed(_TABLES.format(count), schema, after)
        return [
            Table(schema, name, "view" if "VIEW" in kind else "table")
            for name, kind in zip(names, kinds, strict=True)
        ]

    def columns(self, schema: str, table: str) -> list[Column]:
        names, types, nullable = self._listed(_COLUMNS, schema, table)
        return list(map(Column, names, types, [answer == "YES" for answer in nullable]))

    def _listed(self, sql: str, *params: str) -> list[list[Any]]:
        answer = self.run(sql, params)
        assert isinstance(answer, Rows)
        return [column.to_pylist() for column in answer.take().columns]
