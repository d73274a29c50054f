"""MySQL and MariaDB."""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects.mysql.base import MySQLDialect, MySQLExecutionContext
from sqlalchemy.dialects.mysql.mariadb import MariaDBDialect

from underpass.api.exceptions import Error

from .common import UnderpassDialect


class Execution(MySQLExecutionContext):
    """Connectors say no number of a row that was added: the session is asked for it."""

    def get_lastrowid(self) -> int:
        """What AUTO_INCREMENT gave last."""
        cursor: Any = self.cursor
        (row,) = cursor.connection.cursor().execute("SELECT LAST_INSERT_ID()").fetchall()
        return int(row[0])


class Family(UnderpassDialect):
    """What both have in common."""

    execution_ctx_cls = Execution
    # The server counts rows that were changed, not those that were found.
    supports_sane_rowcount = False

    def _detect_charset(self, connection: Any) -> str:
        return "utf8mb4"

    def _extract_error_code(self, exception: BaseException) -> int | None:
        if not isinstance(exception, Error):
            return None
        return exception.failure.get("detail", {}).get("server")


class MySQL(Family, MySQLDialect):
    """As SQLAlchemy knows it."""

    supports_statement_cache = True


class MariaDB(Family, MariaDBDialect):
    """As SQLAlchemy knows it."""

    supports_statement_cache = True
