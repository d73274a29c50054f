"""Trino, with the dialect of its own Python package."""

from __future__ import annotations

from typing import Any

from trino.sqlalchemy.dialect import TrinoDialect

from .common import UnderpassDialect


class Trino(UnderpassDialect, TrinoDialect):  # pyright: ignore[reportIncompatibleMethodOverride]
    """As that package knows it, but over connections of ours."""

    # As it is there.
    supports_statement_cache = False

    @classmethod
    def import_dbapi(cls) -> Any:
        """The interface of PEP 249."""
        return UnderpassDialect.import_dbapi()
