"""What a table takes besides itself while it becomes one of another kind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    from .arguments import Decimals, Frame

#: Bytes of a Python object of these kinds and of the pointer to it, without what it holds.
_TEXT, _BYTES, _TIME, _NESTED = 57, 41, 48, 160
#: polars points to each text with as many bytes.
_VIEW = 16


def on_top(table: pa.RecordBatch | pa.Table, kind: Frame, decimals: Decimals) -> int:
    """Bytes, at most; some columns need none, as both sides share them."""
    if kind == "pandas":
        return sum(_for_pandas(column, decimals) for column in _columns(table))
    floats = decimals == "float" and 8
    return sum(
        (len(column) * floats if pa.types.is_decimal(column.type) else 0)
        + (_for_polars(column) if kind == "polars" else 0)
        for column in _columns(table)
    )


def _columns(table: pa.RecordBatch | pa.Table) -> Iterator[pa.Array | pa.ChunkedArray]:
    """Without those of the few types that pyarrow has no class for: intervals of months, say."""
    for index in range(table.num_columns):
        try:
            column = table.column(index)
        except KeyError:
            continue
        yield column


def _for_pandas(column: pa.Array | pa.ChunkedArray, decimals: Decimals) -> int:
    kind, count = column.type, len(column)
    if pa.types.is_decimal(kind):
        return 8 * count if decimals == "float" else 0
    if _is_text(kind):
        # Offsets of eight bytes instead of four; in older versions, an object for each.
        return 8 * count if _texts_are_arrow() else column.nbytes + _TEXT * count
    if _is_bytes(kind):
        return column.nbytes + _BYTES * count
    if pa.types.is_time(kind):
        return _TIME * count
    if pa.types.is_nested(kind):
        return 4 * column.nbytes + _NESTED * count
    # Numbers, times, booleans: a value, and maybe whether there is one.
    return 9 * count


def _for_polars(column: pa.Array | pa.ChunkedArray) -> int:
    if _is_text(column.type) or _is_bytes(column.type):
        return column.nbytes + _VIEW * len(column)
    return column.nbytes if pa.types.is_nested(column.type) else 0


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_string(kind) or pa.types.is_large_string(kind)


def _is_bytes(kind: pa.DataType) -> bool:
    return pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind)


def _texts_are_arrow() -> bool:
    import pandas as pd

    return int(pd.__version__.partition(".")[0]) >= 3
