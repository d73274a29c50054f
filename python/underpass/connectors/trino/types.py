"""From the protocol's JSON to Arrow.

Page by page, values become arrays of what JSON has: numbers, and text for all that JSON has no word for
(``stored``). Once all pages are there, whole columns are cast from text, in C (``finished``).
"""

from __future__ import annotations

import itertools
from binascii import a2b_base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import orjson
import pyarrow as pa

from .times import Finished, date, interval, time, timestamp, zoned_timestamp

#: ``TEXT`` for what JSON has as text.
NUMBERS: Mapping[str, pa.DataType] = {
    "boolean": pa.bool_(),
    "tinyint": pa.int8(),
    "smallint": pa.int16(),
    "integer": pa.int32(),
    "bigint": pa.int64(),
    "real": pa.float32(),
    "double": pa.float64(),
}
_FLOATS = ("real", "double")
_TEXT = ("varchar", "char", "json", "uuid", "ipaddress", "unknown")
#: Where the server writes the keys of a map in a way that nobody could read again.
_NESTED = ("array", "map", "row")

Array: TypeAlias = "pa.Array[Any]"


@dataclass(frozen=True)
class Type:
    """A type of Trino, such as ``decimal(12, 2)`` or ``row(x bigint)``."""

    name: str
    numbers: tuple[int, ...] = ()
    parts: tuple[Type, ...] = ()
    #: Of the fields of a row; those that have none are called by their place.
    names: tuple[str, ...] = ()

    @classmethod
    def parse(cls, signature: Mapping[str, Any]) -> Type:
        """Read a ``typeSignature``."""
        numbers: list[int] = []
        parts: list[Type] = []
        names: list[str] = []
        for argument in signature.get("arguments", ()):
            kind, value = argument["kind"], argument["value"]
            if kind == "LONG":
                numbers.append(int(value))
            elif kind == "TYPE":
                parts.append(cls.parse(value))
            elif kind == "NAMED_TYPE":
                name = (value.get("fieldName") or {}).get("name") or f"field{len(names)}"
                names.append(name if name not in names else f"{name}_{len(names)}")
                parts.append(cls.parse(value["typeSignature"]))
        return cls(str(signature["rawType"]).lower(), tuple(numbers), tuple(parts), tuple(names))


def stored(values: Sequence[Any], kind: Type, *, key: bool = False) -> Array:
    """Values of one page as JSON has them. Keys of maps are always text there."""
    if key:
        return pa.array(list(map(a2b_base64, values)) if kind.name == "varbinary" else values)
    if kind.name in NUMBERS:
        if kind.name in _FLOATS:
            return _floats(values, NUMBERS[kind.name])
        return pa.array(values, NUMBERS[kind.name])
    if kind.name == "varbinary":
        return pa.array(_binary(values), pa.binary())
    if kind.name == "array":
        return _lists(values, kind)
    if kind.name == "map":
        return _maps(values, kind)
    if kind.name == "row":
        return _rows(values, kind)
    try:
        return pa.array(values, pa.string())
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        # A type that this version of the protocol's reader has not seen.
        return pa.array([value if value is None else _json(value) for value in values], pa.string())


def finished(column: pa.ChunkedArray[Any] | Array, kind: Type, *, nested: bool = False) -> Finished:
    """The column with the type of docs/types.md, and a remark if it could not have it."""
    precision = kind.numbers[0] if kind.numbers else 3
    if kind.name == "decimal":
        return column.cast(pa.decimal128(*kind.numbers)), None
    if kind.name == "date":
        return date(column)
    if kind.name == "time":
        return time(column, precision)
    if kind.name == "timestamp":
        return timestamp(column, precision)
    if kind.name == "timestamp with time zone" and not nested:
        # The arrays that pandas makes of lists have no zone.
        return zoned_timestamp(column, precision)
    if kind.name == "interval day to second":
        return interval(column)
    if kind.name in NUMBERS and column.type != NUMBERS[kind.name]:
        # A map's keys.
        return column.cast(NUMBERS[kind.name]), None
    if kind.name in _NESTED:
        return _nested(column, kind)
    return column, None


def _nested(column: pa.ChunkedArray[Any] | Array, kind: Type) -> Finished:
    array: Any = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(array, pa.ChunkedArray):
        array = pa.concat_arrays(array.chunks) if array.num_chunks else pa.array([], array.type)
    mask = array.is_null() if array.null_count else None
    if kind.name == "row":
        children = [finished(array.field(n), part, nested=True) for n, part in enumerate(kind.parts)]
        made: Any = pa.StructArray.from_arrays([child for child, _ in children], list(kind.names), mask=mask)
        return made, _first(children)
    if kind.name == "map":
        keys = array.keys
        key, value = kind.parts
        finished_keys = (keys, None) if key.name in _NESTED else finished(keys, key, nested=True)
        items = finished(array.items, value, nested=True)
        made = pa.MapArray.from_arrays(array.offsets, finished_keys[0], items[0], mask=mask)
        return made, _first((finished_keys, items))
    values = finished(array.values, kind.parts[0], nested=True)
    return pa.ListArray.from_arrays(array.offsets, values[0], mask=mask), values[1]


def _first(children: Iterable[Finished]) -> str | None:
    return next((remark for _, remark in children if remark), None)


def _floats(values: Sequence[Any], kind: pa.DataType) -> Array:
    try:
        return pa.array(values, kind)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        # NaN and infinity, for which JSON has no numbers, come as text.
        return pa.array([None if value is None else float(value) for value in values], kind)


def _binary(values: Sequence[str | None]) -> list[bytes | None]:
    if None in values:
        return [None if value is None else a2b_base64(value) for value in values]
    return list(map(a2b_base64, values))  # pyright: ignore[reportArgumentType]


def _offsets(values: Sequence[Any]) -> tuple[Array, Array | None]:
    lengths = map(len, (value or () for value in values)) if None in values else map(len, values)
    offsets = pa.array(list(itertools.accumulate(lengths, initial=0)), pa.int32())
    return offsets, _missing(values)


def _missing(values: Sequence[Any]) -> Array | None:
    return pa.array([value is None for value in values]) if None in values else None


def _lists(values: Sequence[Any], kind: Type) -> Array:
    offsets, mask = _offsets(values)
    flat = list(itertools.chain.from_iterable(filter(None, values)))
    return pa.ListArray.from_arrays(offsets, stored(flat, kind.parts[0]), mask=mask)


def _maps(values: Sequence[Any], kind: Type) -> Array:
    offsets, mask = _offsets(values)
    maps: list[dict[str, Any]] = list(filter(None, values))
    keys = stored(list(itertools.chain.from_iterable(maps)), kind.parts[0], key=True)
    items = stored(list(itertools.chain.from_iterable(map(dict.values, maps))), kind.parts[1])
    return pa.MapArray.from_arrays(offsets, keys.cast(_key_type(kind.parts[0])), items, mask=mask)


def _key_type(kind: Type) -> pa.DataType:
    return pa.binary() if kind.name == "varbinary" else pa.string()


def _rows(values: Sequence[Any], kind: Type) -> Array:
    missing = (None,) * len(kind.parts)
    whole = [value or missing for value in values] if None in values else values
    columns: Iterable[Sequence[Any]] = zip(*whole, strict=True) if whole else [()] * len(kind.parts)
    children = [stored(column, part) for column, part in zip(columns, kind.parts, strict=True)]
    return pa.StructArray.from_arrays(children, list(kind.names), mask=_missing(values))


def _json(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()
