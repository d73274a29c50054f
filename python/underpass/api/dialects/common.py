"""What all dialects share: where connections come from, and when they are of no use any more."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import URL, types

from underpass.api.exceptions import Error


class Uuid(types.Uuid[Any]):
    """Connectors give these as text."""

    def result_processor(self, dialect: Any, coltype: Any) -> Any:
        """From text to what the column's type says."""
        if not self.as_uuid:
            return None
        return lambda value: None if value is None else uuid.UUID(str(value))


class UnderpassDialect:
    """To be put before a dialect of SQLAlchemy's."""

    driver = "underpass"
    default_paramstyle = "named"
    supports_native_decimal = True
    supports_sane_multi_rowcount = False
    supports_server_side_cursors = False

    @classmethod
    def import_dbapi(cls) -> Any:
        """The interface of PEP 249."""
        import underpass.api

        return underpass.api

    def create_connect_args(self, url: URL) -> tuple[list[str], dict[str, Any]]:
        """``postgresql+underpass:///Prod``: the database is the integration. Nothing else is in it."""
        return [url.database or ""], {}

    def is_disconnect(self, e: Exception, connection: Any, cursor: Any) -> bool:
        """The connection has ended, and the pool's others may have, too."""
        return isinstance(e, Error) and e.failure["code"] == "connection-lost"

    def do_ping(self, dbapi_connection: Any) -> Any:
        """Before the pool gives a connection away. One of the parent process is none, after a fork."""
        return bool(dbapi_connection.ping())

    def get_isolation_level_values(self, dbapi_conn: Any) -> Any:
        """The system's own, and none at all."""
        known: Any = super()
        return [*dict.fromkeys([*known.get_isolation_level_values(dbapi_conn), "AUTOCOMMIT"])]

    def set_isolation_level(self, dbapi_connection: Any, level: Any) -> None:
        """Of the transactions to come."""
        dbapi_connection.autocommit = level == "AUTOCOMMIT"
        if level != "AUTOCOMMIT":
            known: Any = super()
            known.set_isolation_level(dbapi_connection, level)

    def detect_autocommit_setting(self, dbapi_conn: Any) -> bool:
        """Whether each statement is committed by itself."""
        return bool(dbapi_conn.autocommit)
