"""Documents as rows of an Arrow table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from underpass.connectors.base import Rows
from underpass.failure import fail

from .kinds import Kind, decimal_parts, decimals, exponents, json_text, kind_of
from .scan import (
    ARRAY,
    BINARY,
    BOOLEAN,
    DATE,
    DECIMAL,
    DOCUMENT,
    DOUBLE,
    INT32,
    INT64,
    NULL,
    OBJECT_ID,
    UNDEFINED,
    Bytes,
    Chunk,
    Column,
    Columns,
    Positions,
    chunks_of,
    integers,
)

_HEX = np.frombuffer(b"".join(b"%02x" % number for number in range(256)), np.uint8).reshape(256, 2)
#: Where the digits of a UUID stand in its text.
_UUID_DIGITS = np.array([place for place in range(36) if place not in (8, 13, 18, 23)])


#: Cells of a table from which on at least one of ``_EMPTIEST`` has to hold something: all take memory.
_CELLS = 100_000_000
_EMPTIEST = 100


class Documents:
    """Takes batches of documents as they come; looks at each at once, converts them when all are there."""

    def __init__(self) -> None:
        self._chunks: list[Chunk] = []

    def add(self, batch: bytes) -> tuple[int, int]:
        """Take the documents of a batch, one behind the other.

        Returns:
            How many these are, and the bytes that they take: as they came, where their values stand, and once
            more as a table.
        """
        chunks = list(chunks_of(batch))
        self._chunks += chunks
        size = 2 * len(batch) + sum(chunk.nbytes for chunk in chunks)
        return sum(chunk.count for chunk in chunks), size

    @property
    def count(self) -> int:
        return sum(chunk.count for chunk in self._chunks)

    def rows(self, limit: int | None = None) -> Rows:
        """All of them; columns in the order in which keys were first seen."""
        columns: dict[str, list[tuple[Bytes, Column]]] = {}
        for chunk in self._chunks:
            for name, column in chunk.columns.items():
                columns.setdefault(name, []).append((chunk.data, column))
        self._check_size(columns)
        remarks: list[str] = []
        kinds = {name: kind_of(parts, name, remarks) for name, parts in columns.items()}
        made: dict[str, list[pa.Array]] = {name: [] for name in kinds}
        for chunk in self._chunks:
            for name, kind in kinds.items():
                made[name].append(_array(chunk.data, chunk.columns.get(name), chunk.count, kind))
        arrays = [pa.chunked_array(made.pop(name), kind.type) for name, kind in kinds.items()]
        table = pa.Table.from_arrays(arrays, list(kinds))
        # A slice of a table without columns would have as many rows as are asked for.
        return Rows(table if limit is None or limit >= table.num_rows else table.slice(0, limit), remarks)

    def _check_size(self, columns: Mapping[str, Sequence[tuple[Bytes, Column]]]) -> None:
        cells = self.count * len(columns)
        if cells <= _CELLS:
            return
        held = sum(
            len(rows)
            for parts in columns.values()
            for _, column in parts
            for rows, _ in column.values.values()
        )
        if held * _EMPTIEST < cells:
            raise fail(
                "query-failed",
                "query",
                f"The {self.count} documents have {len(columns)} different keys, few of them each: "
                "a table of that would be too large.",
                "Name the keys that you need in a projection, or put a limit.",
            )


def _array(data: Bytes, column: Column | None, count: int, kind: Kind) -> pa.Array:
    if column is None or kind.type == pa.null():
        return pa.nulls(count, kind.type)
    if kind.form == "struct":
        return _structs(data, column, kind)
    if kind.form == "list":
        return _lists(data, column, kind)
    if kind.form in ("text", "decimal", "decimal-text"):
        return _one_by_one(data, column, kind)
    if kind.form == "small-decimal":
        return _small_decimals(data, column, kind)
    if kind.form == "hex":
        rows, at = column.values.get(OBJECT_ID, _nothing())
        text = _HEX[data[at[:, None] + np.arange(12)]].reshape(-1)
        return _texts(rows, np.full(len(rows), 24), text, count, kind.type)
    if kind.form == "uuid":
        rows, at = column.values.get(BINARY, _nothing())
        text = np.full((len(rows), 36), ord("-"), np.uint8)
        text[:, _UUID_DIGITS] = _HEX[data[at[:, None] + np.arange(5, 21)]].reshape(-1, 32)
        return _texts(rows, np.full(len(rows), 36), text.reshape(-1), count, kind.type)
    if pa.types.is_string(kind.type) or pa.types.is_binary(kind.type):
        return _slices(data, column, kind)
    return _numbers(data, column, kind)


def _nothing() -> tuple[Positions, Positions]:
    return np.zeros(0, np.int64), np.zeros(0, np.int64)


def _numbers(data: Bytes, column: Column, kind: Kind) -> pa.Array:
    widths = {INT32: "<i4", INT64: "<i8", DOUBLE: "<f8", DATE: "<i8", BOOLEAN: "u1"}
    numpy_type = "f8" if pa.types.is_floating(kind.type) else "?" if pa.types.is_boolean(kind.type) else "i8"
    values = np.zeros(column.count, numpy_type)
    missing = np.ones(column.count, bool)
    for each, (rows, at) in column.values.items():
        if each in widths:
            values[rows] = integers(data, at, widths[each])
            missing[rows] = False
    mask = missing if missing.any() else None
    if pa.types.is_timestamp(kind.type):
        return pa.array(values, pa.int64(), mask=mask).view(kind.type)
    return pa.array(values, kind.type, mask=mask, from_pandas=False)


def _slices(data: Bytes, column: Column, kind: Kind) -> pa.Array:
    """Texts and bytes: a length, then the content; texts have a zero at the end, bytes a type in front."""
    is_text = pa.types.is_string(kind.type)
    wanted = [each for each in column.values if each not in (NULL, UNDEFINED)]
    rows, at = column.values[wanted[0]] if wanted else _nothing()
    before = 4 if is_text else 9 if kind.form == "old-binary" else 5
    lengths = integers(data, at, "<i4").astype(np.int64) - (1 if is_text else before - 5)
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    # The place of each byte: steps of one, and a jump where the next text begins.
    places = np.repeat(at + before - (ends - lengths), lengths) + np.arange(total)
    made = _texts(rows, lengths, data[places], column.count, kind.type)
    made.validate(full=True)
    return made


def _texts(
    rows: Positions, lengths: NDArray[np.integer], content: Bytes, count: int, kind: pa.DataType
) -> pa.Array:
    all_lengths = np.zeros(count, np.int32)
    all_lengths[rows] = lengths
    offsets = np.zeros(count + 1, np.int32)
    np.cumsum(all_lengths, out=offsets[1:])
    buffers = [_valid(rows, count), pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(content))]
    return pa.Array.from_buffers(kind, count, buffers)


def _valid(rows: Positions, count: int) -> pa.Buffer | None:
    """Arrow's bits for the rows that have a value; none if all have."""
    if len(rows) == count:
        return None
    present = np.zeros(count, bool)
    present[rows] = True
    return pa.py_buffer(np.packbits(present, bitorder="little"))


