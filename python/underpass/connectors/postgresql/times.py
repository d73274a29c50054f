"""Dates and times: those that Python has none for become text, so that nothing is lost."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute

# Its functions are made at run time, unknown to type checkers.
pc: Any = pyarrow.compute

_DAY = 86_400_000_000
#: 0001-01-01 and 9999-12-31, in days since 1970: what Python and pandas can show.
_FIRST_DAY, _LAST_DAY = -719_162, 2_932_896
#: Days from Arrow's epoch, 1970, to PostgreSQL's, 2000. Infinities are the extremes of PostgreSQL's numbers;
#: the driver moves them to Arrow's epoch, where the positive one overflows.
_EPOCH = 10_957


def plain_dates(column: pa.ChunkedArray) -> tuple[pa.ChunkedArray, str | None]:
    """Unchanged, unless there are infinite values or years that Python does not have."""
    is_date = pa.types.is_date32(column.type)
    numbers = column.cast(pa.int32() if is_date else pa.int64())
    extremes = pc.min_max(numbers).as_py()
    unit = 1 if is_date else _DAY
    first, last = _FIRST_DAY * unit, (_LAST_DAY + 1) * unit - 1
    if extremes["min"] is None or (first <= extremes["min"] and extremes["max"] <= last):
        return column, None
    least = -(2**31) if is_date else -(2**63)
    minus, plus = [least, least + _EPOCH * unit], [-least - 1, least + _EPOCH * unit - 1]
    is_plus = pc.is_in(numbers, pa.array(plus, numbers.type))
    is_minus = pc.is_in(numbers, pa.array(minus, numbers.type))
    text = pc.if_else(pc.or_(is_plus, is_minus), None, numbers).cast(column.type).cast(pa.string())
    text = pc.if_else(is_minus, "-infinity", pc.if_else(is_plus, "infinity", text))
    return text, "holds infinity or years outside 1 to 9999 and is given as text."


def plain_times(column: pa.ChunkedArray) -> tuple[pa.ChunkedArray, str | None]:
    """Unchanged, unless there is the end of a day, for which Python has no time."""
    numbers = column.cast(pa.int64())
    is_end = pc.greater_equal(numbers, _DAY)
    if not pc.any(is_end).as_py():
        return column, None
    text = pc.if_else(is_end, None, numbers).cast(column.type).cast(pa.string())
    return pc.if_else(is_end, "24:00:00", text), "holds 24:00:00 and is given as text."
