"""PostgreSQL and Amazon Redshift, which began as one."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from sqlalchemy import types
from sqlalchemy.dialects.postgresql.base import PGDialect

from .common import UnderpassDialect, Uuid


class _Integer(types.Integer):
    # Python's numbers are sent as bigint, and functions are chosen by the types that they are given.
    render_bind_cast = True


class _SmallInteger(types.SmallInteger):
    render_bind_cast = True


class PostgreSQL(UnderpassDialect, PGDialect):
    """As SQLAlchemy knows it; UUIDs come as text."""

    supports_statement_cache = True

    colspecs: ClassVar[Any] = {
        **PGDialect.colspecs,
        types.Integer: _Integer,
        types.SmallInteger: _SmallInteger,
        types.Uuid: Uuid,
        types.UUID: Uuid,
    }


class Redshift(PostgreSQL):
    """What Redshift has in common with PostgreSQL 8: queries and changes. Reflection knows little of it."""

    name = "redshift"
    supports_statement_cache = True

    def _get_server_version_info(self, connection: Any) -> tuple[int, ...]:
        said = str(connection.exec_driver_sql("SELECT version()").scalar())
        return tuple(int(part) for part in re.findall(r"\d+", said.partition("on")[0]))
