"""Numbers that are too long for Arrow's integers: as decimals of 38 digits, or as text."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute

# Its functions are made at run time, unknown to type checkers.
pc: Any = pyarrow.compute

_DIGITS = 38
_LIMIT = Decimal(10) ** _DIGITS
TOO_LONG = "holds numbers of more than 38 digits and is given as text."


def wide_integers(column: pa.ChunkedArray, *, signed: bool) -> tuple[pa.ChunkedArray, str | None]:
    """Of 16 or 32 bytes each, the lowest first."""
    width = column.type.byte_width
    if width == 16 and not signed:
        column, width = _widened(column), 32
    kind = pa.decimal128(_DIGITS, 0) if width == 16 else pa.decimal256(2 * _DIGITS, 0)
    # Arrow's decimals are laid out like this, too.
    chunks = [
        pa.Array.from_buffers(kind, len(chunk), cast(Any, chunk.buffers()), offset=chunk.offset)
        for chunk in column.chunks
    ]
    numbers = pa.chunked_array(chunks, kind)
    extremes = pc.min_max(numbers).as_py()
    # What has all 256 bits and no sign seems to be negative.
    least = -_LIMIT if signed else Decimal(-1)
    if extremes["min"] is None or (least < extremes["min"] and extremes["max"] < _LIMIT):
        return numbers.cast(pa.decimal128(_DIGITS, 0)), None
    text = each_value_once(column, lambda value: str(int.from_bytes(value, "little", signed=signed)))
    return text, TOO_LONG


def _widened(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """16 bytes without sign as 32 bytes."""
    chunks = []
    for chunk in column.chunks:
        raw = np.frombuffer(chunk.buffers()[1] or b"", dtype=np.uint8)
        wide = np.zeros((len(chunk), 32), dtype=np.uint8)
        wide[:, :16] = raw[chunk.offset * 16 : (chunk.offset + len(chunk)) * 16].reshape(-1, 16)
        filled = pa.FixedSizeBinaryArray.from_buffers(pa.binary(32), len(chunk), [None, pa.py_buffer(wide)])
        chunks.append(pc.if_else(chunk.is_valid(), filled, None) if chunk.null_count else filled)
    return pa.chunked_array(chunks, pa.binary(32))


def long_decimals(column: pa.ChunkedArray) -> tuple[pa.ChunkedArray, str | None]:
    """Decimals of up to 76 digits."""
    if column.type.scale <= _DIGITS:
        try:
            return column.cast(pa.decimal128(_DIGITS, column.type.scale)), None
        except pa.ArrowInvalid:
            pass
    return column.cast(pa.string()), TOO_LONG


def brain_floats(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """BFloat16, the upper half of a Float32, of two bytes each."""
    fixed = column.cast(pa.binary(2))
    chunks = []
    for chunk in fixed.chunks:
        raw = np.frombuffer(chunk.buffers()[1] or b"", dtype="<u2")[chunk.offset : chunk.offset + len(chunk)]
        floats = (raw.astype(np.uint32) << 16).view(np.float32)
        mask = np.asarray(chunk.is_null()) if chunk.null_count else None
        chunks.append(pa.array(floats, mask=mask))
    return pa.chunked_array(chunks, pa.float32())


def each_value_once(column: pa.ChunkedArray, write: Callable[[Any], str]) -> pa.ChunkedArray:
    """``write`` of every value; called once for each that there is."""
    values = pc.unique(column)
    texts = pa.array([None if value is None else write(value) for value in values.to_pylist()], pa.string())
    return cast(pa.ChunkedArray, pc.take(texts, pc.index_in(column, value_set=values)))
