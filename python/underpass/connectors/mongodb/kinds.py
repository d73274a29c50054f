"""The Arrow type of a column, from the types that its values have in all documents.

One type of BSON's gives one of Arrow's; whole numbers and doubles give doubles where those hold them exactly.
What fits together in no other way becomes text: relaxed extended JSON, from which values can be read back.
"""

from __future__ import annotations

import decimal
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import bson
import numpy as np
import pyarrow as pa
from bson import json_util
from bson.codec_options import CodecOptions, DatetimeConversion
from numpy.typing import NDArray

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
    STRING,
    SYMBOL,
    UNDEFINED,
    Bytes,
    Column,
    integers,
    size_of,
)

#: Keys of documents in one column up to which it is a struct: more are a map with keys of its own.
_FIELDS = 100
_EXACT = 2**53
_UUID = 4
#: Milliseconds since 1970 of the first and the last moment of the calendar.
_FIRST, _LAST = -62_135_596_800_000, 253_402_300_799_999
_CODEC: CodecOptions[dict[str, Any]] = CodecOptions(
    tz_aware=True, datetime_conversion=DatetimeConversion.DATETIME_AUTO
)
_JSON = json_util.RELAXED_JSON_OPTIONS
_PLAIN: dict[int, pa.DataType] = {
    INT32: pa.int64(),
    INT64: pa.int64(),
    DOUBLE: pa.float64(),
    STRING: pa.string(),
    SYMBOL: pa.string(),
    OBJECT_ID: pa.string(),
    BOOLEAN: pa.bool_(),
    DATE: pa.timestamp("ms", tz="UTC"),
}
#: A part of a column and the bytes that it is in.
Part: TypeAlias = "tuple[Bytes, Column]"


@dataclass(frozen=True)
class Kind:
    """``form`` says how ``type`` is made: as ``text`` of extended JSON, as the usual text of a ``uuid``, …"""

    type: pa.DataType
    form: str = "plain"
    children: tuple[tuple[str, Kind], ...] = ()


_TEXT = Kind(pa.string(), "text")


def kind_of(parts: Sequence[Part], name: str, remarks: list[str]) -> Kind:
    """What holds all values of a column; adds to ``remarks`` where that is text against expectation.

    Args:
        parts: All of the column.
        name: For the remarks; of an inner column ``outer.inner``.
        remarks: One sentence each.
    """
    kinds = {kind for _, column in parts for kind in column.values} - {NULL, UNDEFINED}
    if not kinds:
        return Kind(pa.null())
    if kinds == {DOCUMENT}:
        return _struct(parts, name, remarks)
    if kinds == {ARRAY}:
        elements = [(data, column.elements[1]) for data, column in parts if column.elements]
        element = kind_of(elements, f"{name}[]", remarks)
        return Kind(pa.list_(element.type), "list", (("", element),))
    if kinds == {BINARY}:
        return _binary(parts, name, remarks)
    if kinds == {DECIMAL}:
        return _decimal(parts, name, remarks)
    if kinds == {DATE} and not _on_calendar(parts):
        remarks.append(f'"{name}" has dates outside of the years 1 to 9999; it is given as extended JSON.')
        return _TEXT
    types = {_PLAIN.get(kind) for kind in kinds}
    if kinds <= {INT32, INT64} or (len(kinds) == 1 and types != {None}):
        return Kind(types.pop(), "hex" if kinds == {OBJECT_ID} else "plain")
    if kinds <= {INT32, INT64, DOUBLE} and _exact(parts):
        return Kind(pa.float64())
    if len(kinds) > 1:
        remarks.append(f'"{name}" has values of several types; it is given as extended JSON.')
    return _TEXT


def _struct(parts: Sequence[Part], name: str, remarks: list[str]) -> Kind:
    inner: dict[str, list[Part]] = {}
    for data, column in parts:
        for key, child in (column.children or {}).items():
            inner.setdefault(key, []).append((data, child))
    if not 0 < len(inner) <= _FIELDS:
        if inner:
            remarks.append(f'"{name}" has more than {_FIELDS} keys; it is given as extended JSON.')
        return _TEXT
    children = tuple((key, kind_of(child, f"{name}.{key}", remarks)) for key, child in inner.items())
    return Kind(pa.struct([(key, child.type) for key, child in children]), "struct", children)


