"""From ClickHouse's Arrow to the types of a result.

Arrow has fewer types than ClickHouse: a DateTime comes as a whole number, an Enum too, an Int128 as bytes. So
does the rest of what is ambiguous; ``is_ambiguous`` says when the server must be asked for its own types. A
column whose values do not fit into the natural type becomes text (or bytes), and a remark says so.
"""

from __future__ import annotations

import functools
import zoneinfo
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute

from underpass.connectors.base import Rows
from underpass.connectors.uuids import uuid_text

from .addresses import ipv4_text, ipv6_text
from .numbers import brain_floats, each_value_once, long_decimals, wide_integers
from .typenames import Kind

# Its functions are made at run time, unknown to type checkers.
pc: Any = pyarrow.compute

#: A column and a remark about it, without its name.
Plain: TypeAlias = tuple[pa.ChunkedArray, str | None]

_DAY = 86_400
_UNKNOWN = Kind("")


def is_ambiguous(kind: pa.DataType) -> bool:
    """Whether several types of ClickHouse come as this one."""
    if pa.types.is_nested(kind):
        return any(is_ambiguous(kind.field(index).type) for index in range(kind.num_fields))
    plain = (pa.uint16(), pa.uint32(), pa.int8(), pa.int16(), pa.binary())
    return kind in plain or pa.types.is_fixed_size_binary(kind)


def plain_table(table: pa.Table, names: Sequence[str] | None, zone: str) -> Rows:
    """The table with the types of docs/types.md; remarks name the columns that could not have theirs.

    Args:
        table: As the server wrote it.
        names: ClickHouse's types of its columns, where they were asked for.
        zone: Time zone of what names none.
    """
    kinds = [Kind.parse(name) for name in names] if names is not None else [_UNKNOWN] * table.num_columns
    columns, remarks = [], []
    for name, column, kind in zip(table.column_names, table.columns, kinds, strict=True):
        plain, remark = _plain(column, kind, zone)
        columns.append(plain)
        if remark:
            remarks.append(f'Column "{name}" {remark}')
    return Rows(pa.Table.from_arrays(columns, names=table.column_names), remarks)


def _plain(column: pa.ChunkedArray, kind: Kind, zone: str) -> Plain:
    arrow = column.type
    if isinstance(arrow, pa.DictionaryType):
        return _plain(column.cast(arrow.value_type), kind, zone)
    if isinstance(arrow, pa.BaseExtensionType):
        storage = pa.chunked_array([chunk.storage for chunk in column.chunks], arrow.storage_type)
        is_uuid = isinstance(arrow, pa.UuidType)
        return (_by_chunk(storage, uuid_text) if is_uuid else storage), None
    if pa.types.is_nested(arrow):
        return _nested(column, kind, zone)
    if pa.types.is_decimal256(arrow):
        return long_decimals(column)
    if pa.types.is_string(arrow):
        return _text(column)
    if pa.types.is_time(arrow):
        return _times(column)
    if pa.types.is_timestamp(arrow) and arrow.tz:
        return column.cast(pa.timestamp(arrow.unit, _known_zone(arrow.tz))), None
    convert = _BY_NAME.get(kind.name)
    return convert(column, kind, zone) if convert else (column, None)


def _by_chunk(column: pa.ChunkedArray, write: Callable[[Any], pa.Array]) -> pa.ChunkedArray:
    return pa.chunked_array([write(chunk) for chunk in column.chunks], pa.string())


def _text(column: pa.ChunkedArray) -> Plain:
    """A String may hold any bytes; Arrow and pandas take for granted that it is UTF-8."""
    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        return column.cast(pa.binary()), "holds text that is not UTF-8 and is given as bytes."
    return column, None


def _times(column: pa.ChunkedArray) -> Plain:
    """Python's time ends with the day, and has microseconds."""
    unit = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[column.type.unit]
    numbers = column.cast(pa.int32() if unit < 10**6 else pa.int64())
    extremes = pc.min_max(numbers).as_py()
    if extremes["min"] is None or (extremes["min"] >= 0 and extremes["max"] < _DAY * unit):
        if unit < 10**9 or pc.all(pc.equal(pc.multiply(pc.divide(numbers, 1000), 1000), numbers)).as_py():
            return column, None
        remark = "holds times finer than microseconds and is given as text."
    else:
        remark = "holds times that no day has and is given as text."
    return each_value_once(numbers, functools.partial(_time_text, unit=unit)), remark


