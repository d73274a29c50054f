"""PostgreSQL's ``numeric``, which drivers give as text, as decimal128."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute

# Its functions are made at run time, unknown to type checkers.
pc: Any = pyarrow.compute

_DIGITS = 38
#: typmod of numeric(p, s) is ((p << 16) | s) + 4, with s in 11 bits.
_TYPMOD_OFFSET = 4


def decimals(column: pa.ChunkedArray, typmod: int) -> tuple[pa.ChunkedArray, str | None]:
    """Text as decimal128: of the precision that ``typmod`` says, else of the one that the values need.

    Returns:
        The column, and what to remark where it had to stay text.
    """
    precision, scale = (typmod - _TYPMOD_OFFSET) >> 16, (typmod - _TYPMOD_OFFSET) & 0x7FF
    declared_scale = scale - 2048 if scale > 1023 else scale
    if typmod < _TYPMOD_OFFSET or not 0 <= declared_scale <= precision:
        # numeric(3, 5) and numeric(3, -2) are none of Arrow's types, but what they hold fits into one.
        whole, declared_scale = _digits(column)
        # A digit before the point, if there is room for it.
        precision = max(whole + declared_scale, min(1 + declared_scale, _DIGITS))
    elif (pc.max(pc.utf8_length(column)).as_py() or 0) + declared_scale > _DIGITS:
        # Arrow takes more digits than there is room for, and makes other numbers of them.
        precision = max(precision, _digits(column)[0] + declared_scale)
    if precision <= _DIGITS:
        try:
            return column.cast(pa.decimal128(precision, declared_scale)), None
        except pa.ArrowInvalid:
            # NaN or infinity.
            pass
    return column, "holds NaN, infinity or more than 38 digits and is given as text."


def _digits(column: pa.ChunkedArray) -> tuple[int, int]:
    """Most digits before the point, and behind it."""
    column = pc.utf8_ltrim(column, "-0")
    length, point = pc.utf8_length(column), pc.find_substring(column, ".")
    has_point = pc.greater_equal(point, 0)
    scale = pc.max(pc.if_else(has_point, pc.subtract(pc.subtract(length, point), 1), 0)).as_py() or 0
    whole = pc.max(pc.if_else(has_point, point, length)).as_py() or 0
    return whole, scale