def _structs(data: Bytes, column: Column, kind: Kind) -> pa.Array:
    rows, _ = column.values.get(DOCUMENT, _nothing())
    inner: Columns = column.children or {}
    arrays = [_array(data, inner.get(name), len(rows), child) for name, child in kind.children]
    made = pa.StructArray.from_arrays(arrays, fields=list(kind.type))
    return made if len(rows) == column.count else made.take(_spread(rows, column.count))


def _lists(data: Bytes, column: Column, kind: Kind) -> pa.Array:
    rows, _ = column.values.get(ARRAY, _nothing())
    counts, elements = column.elements or (np.zeros(0, np.int64), Column(0))
    offsets = np.zeros(len(rows) + 1, np.int32)
    np.cumsum(counts, out=offsets[1:])
    values = _array(data, elements, elements.count, kind.children[0][1])
    made = pa.ListArray.from_arrays(pa.array(offsets), values, type=kind.type)
    return made if len(rows) == column.count else made.take(_spread(rows, column.count))


def _spread(rows: Positions, count: int) -> pa.Array:
    """Which of the present values each row has, null for those without."""
    present = np.zeros(count, bool)
    present[rows] = True
    return pa.array(np.cumsum(present) - 1, pa.int64(), mask=~present)


def _small_decimals(data: Bytes, column: Column, kind: Kind) -> pa.Array:
    """Decimals of up to 18 digits, as 128 bits each."""
    values = np.zeros((column.count, 2), np.int64)
    rows, _ = column.values.get(DECIMAL, _nothing())
    if len(rows):
        upper, lower = decimal_parts(data, column)
        scaled = lower.astype(np.int64) * 10 ** (exponents(upper) + kind.type.scale)
        values[rows, 0] = np.where(upper >> np.uint64(63), -scaled, scaled)
        values[:, 1] = values[:, 0] >> 63
    buffers = [_valid(rows, column.count), pa.py_buffer(values)]
    return pa.Array.from_buffers(kind.type, column.count, buffers)


def _one_by_one(data: Bytes, column: Column, kind: Kind) -> pa.Array:
    """What has no other way: values of several types, rare types, long decimals."""
    values: list[object] = [None] * column.count
    if kind.form == "text":
        for each, (rows, at) in column.values.items():
            if each not in (NULL, UNDEFINED):
                for row, place in zip(rows, at, strict=True):
                    values[row] = json_text(data, each, int(place))
    else:
        rows = column.values.get(DECIMAL, _nothing())[0]
        for row, number in zip(rows, decimals(data, column), strict=True):
            values[row] = number if kind.form == "decimal" else str(number)
    return pa.array(values, kind.type)


def rows_of(documents: Iterable[bytes], limit: int | None = None) -> Rows:
    """The rows of batches that are all there."""
    gathered = Documents()
    for batch in documents:
        gathered.add(batch)
    return gathered.rows(limit)
