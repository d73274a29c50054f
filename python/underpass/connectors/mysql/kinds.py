"""The types of columns: what each becomes in Arrow, from the server's text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute

from .reading import Definition

# Its functions are made at run time, unknown to type checkers.
pc: Any = pyarrow.compute

TINY, SHORT, LONG, FLOAT, DOUBLE, NULL, TIMESTAMP, LONGLONG, INT24 = 1, 2, 3, 4, 5, 6, 7, 8, 9
DATE, TIME, DATETIME, YEAR, NEWDATE, BIT, JSON = 10, 11, 12, 13, 14, 16, 245
DECIMAL, NEWDECIMAL, VECTOR, GEOMETRY = 0, 246, 242, 255

INTEGERS = {TINY: 8, SHORT: 16, INT24: 32, LONG: 32, LONGLONG: 64}
MOMENT = pa.timestamp("us")
#: Of numbers whose digits behind the point nobody declared, what stands for how many.
_ANY = 31
_FLOAT_DIGITS = 6
#: Of Arrow's decimal128.
DIGITS = 38
#: Of its decimal256.
_WIDE = 76
#: Characters of ``2024-12-31 23:59:59``.
_SECONDS = 19

#: Whole column, and a remark about it.
Settled: TypeAlias = tuple[pa.ChunkedArray, str | None]


def text_of(values: pa.Array) -> pa.Array:
    """Bytes as text.

    Raises:
        ArrowInvalid: they are not UTF-8.
    """
    return values.cast(pa.string())


def _as_is(values: pa.Array) -> pa.Array:
    return values


def _settled(column: pa.ChunkedArray) -> Settled:
    return column, None


@dataclass(frozen=True)
class Kind:
    """How a column is converted, chunk by chunk.

    A chunk that ``read`` refuses with ArrowInvalid makes the whole column text; ``otherwise`` is the remark.
    """

    #: What ``read`` makes.
    arrow: pa.DataType
    #: From the bytes of the server's text.
    read: Callable[[pa.Array], pa.Array]
    otherwise: str = "could not be read and is given as text."
    #: The server's text again.
    write: Callable[[pa.Array], pa.Array] = field(default=lambda values: values.cast(pa.string()))
    #: The last step, with all chunks together; not of a column that became text.
    settle: Callable[[pa.ChunkedArray], Settled] = _settled


def kind_of(column: Definition, offset: timedelta | None) -> Kind:
    """The type of a column as docs/types.md has it.

    Args:
        column: As the server announces it.
        offset: The session's time zone as a distance from UTC, if it is that.
    """
    if bits := INTEGERS.get(column.type):
        return _cast(getattr(pa, f"{'u' if column.unsigned else ''}int{bits}")())
    if column.type == DOUBLE:
        return _cast(pa.float64())
    if column.type == FLOAT:
        return _cast(pa.float32()) if column.decimals < _ANY else _float()
    if column.type in (DECIMAL, NEWDECIMAL):
        return _decimal(column)
    if column.type in (DATE, NEWDATE):
        return _cast(pa.date32(), otherwise="holds dates that do not exist and is given as text.")
    if column.type in (DATETIME, TIMESTAMP):
        return _moment(column, offset)
    if column.type == TIME:
        return Kind(pa.duration("us"), durations)
    if column.type == YEAR:
        return _cast(pa.int16())
    if column.type == BIT:
        kind = pa.bool_() if column.length == 1 else pa.uint64()
        return Kind(kind, lambda values: bits_of(values).cast(kind))
    if column.type not in (JSON, NULL) and (column.binary or column.type in (GEOMETRY, VECTOR)):
        return Kind(pa.binary(), _as_is)
    return Kind(pa.string(), text_of)


def _cast(kind: pa.DataType, **options: Any) -> Kind:
    return Kind(kind, lambda values: text_of(values).cast(kind), **options)


def _float() -> Kind:
    """As text the server writes a FLOAT with six digits, fewer than it has."""
    rounded = False

    def read(values: pa.Array) -> pa.Array:
        nonlocal rounded
        text = text_of(values)
        digits = pc.utf8_ltrim(pc.replace_substring_regex(text, "e.*|[-.]", ""), characters="0")
        rounded = rounded or (pc.max(pc.utf8_length(digits)).as_py() or 0) >= _FLOAT_DIGITS
        return text.cast(pa.float32())

    def settle(column: pa.ChunkedArray) -> Settled:
        return (
            column,
            "is rounded to six digits by the server; CAST(… AS DOUBLE) gives all." if rounded else None,
        )

    return Kind(pa.float32(), read, settle=settle)


def _decimal(column: Definition) -> Kind:
    scale = column.decimals
    # The length counts a sign and a point, too.
    precision = column.length - (scale > 0) - (not column.unsigned)
    if 0 < precision <= DIGITS and scale <= precision:
        kind = pa.decimal128(precision, scale)
        return Kind(kind, lambda values: decimals(text_of(values), kind))

    def settle(column: pa.ChunkedArray) -> Settled:
        try:
            return decimals(column, pa.decimal128(DIGITS, scale)), None
        except pa.ArrowInvalid:
            return column, f"holds more than {DIGITS} digits and is given as text."

    # Sums are declared much wider than their values are: those decide.
    return Kind(pa.string(), text_of, settle=settle)


def decimals(text: Any, kind: pa.Decimal128Type) -> Any:
    """Numbers as decimals; Arrow's own cast to 128 bits takes more digits than they hold for other numbers.

    Raises:
        ArrowInvalid: a number does not fit.
    """
    length = pc.max(pc.utf8_length(text)).as_py() or 0
    if length + kind.scale <= DIGITS:
        return text.cast(kind)
    point = pc.find_substring(text, ".")
    whole = pc.max(pc.if_else(pc.less(point, 0), pc.utf8_length(text), point)).as_py() or 0
    if length > _WIDE or whole + kind.scale > _WIDE:
        raise pa.ArrowInvalid("too many digits")
    return text.cast(pa.decimal256(_WIDE, kind.scale)).cast(kind)


def _moment(column: Definition, offset: timedelta | None) -> Kind:
    length = _SECONDS + (column.decimals + 1 if 0 < column.decimals <= 6 else 0)

    def write(values: pa.Array) -> pa.Array:
        return pc.utf8_slice_codeunits(values.cast(pa.string()), 0, length)

    def with_zone(values: pa.ChunkedArray) -> Settled:
        if offset is None:
            return values, "is given without a time zone: that of the session is none that Arrow can undo."
        return pc.subtract(values, pa.scalar(offset, pa.duration("us"))).cast(pa.timestamp("us", "UTC")), None

    return _cast(
        MOMENT,
        otherwise="holds times that do not exist and is given as text.",
        write=write,
        settle=with_zone if column.type == TIMESTAMP else _settled,
    )


def durations(values: pa.Array) -> pa.Array:
    """``-838:59:59.5`` as microseconds."""
    text = text_of(values)
    parts = pc.split_pattern(pc.utf8_ltrim(text, characters="-"), ":")
    hours, minutes = (pc.list_element(parts, index).cast(pa.int64()) for index in (0, 1))
    # Exact: fewer than sixteen digits.
    seconds = pc.multiply(pc.list_element(parts, 2).cast(pa.float64()), 1e6)
    minutes = pc.add(pc.multiply(hours, 60), minutes)
    total = pc.add(pc.multiply(minutes, 60_000_000), pc.round(seconds).cast(pa.int64()))
    return pc.if_else(pc.starts_with(text, "-"), pc.negate(total), total).cast(pa.duration("us"))


def bits_of(values: pa.Array) -> pa.Array:
    """Big-endian bytes, at most eight and for all values equally many, as numbers."""
    numbers = np.zeros(len(values), np.uint64)
    missing = values.is_null().to_numpy(zero_copy_only=False)
    there = values.drop_null()
    if len(there):
        start, end = np.frombuffer(there.buffers()[1], np.int32)[[0, len(there)]]
        digits = np.frombuffer(there.buffers()[2], np.uint8)[start:end].reshape(len(there), -1)
        value = np.zeros(len(there), np.uint64)
        for digit in digits.T:
            value = (value << np.uint64(8)) | digit
        numbers[~missing] = value
    return pa.array(numbers, mask=missing)
