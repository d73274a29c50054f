"""A DB-API 2.0 cursor: the rows of a statement, as Python values, as Arrow or as a DataFrame."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeAlias

from underpass.connectors.base import Rows

from .exceptions import InterfaceError, ProgrammingError, as_errors, failed
from .parameters import Parameters

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from underpass.arguments import Decimals

    from .connection import Connection

#: Name, Arrow type, display size, internal size, precision, scale, null_ok; None for what is not known.
Description: TypeAlias = "tuple[str, pa.DataType, None, None, int | None, int | None, None]"

#: Rows that are turned into Python values at once.
_BATCH = 4096


class Cursor:
    """Runs statements and keeps the rows of the last one, all of them, as an Arrow table in this process."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._closed = False
        #: Rows that ``fetchmany`` gives where it is not told.
        self.arraysize = 1
        self._forget()

    def _forget(self) -> None:
        self._rowcount = -1
        self._description: list[Description] | None = None
        self._table: pa.Table | None = None
        self._next = 0
        self._batch: list[tuple[Any, ...]] = []
        self._batch_start = 0
        self._remarks: tuple[str, ...] = ()

    @property
    def connection(self) -> Connection:
        """The connection that it was made from."""
        return self._connection

    @property
    def description(self) -> list[Description] | None:
        """One tuple for each column; None if the last statement had no rows."""
        return self._description

    @property
    def rowcount(self) -> int:
        """Rows of the last statement, or those that it changed; -1 if the server does not say."""
        return self._rowcount

    @property
    def rownumber(self) -> int | None:
        """Rows that were fetched so far."""
        return None if self._description is None else self._next

    @property
    def remarks(self) -> tuple[str, ...]:
        """Sentences about columns whose values did not fit into their type; see docs/types.md."""
        return self._remarks

    def execute(self, operation: str, parameters: Parameters | None = None) -> Cursor:
        """Run a statement.

        Args:
            operation: SQL. Several statements, with semicolons, are run in order; the last one's rows stay.
            parameters: A mapping for ``:name``, or a sequence for ``?``. They are bound: never text of the
                statement. A list behind ``IN`` stands for its items. Without parameters the text is sent as
                it is, whatever colons and question marks it has.
        Returns:
            The cursor itself.
        Raises:
            ProgrammingError, IntegrityError, DataError, …: the server refused it; ``failure["detail"]`` has
                ``line``, ``column`` and ``sqlstate`` where it says them.
            OperationalError: with the code ``connection-lost`` nobody knows whether it ran, if it had begun;
                the connection can not be used any more.
            KeyboardInterrupt: stopped; the server has ended the statement.
        """
        self._require_open()
        self._forget()
        answer = self._connection.execute_statements(operation, parameters)
        if isinstance(answer, Rows):
            self._remarks = tuple(answer.remarks)
            table = self._table = answer.take()
            self._rowcount = table.num_rows
            self._description = [_described(field) for field in table.schema]
        elif answer.rows is not None:
            self._rowcount = answer.rows
        return self

    def executemany(self, operation: str, seq_of_parameters: Iterable[Parameters]) -> Cursor:
        """Run a statement once for each set of parameters; ``rowcount`` is the sum, and there are no rows.

        Each is a round trip. With ``autocommit`` those before one that fails have taken effect.
        """
        self._require_open()
        total = 0
        for parameters in seq_of_parameters:
            self.execute(operation, parameters)
            total = -1 if total < 0 or self._rowcount < 0 else total + self._rowcount
        self._forget()
        self._rowcount = total
        return self

    def fetchone(self) -> tuple[Any, ...] | None:
        """The next row; None behind the last one.

        Values: int, float, bool, str, bytes, ``decimal.Decimal``, ``datetime``'s date, time, datetime (with
        its zone) and timedelta, lists, dicts, None. Types in all detail: docs/types.md.
        """
        return next(self._take(1), None)

    def fetchmany(self, size: int | None = None) -> list[tuple[Any, ...]]:
        """The next ``size`` rows (``arraysize``, if not given), or as many as there are."""
        return list(self._take(self.arraysize if size is None else size))

    def fetchall(self) -> list[tuple[Any, ...]]:
        """All further rows."""
        return list(self._take(None))

    def fetch_arrow(self) -> pa.Table:
        """All further rows as an Arrow table, without turning a value into a Python object.

        DuckDB reads it: ``duckdb.from_arrow(cursor.fetch_arrow())``.
        """
        table = self._require_rows()
        rest = table.slice(self._next) if self._next else table
        self._next = table.num_rows
        self._batch = []
        # Its memory is the caller's now; an empty one keeps the columns.
        self._table = table.slice(table.num_rows)
        self._batch_start = self._next = 0
        return rest

    def fetch_df(self, *, decimals: Decimals = "decimal") -> pd.DataFrame:
        """All further rows as a DataFrame, with the types that cells give: docs/types.md.

        Args:
            decimals: ``"decimal"`` keeps them exact (Arrow's decimal128); ``"float"`` gives float64.
        Raises:
            DatabaseError: pandas can not hold a value; the statement was executed all the same.
        """
        from underpass.frames import to_frame

        table = self.fetch_arrow()
        with as_errors():
            return to_frame(Rows(table), "pandas", decimals)  # pyright: ignore[reportReturnType]

    def close(self) -> None:
        """Let go of the rows."""
        self._closed = True
        self._forget()

    def setinputsizes(self, sizes: Sequence[Any]) -> None:
        """Does nothing; values say their type themselves."""

    def setoutputsize(self, size: int, column: int | None = None) -> None:
        """Does nothing; values have any size."""

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return self._take(None)

    def __enter__(self) -> Cursor:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, stack: TracebackType | None
    ) -> None:
        self.close()

    def _take(self, count: int | None) -> Iterator[tuple[Any, ...]]:
        table = self._require_rows()
        end = table.num_rows if count is None else min(table.num_rows, self._next + max(count, 0))
        return self._rows(table, end)

    def _rows(self, table: pa.Table, end: int) -> Iterator[tuple[Any, ...]]:
        while self._next < end and self._table is table:
            position = self._next - self._batch_start
            if not 0 <= position < len(self._batch):
                self._batch_start, position = self._next, 0
                self._batch = _python_rows(table.slice(self._next, _BATCH))
            self._next += 1
            yield self._batch[position]

    def _require_rows(self) -> pa.Table:
        self._require_open()
        if self._table is None:
            what = "There are no rows to fetch: nothing was run, or what was run has none."
            raise failed(ProgrammingError, "invalid-request", what, "Execute a query first.")
        return self._table

    def _require_open(self) -> None:
        if self._closed:
            what = "This cursor is closed."
            raise failed(InterfaceError, "invalid-request", what, "Use connection.cursor() for a new one.")


def _python_rows(table: pa.Table) -> list[tuple[Any, ...]]:
    if not table.num_columns:
        return [()] * table.num_rows
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True))


def _described(field: pa.Field) -> Description:
    precision, scale = getattr(field.type, "precision", None), getattr(field.type, "scale", None)
    return field.name, field.type, None, None, precision, scale, None
