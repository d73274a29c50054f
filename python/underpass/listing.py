"""What a database has: schemas, tables and columns, read page by page when somebody asks for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeVar

from .connectors.base import PAGE, Column, Table
from .failure import fail

if TYPE_CHECKING:
    from .connectors.base import Connector
    from .integration import Integration
    from .pool import Pool

Item = TypeVar("Item")


class Catalog:
    """The catalog of one integration, asked on the connection that its cells use.

    Nothing is kept: what was created a moment ago is there. While a cell runs, these wait for it.
    All methods raise UnderpassError as a cell would.
    """

    def __init__(self, integration: Integration, pool: Pool) -> None:
        self._integration = integration
        self._pool = pool

    def schemas(self) -> Iterator[str]:
        """Names of schemas, or of databases where those are the same, in order."""
        return self._pages(lambda connector, after: connector.schemas(after=after), lambda name: name)

    def tables(self, schema: str) -> Iterator[Table]:
        """Tables, views and collections of a schema, by name."""
        return self._pages(
            lambda connector, after: connector.tables(schema, after=after), lambda table: table.name
        )

    def columns(self, schema: str, table: str) -> list[Column]:
        """Columns of a table, in its own order; none if there is no such table."""
        return self._ask(lambda connector: connector.columns(schema, table))

    def searched(self) -> list[str]:
        """Schemas whose tables need no prefix, in the server's order."""
        return self._ask(lambda connector: connector.searched())

    def _pages(
        self, read: Callable[[Connector, str], list[Item]], name: Callable[[Item], str]
    ) -> Iterator[Item]:
        after = ""
        while True:
            page = self._ask(lambda connector, after=after: read(connector, after))
            yield from page
            if len(page) < PAGE:
                return
            after = name(page[-1])

    def _ask(self, question: Callable[[Connector], Item]) -> Item:
        with self._pool.connection(self._integration, self._integration.ensure()) as pooled:
            if pooled.in_transaction:
                # A question that fails would end it.
                raise fail(
                    "invalid-request",
                    "request",
                    f'A transaction is open in "{pooled.ready.name}".',
                    "Commit it or roll it back first.",
                )
            return question(pooled.connector)