def _time_text(value: int, *, unit: int) -> str:
    seconds, fraction = divmod(abs(value), unit)
    digits = f".{fraction:0{len(str(unit)) - 1}}" if unit > 1 else ""
    hours = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return f"{'-' if value < 0 else ''}{hours}{digits}"


def _nested(column: pa.ChunkedArray, kind: Kind, zone: str) -> Plain:
    """Lists, structs and maps, with what is in them."""
    # pa.array() knows no extension types.
    whole = pa.concat_arrays(column.chunks) if column.num_chunks else pa.nulls(0, column.type)
    arrow = column.type
    if pa.types.is_struct(arrow):
        parts = whole.flatten()
    elif pa.types.is_map(arrow):
        parts = [whole.keys, whole.items]
    elif pa.types.is_list(arrow):
        parts = [whole.values]
    else:
        return column, "is of a type that can not be converted; cast it to text in the statement."
    elements = kind.elements if len(kind.elements) == len(parts) else [_UNKNOWN] * len(parts)
    plain = [_inner(part, element, zone) for part, element in zip(parts, elements, strict=True)]
    remark = next((remark for _, remark in plain if remark), None)
    values = [part for part, _ in plain]
    mask = whole.is_null() if whole.null_count else None
    if pa.types.is_struct(arrow):
        if not values:
            return column, None
        fields = [arrow.field(index).name for index in range(arrow.num_fields)]
        made: pa.Array = pa.StructArray.from_arrays(values, fields, mask=mask)
    elif pa.types.is_map(arrow):
        made = pa.MapArray.from_arrays(whole.offsets, *values)
    else:
        made = pa.ListArray.from_arrays(whole.offsets, values[0], mask=mask)
    return pa.chunked_array([made]), remark


def _inner(part: pa.Array, kind: Kind, zone: str) -> tuple[pa.Array, str | None]:
    column, remark = _plain(pa.chunked_array([part]), kind, zone)
    if pa.types.is_timestamp(column.type) and column.type.tz:
        # The arrays that pandas makes of lists have no zone.
        column = column.cast(pa.string())
        remark = remark or "holds times within lists, tuples or maps, which are given as text."
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type), remark


def _date_times(column: pa.ChunkedArray, kind: Kind, zone: str) -> Plain:
    stamp = pa.timestamp("s", _known_zone(kind.zone or zone))
    return (column.cast(pa.int64()).cast(stamp) if column.type == pa.uint32() else column), None


@functools.cache
def _known_zone(name: str) -> str:
    """The server may have zones that Python has not; the instant is the same in any."""
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return "UTC"
    return name


def _dates(column: pa.ChunkedArray, _: Kind, __: str) -> Plain:
    # As a whole number in older servers.
    return (column.cast(pa.int32()).cast(pa.date32()) if column.type == pa.uint16() else column), None


def _enums(column: pa.ChunkedArray, kind: Kind, _: str) -> Plain:
    if not pa.types.is_integer(column.type):
        return column, None
    names = kind.names
    numbers = pa.array(list(names), column.type)
    return pc.take(pa.array(list(names.values())), pc.index_in(column, value_set=numbers)), None


def _integers(column: pa.ChunkedArray, kind: Kind, _: str) -> Plain:
    return wide_integers(column, signed=kind.name.startswith("Int"))


def _strings(column: pa.ChunkedArray, _: Kind, __: str) -> Plain:
    # As binary only where settings can not be changed.
    return _text(pa.chunked_array([chunk.view(pa.string()) for chunk in column.chunks], pa.string()))


def _states(column: pa.ChunkedArray, _: Kind, __: str) -> Plain:
    nothing = pa.chunked_array([pa.nulls(len(column), pa.string())])
    return nothing, "holds states of an aggregate function, which are left out; use finalizeAggregation()."


_BY_NAME: dict[str, Callable[[pa.ChunkedArray, Kind, str], Plain]] = {
    "Date": _dates,
    "DateTime": _date_times,
    "DateTime32": _date_times,
    "Enum8": _enums,
    "Enum16": _enums,
    **dict.fromkeys(("Int128", "Int256", "UInt128", "UInt256"), _integers),
    "IPv4": lambda column, _, __: (_by_chunk(column, ipv4_text), None),
    "IPv6": lambda column, _, __: (_by_chunk(column, ipv6_text), None),
    "FixedString": lambda column, _, __: (column.cast(pa.binary()), None),
    "String": _strings,
    "BFloat16": lambda column, _, __: (brain_floats(column), None),
    "AggregateFunction": _states,
}