def _binary(parts: Sequence[Part], name: str, remarks: list[str]) -> Kind:
    subtypes = {
        int(subtype)
        for data, column in parts
        if BINARY in column.values
        for subtype in np.unique(data[column.values[BINARY][1] + 4])
    }
    if subtypes == {_UUID} and all(
        (integers(data, column.values[BINARY][1], "<i4") == 16).all()
        for data, column in parts
        if BINARY in column.values
    ):
        return Kind(pa.string(), "uuid")
    if len(subtypes) > 1:
        remarks.append(f'"{name}" has bytes of several subtypes; it is given as extended JSON.')
        return _TEXT
    return Kind(pa.binary(), "old-binary" if subtypes == {2} else "plain")


def _exact(parts: Sequence[Part]) -> bool:
    """Whether doubles can hold all of the whole numbers."""
    longs = (integers(data, c.values[INT64][1], "<i8") for data, c in parts if INT64 in c.values)
    return all(bool(((each <= _EXACT) & (each >= -_EXACT)).all()) for each in longs)


def _on_calendar(parts: Sequence[Part]) -> bool:
    """Whether Python and pandas can show all of the dates."""
    dates = (integers(data, c.values[DATE][1], "<i8") for data, c in parts if DATE in c.values)
    return all(bool(((each >= _FIRST) & (each <= _LAST)).all()) for each in dates)


def decimal_parts(data: Bytes, column: Column) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """The upper and lower halves of a column's decimals."""
    places = column.values[DECIMAL][1]
    return integers(data, places + 8, "<u8"), integers(data, places, "<u8")


def exponents(upper: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Of finite decimals whose digits fit into the usual form."""
    return ((upper >> np.uint64(49)) & np.uint64(0x3FFF)).astype(np.int64) - 6176


def _decimal(parts: Sequence[Part], name: str, remarks: list[str]) -> Kind:
    least, small = 0, True
    for data, column in parts:
        if DECIMAL not in column.values:
            continue
        upper, lower = decimal_parts(data, column)
        if ((upper >> np.uint64(61)) & np.uint64(3) == 3).any():
            return _text_of_decimals(name, remarks)
        some = exponents(upper)
        least = min(least, int(some.min()))
        small = small and not (upper & np.uint64((1 << 49) - 1)).any() and bool((lower < 10**15).all())
        small = small and bool((some <= 0).all())
    if small and least >= -3:
        # Up to 18 digits in all.
        return Kind(pa.decimal128(38, -least), "small-decimal")
    values = [number for data, column in parts for number in decimals(data, column)]
    scale = max(-least, 0)
    if all(number.adjusted() + 1 + scale <= 38 for number in values) and scale <= 38:
        return Kind(pa.decimal128(38, scale), "decimal")
    return _text_of_decimals(name, remarks)


def _text_of_decimals(name: str, remarks: list[str]) -> Kind:
    remarks.append(f'"{name}" has decimals without a number or of more than 38 digits; it is given as text.')
    return Kind(pa.string(), "decimal-text")


def decimals(data: Bytes, column: Column) -> list[decimal.Decimal]:
    """The decimals of a column, one by one."""
    places = column.values.get(DECIMAL, ((), ()))[1]
    return [bson.Decimal128.from_bid(data[at : at + 16].tobytes()).to_decimal() for at in places]


def json_text(data: Bytes, kind: int, at: int) -> str:
    """One value as relaxed extended JSON."""
    value = data[at : at + size_of(data, kind, at)].tobytes()
    document = (len(value) + 7).to_bytes(4, "little") + bytes([kind, 0]) + value + b"\0"
    return json_util.dumps(bson.decode(document, _CODEC)[""], json_options=_JSON)
