"""Trino, with the dialect of its own Python package."""

from __future__ import annotations

from trino.sqlalchemy.dialect import TrinoDialect

from .common import UnderpassDialect


class Trino(UnderpassDialect, TrinoDialect):  # pyright: ignore[reportIncompatibleMethodOverride]
    """As that package knows it, but over connections of ours."""

    # As it is there.
    supports_statement_cache = False
