"""SQL Server."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from sqlalchemy import types
from sqlalchemy.dialects.mssql.base import MSDialect

from .common import UnderpassDialect, Uuid


class SQLServer(UnderpassDialect, MSDialect):  # pyright: ignore[reportIncompatibleMethodOverride]
    """As SQLAlchemy knows it; UUIDs come as text."""

    supports_statement_cache = True

    colspecs: ClassVar[Any] = {**MSDialect.colspecs, types.Uuid: Uuid, types.UUID: Uuid}
    # Of several rows only the count comes back, not their keys in order.
    use_insertmanyvalues = False

    def _get_server_version_info(self, connection: Any) -> tuple[int, ...]:
        said = connection.exec_driver_sql("SELECT CAST(SERVERPROPERTY('ProductVersion') AS VARCHAR(40))")
        return tuple(int(part) for part in re.findall(r"\d+", str(said.scalar() or "")))
