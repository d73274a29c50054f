"""What every database system does for a SQL cell."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from underpass.failure import UnderpassError, fail

if TYPE_CHECKING:
    import pyarrow as pa

    from underpass.ready import Ready
    from underpass.template import Dialect


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

    def take(self) -> pa.Table:
        """The table, once: whoever converts it can free its memory column by column."""
        table, self._table = self._table, None
        if table is None:
            raise RuntimeError("The rows have been taken.")
        return table


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

    dialect: ClassVar[Dialect]

    @classmethod
    @abstractmethod
    def open(cls, ready: Ready) -> Connector:
        """Dial and log in; blocks until the server has answered or a deadline passed.

        Raises:
            UnderpassError: stage ``resolve``, ``tcp``, ``tls`` or ``login``; or the driver is not installed.
        """

    @abstractmethod
    def run(self, sql: str, params: Sequence[Any], *, limit: int | None = None) -> Rows | Affected:
        """Run one statement to its end.

        Args:
            sql: The statement, with this dialect's placeholders.
            params: Values for them, in order; never interpolated.
            limit: Rows to fetch at most; the rest is cancelled on the server. None means all.
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

    @property
    @abstractmethod
    def in_transaction(self) -> bool:
        """Whether an explicit transaction is open, as of the last statement; asks nobody."""

    @abstractmethod
    def close(self) -> None:
        """End the connection; an open transaction is rolled back by the server. Never fails."""
