"""What there is in Trino: the schemas of one catalog, or ``catalog.schema`` of all where none was chosen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from underpass.connectors.base import Column, Table
from underpass.failure import UnderpassError

_CATALOGS = "SELECT catalog_name FROM system.metadata.catalogs ORDER BY catalog_name"


class Catalog:
    """Asks information_schema, a page at a time.

    Args:
        query: Runs a statement with text for its parameters, and gives its rows.
        chosen: The integration's catalog.
    """

    def __init__(self, query: Callable[..., list[tuple[Any, ...]]], chosen: str | None) -> None:
        self._query = query
        self._chosen = chosen

    def schemas(self, after: str, count: int) -> list[str]:
        """At most ``count`` names behind ``after``."""
        if self._chosen is not None:
            return self._schemas_of(self._chosen, after, count)
        found: list[str] = []
        started, _, behind = after.partition(".")
        for (catalog,) in self._query(_CATALOGS):
            if len(found) >= count or catalog < started:
                continue
            try:
                names = self._schemas_of(catalog, behind if catalog == started else "", count - len(found))
            except UnderpassError as error:
                if error.failure["code"] != "query-failed":
                    raise
                # What is behind this catalog does not answer; the others may.
                continue
            found += [f"{catalog}.{name}" for name in names]
        return found

    def tables(self, schema: str, after: str, count: int) -> list[Table]:
        """At most ``count`` tables and views behind ``after``."""
        catalog, name = self._parts(schema)
        rows = self._query(
            f"SELECT table_name, table_type FROM {quoted(catalog)}.information_schema.tables "
            f"WHERE table_schema = ? AND table_name > ? ORDER BY table_name LIMIT {count:d}",
            *(name, after),
        )
        return [Table(schema, table, _kind(kind)) for table, kind in rows]

    def columns(self, schema: str, table: str) -> list[Column]:
        """All columns of a table."""
        catalog, name = self._parts(schema)
        rows = self._query(
            f"SELECT column_name, data_type, is_nullable FROM {quoted(catalog)}.information_schema.columns "
            "WHERE table_schema = ? AND table_name = ? ORDER BY ordinal_position",
            *(name, table),
        )
        return [Column(column, kind, nullable == "YES") for column, kind, nullable in rows]

    def _schemas_of(self, catalog: str, after: str, count: int) -> list[str]:
        rows = self._query(
            f"SELECT schema_name FROM {quoted(catalog)}.information_schema.schemata "
            f"WHERE schema_name > ? ORDER BY schema_name LIMIT {count:d}",
            after,
        )
        return [name for (name,) in rows]

    def _parts(self, schema: str) -> tuple[str, str]:
        if self._chosen is not None:
            return self._chosen, schema
        catalog, _, name = schema.partition(".")
        return catalog, name


def quoted(name: str) -> str:
    """A name as SQL has it."""
    return '"' + name.replace('"', '""') + '"'


def _kind(kind: str) -> Literal["table", "view"]:
    return "view" if "VIEW" in kind else "table"
