"""What every database system does for a SQL cell."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from underpass.connectors.read_only import Guard, Rules
from underpass.failure import UnderpassError, fail
from underpass.fetching import UNWATCHED, Fetching
from underpass.template import Dialect, statements_of

if TYPE_CHECKING:
    import socket

    import pyarrow as pa
    from typing_extensions import Self

    from underpass.ready import Ready
    from underpass.statement import Statement


@dataclass(frozen=True)
class Affected:
    """A statement without rows of its own; ``rows`` is what the server counted, None where it does not."""

    rows: int | None


class Rows:
    """All rows of a statement.

    The table has the types of the README: decimals as decimal128, text as string, times with their zone.
    ``remarks`` name the columns whose values did not fit into their type, one sentence each, for people.
    """

    def __init__(self, table: pa.Table, remarks: Sequence[str] = ()) -> None:
        self._table: pa.Table | None = table
        self.remarks = remarks

    def peek(self) -> pa.Table:
        """The table, to look at and to let go of."""
        if self._table is None:
            raise RuntimeError("The rows have been taken.")
        return self._table

    def take(self) -> pa.Table:
        """The table, once: whoever converts it can free its memory column by column."""
        table = self.peek()
        self._table = None
        return table


@dataclass(frozen=True)
class Table:
    """A table, view or collection of the catalog; ``schema`` is what stands before its name in a query."""

    schema: str
    name: str
    kind: Literal["table", "view", "collection"]


@dataclass(frozen=True)
class Column:
    """``type`` in the system's own words; ``nullable`` is None where the system does not say."""

    name: str
    type: str
    nullable: bool | None = None


@dataclass(frozen=True)
class Encryption:
    """What is known of a connection's TLS. None of it is guessed."""

    encrypted: bool
    #: The certificate's authority and name were checked.
    verified: bool = False
    #: As OpenSSL calls it: ``TLSv1.3``.
    version: str | None = None
    cipher: str | None = None

    def detail(self) -> dict[str, Any]:
        """What is known, as JSON."""
        return {name: value for name, value in vars(self).items() if value is not None}


#: Entries of the catalog that one request gives.
PAGE = 1000


def unreadable_rows(reason: str) -> UnderpassError:
    """What to raise when a statement has run but its rows can not be converted."""
    return fail(
        "query-failed",
        "query",
        f"The statement was executed, but its rows could not be converted: {reason}",
        "Cast the column to text in the statement. Mind that what it changed is changed.",
    )


class Connector(ABC):
    """One connection to one database, used by one thread at a time (``cancel`` apart).

    All failures are UnderpassError, with the server's own code and words in ``detail`` and never a password.
    """

    #: What the system is called.
    label: ClassVar[str]
    dialect: ClassVar[Dialect]
    #: How it is kept from writing, by its text or by the server.
    rules: ClassVar[Rules | None] = None
    #: There for integrations that are marked "Read-only"; ``open`` sets it, and every ``run`` is ``guarded``.
    guard: Guard | None = None

    @classmethod
    def statements(cls, cell: str, evaluate: Callable[[str], Any]) -> list[Statement]:
        """Cut a cell into statements and evaluate its ``{{ }}``; systems without SQL do it in their own way.

        Raises:
            UnderpassError: the cell is not understood, or an expression stands where no value can.
        """
        return statements_of(cell, cls.dialect, evaluate)

    @classmethod
    @abstractmethod
    def open(cls, ready: Ready) -> Connector:
        """Dial and log in; blocks until the server has answered or a deadline passed.

        Raises:
            UnderpassError: stage ``resolve``, ``tcp``, ``tls`` or ``login``; or the driver is not installed.
        """

    def kept_from_writing(self, ready: Ready) -> Self:
        """Itself, guarded if the integration is marked "Read-only": what ``open`` returns."""
        self.guard = Guard.of(ready, self.rules)
        return self

    @abstractmethod
    def run(
        self,
        sql: str,
        params: Sequence[Any],
        *,
        limit: int | None = None,
        write: bool = False,
        fetching: Fetching = UNWATCHED,
    ) -> Rows | Affected:
        """Run one statement to its end.

        Args:
            sql: The statement, with this dialect's placeholders.
            params: Values for them, in order; never interpolated.
            limit: Rows to fetch at most; asked for in the system's own way, or the rest is cancelled on the
                server. None means all.
            write: The cell was run with ``--write``, which systems that only read by default ask for.
            fetching: Is told of the rows as they arrive; what it raises ends the statement on the server.
        Raises:
            UnderpassError: ``query-failed`` with ``detail["position"]`` (characters of ``sql``, from 1) where
            the
                server says; ``connection-lost`` when nobody knows whether it ran; ``cancelled`` after
                ``cancel``.
        """

    @abstractmethod
    def cancel(self) -> None:
        """Ask the server to end the running statement. Called from another thread; does not wait for it."""

    @abstractmethod
    def ping(self) -> bool:
        """Whether the server still answers on this connection. Only when no statement runs."""

    def try_out(self) -> None:
        """Run the smallest query there is, without effect: what "Test connection" ends with.

        Raises:
            UnderpassError: as ``run``.
        """
        self.run("SELECT 1", ())

    def encryption(self) -> Encryption | None:
        """What the driver knows of this connection's TLS; None where it does not say."""
        return None

    #: Every handshake is one of ``tls.Tls.context``; otherwise the driver has a TLS of its own.
    tls_of_python: ClassVar[bool] = False

    @classmethod
    def tls_mode(cls, ready: Ready) -> str:
        """The TLS mode of an integration."""
        return str(ready.fields.get("sslMode") or "preferred")

    @classmethod
    def begin_tls(cls, plain: socket.socket) -> bool:
        """Say what a client says before its handshake.

        Returns:
            False if the server does not want one, or the way to ask is not known here.

        Raises:
            OSError: no answer, or one that is not understood.
        """
        return False

    @property
    @abstractmethod
    def in_transaction(self) -> bool:
        """Whether an explicit transaction is open, as of the last statement; asks nobody."""

    @abstractmethod
    def close(self) -> None:
        """End the connection; an open transaction is rolled back by the server. Never fails."""

    @abstractmethod
    def schemas(self, *, after: str = "", count: int = PAGE) -> list[str]:
        """Names of schemas, or databases where there are no schemas: at most ``count`` behind ``after``."""

    @abstractmethod
    def tables(self, schema: str, *, after: str = "", count: int = PAGE) -> list[Table]:
        """Tables and views of a schema by name: at most ``count`` behind the one called ``after``."""

    @abstractmethod
    def columns(self, schema: str, table: str) -> list[Column]:
        """Columns of a table in its own order; none if there is no such table."""

    def searched(self) -> list[str]:
        """Schemas whose tables need no prefix, in the order in which the server looks through them."""
        return []
