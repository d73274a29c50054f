"""Dates and times from the text that Trino writes. What Python has no word for stays text, with a remark."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import pyarrow as pa
import pyarrow.compute

# Its functions are made at run time, unknown to type checkers.
pc: Any = pyarrow.compute

#: A column, and the end of a sentence about it.
Finished: TypeAlias = tuple[Any, str | None]

#: 0001-01-01, in days since 1970. Years after 9999 are written with a sign, which is not cast.
_FIRST_DAY = -719_162
_FAR = "holds years outside 1 to 9999 and is given as text."
_FINE = "holds times that do not fit into nanoseconds and is given as text."
#: `` 04:05:06.789``
_CLOCK = 13
_UNITS = ((-12, -10, 3_600_000), (-9, -7, 60_000), (-6, -4, 1000), (-3, None, 1))


def date(column: Any) -> Finished:
    """``2020-01-02``"""
    try:
        days = column.cast(pa.date32())
    except pa.ArrowInvalid:
        return column, _FAR
    first = pc.min(days.cast(pa.int32())).as_py()
    return (column, _FAR) if first is not None and first < _FIRST_DAY else (days, None)


def time(column: Any, precision: int) -> Finished:
    """``03:04:05.123456``; Python's times have no more digits than these."""
    if precision > 6:
        return column, None
    # Arrow reads text as times of a day only.
    moments = pc.binary_join_element_wise("1970-01-01", column, " ").cast(pa.timestamp("us"))
    return moments.cast(pa.time64("us")), None


def timestamp(column: Any, precision: int) -> Finished:
    """``2020-01-02 03:04:05.123456789``; those with twelve digits stay text."""
    if precision > 9:
        return column, None
    unit = _unit(precision)
    try:
        made = column.cast(pa.timestamp(unit))
    except pa.ArrowInvalid:
        return column, _FAR if unit == "us" else _FINE
    return (column, _FAR) if _is_early(made, unit) else (made, None)


def zoned_timestamp(column: Any, precision: int) -> Finished:
    """``2020-01-02 03:04:05.123 Europe/Berlin``; in that zone if all rows have the same, else in UTC."""
    if precision > 9:
        return column, None
    found = next((text for text in (chunk.drop_null() for chunk in _chunks(column)) if len(text)), None)
    kind = pa.timestamp(_unit(precision), "UTC")
    if found is None:
        return pc.cast(pa.nulls(len(column), pa.string()), kind), None
    zone = found[0].as_py().rpartition(" ")[2]
    try:
        if pc.all(pc.ends_with(column, f" {zone}")).as_py():
            made, remark = _located(pc.utf8_slice_codeunits(column, 0, -len(zone) - 1), zone, precision)
            # Text keeps its zone.
            return made if pa.types.is_timestamp(made.type) else column, remark
        zones = pc.replace_substring_regex(column, r"^.* ", "")
        local = pc.replace_substring_regex(column, r" [^ ]*$", "")
        instants: Any = None
        remarks: list[str] = ["holds several time zones and is given in UTC."]
        for zone in pc.unique(zones).drop_null().to_pylist():
            there = pc.equal(zones, zone)
            part, remark = _located(pc.if_else(there, local, None), zone, precision)
            if not pa.types.is_timestamp(part.type):
                return column, remark
            remarks += [remark] if remark else []
            part = part.cast(kind)
            instants = part if instants is None else pc.coalesce(instants, part)
        return instants, remarks[-1]
    except pa.ArrowInvalid as error:
        # Such as a zone that this machine does not know.
        return column, f"is given as text: {' '.join(str(error).split())}"


def interval(column: Any) -> Finished:
    """``-3 04:05:06.789`` as a duration: Trino's have milliseconds."""
    total: Any = pc.multiply(
        pc.abs(pc.utf8_slice_codeunits(column, 0, -_CLOCK).cast(pa.int64())), pa.scalar(86_400_000)
    )
    for start, stop, factor in _UNITS:
        part = pc.utf8_slice_codeunits(column, start, stop).cast(pa.int64())
        total = pc.add(total, pc.multiply(part, pa.scalar(factor)))
    signed = pc.if_else(pc.starts_with(column, "-"), pc.negate(total), total)
    return signed.cast(pa.duration("ms")), None


def _located(local: Any, zone: str, precision: int) -> Finished:
    made, remark = timestamp(local, precision)
    if remark:
        return local, remark
    if zone[0] in "+-":
        # Arrow takes no offsets for names here, but within the text.
        return _offset(local, zone, precision), None
    name = "UTC" if zone == "Z" else zone
    earliest = pc.assume_timezone(made, name, ambiguous="earliest", nonexistent="latest")
    latest = pc.assume_timezone(made, name, ambiguous="latest", nonexistent="latest")
    if pc.any(pc.not_equal(earliest.cast(pa.int64()), latest.cast(pa.int64()))).as_py():
        return earliest, (
            "holds times of an hour that comes twice, when summer time ends. Trino does not say which "
            "of the two it is; the first is given. Cast to UTC with AT TIME ZONE to tell them apart."
        )
    return earliest, None


def _offset(local: Any, zone: str, precision: int) -> Any:
    instants = pc.binary_join_element_wise(local, zone, "").cast(pa.timestamp(_unit(precision), "UTC"))
    return instants.cast(pa.timestamp(_unit(precision), zone))


def _is_early(made: Any, unit: Literal["us", "ns"]) -> bool:
    first = pc.min(made.cast(pa.int64())).as_py()
    return unit == "us" and first is not None and first < _FIRST_DAY * 86_400_000_000


def _unit(precision: int) -> Literal["us", "ns"]:
    return "us" if precision <= 6 else "ns"


def _chunks(column: Any) -> list[Any]:
    return column.chunks if isinstance(column, pa.ChunkedArray) else [column]
