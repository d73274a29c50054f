"""From text, as Redshift sends every value, to the types of a result: by block, then once for each column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute
from psycopg import Connection, pq
from psycopg.adapt import Transformer

from underpass.connectors.base import Rows
from underpass.connectors.decimals import decimals

if TYPE_CHECKING:
    from psycopg.pq.abc import PGresult

# Its functions are made at run time, unknown to type checkers.
pc: Any = pyarrow.compute

_NUMERIC, _TIME, _BYTEA, _VARBYTE, _TEXT = 1700, 1083, 17, 6551, 25
#: Types that psycopg reads, by number; everything else is taken as text.
_READ: dict[int, pa.DataType] = {
    16: pa.bool_(),
    20: pa.int64(),
    21: pa.int16(),
    23: pa.int32(),
    26: pa.int64(),
    700: pa.float32(),
    701: pa.float64(),
}
#: Types that may hold what Python has no value for, as people call them.
_NAMES = {1082: "a date", 1083: "a time", 1114: "a time stamp", 1184: "a time stamp"}
#: Types that Arrow reads from text.
_CAST: dict[int, pa.DataType] = {
    1082: pa.date32(),
    1114: pa.timestamp("us"),
    1184: pa.timestamp("us", "UTC"),
}


class Table:
    """The rows of one result, as they come in."""

    def __init__(self, connection: Connection[Any], result: PGresult) -> None:
        """Take the columns from ``result``; its rows are still to be added."""
        count = result.nfields
        self._names = [(result.fname(position) or b"").decode() for position in range(count)]
        self._types = [result.ftype(position) for position in range(count)]
        self._modifiers = [result.fmod(position) for position in range(count)]
        self._blocks: list[list[pa.Array]] = [[] for _ in range(count)]
        self._transformer = Transformer(connection)
        self._transformer.set_pgresult(result, set_loaders=False)
        self._transformer.set_loader_types(
            [oid if oid in _READ else _TEXT for oid in self._types], pq.Format.TEXT
        )
        self.rows = 0

    def add(self, result: PGresult, limit: int | None) -> tuple[int, int]:
        """Add the rows of a block, ``limit`` of them in all.

        Returns:
            How many these are, and the bytes that they take.
        """
        count = result.ntuples if limit is None else min(result.ntuples, limit - self.rows)
        if count <= 0:
            return 0, 0
        self._transformer.set_pgresult(result, set_loaders=False)
        columns = zip(*self._transformer.load_rows(0, count, tuple), strict=True)
        size = 0
        for blocks, oid, values in zip(self._blocks, self._types, columns, strict=True):
            blocks.append(pa.array(values, _READ.get(oid, pa.string())))
            size += blocks[-1].nbytes
        self.rows += count
        return count, size

    def finished(self) -> Rows:
        """All rows with the types of docs/types.md; remarks name the columns that could not have theirs."""
        columns, remarks = [], []
        for position, (name, oid) in enumerate(zip(self._names, self._types, strict=True)):
            blocks, self._blocks[position] = self._blocks[position], []
            column = pa.chunked_array(blocks, _READ.get(oid, pa.string()))
            plain, remark = _plain(column, oid, self._modifiers[position])
            columns.append(plain)
            if remark:
                remarks.append(f'Column "{name}" {remark}')
        return Rows(pa.Table.from_arrays(columns, names=self._names), remarks)


def _plain(column: pa.ChunkedArray, oid: int, modifier: int) -> tuple[pa.ChunkedArray, str | None]:
    if oid == _NUMERIC:
        return decimals(column, modifier)
    if oid in (_BYTEA, _VARBYTE):
        return _bytes(column), None
    if oid not in _NAMES:
        return column, None
    try:
        return _times(column) if oid == _TIME else column.cast(_CAST[oid]), None
    except pa.ArrowInvalid:
        return column, f"holds values that {_NAMES[oid]} in Python can not, and is given as text."


def _times(column: pa.ChunkedArray) -> pa.ChunkedArray:
    # Arrow reads a time from text only behind a date.
    moments = pc.binary_join_element_wise("1970-01-01", column, " ").cast(pa.timestamp("us"))
    return moments.cast(pa.time64("us"))


def _bytes(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Hexadecimal digits, PostgreSQL's with ``\\x`` in front, as bytes."""
    digits: Sequence[str] = pc.replace_substring(column.fill_null(""), "\\x", "").to_pylist()
    values = pa.chunked_array([pa.array(map(bytes.fromhex, digits), pa.binary())])
    return pc.if_else(column.is_valid(), values, None) if column.null_count else values
