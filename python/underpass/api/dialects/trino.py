"""Trino, with the dialect of its own Python package."""

from __future__ import annotations

from typing import Any

from trino.sqlalchemy.dialect import TrinoDialect

from .common import UnderpassDialect


class Trino(UnderpassDialect, TrinoDialect):
    """As that package knows it, but over connections of ours."""

    # As it is there.
    supports_statement_cache = False

    @classmethod
    def import_dbapi(cls) -> Any:
        """The interface of PEP 249."""
        return UnderpassDialect.import_dbapi()

    def _get_default_catalog_name(self, connection: Any) -> str | None:
        return connection.exec_driver_sql("SELECT current_catalog").scalar()

    def _get_default_schema_name(self, connection: Any) -> str | None:
        return connection.exec_driver_sql("SELECT current_schema").scalar()

    def do_rollback(self, dbapi_connection: Any) -> None:
        dbapi_connection.rollback()

    def get_default_isolation_level(self, dbapi_conn: Any) -> Any:
        return "AUTOCOMMIT"

    def get_isolation_level(self, dbapi_conn: Any) -> Any:
        return "AUTOCOMMIT" if dbapi_conn.autocommit else "READ UNCOMMITTED"

    def set_isolation_level(self, dbapi_conn: Any, level: Any) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        dbapi_conn.autocommit = level == "AUTOCOMMIT"

    def get_isolation_level_values(self, dbapi_conn: Any) -> Any:
        # A transaction has Trino's own default.
        return ["AUTOCOMMIT", "READ UNCOMMITTED"]
