"""Python values as parameters of ClickHouse: each with its type in the statement, and its text beside it.

The server takes a parameter as a field of a form, of 128 KiB at most: longer ones are sent in pieces that the
statement puts together.
"""

from __future__ import annotations

import datetime
import decimal
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

from underpass.failure import UnderpassError, fail

#: Bytes of a piece.
PIECE = 100_000

_ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": "\\0"}
_OUTSIDE = str.maketrans(_ESCAPES)
_QUOTED = str.maketrans({**_ESCAPES, "'": "\\'"})
#: Of whole numbers, from small to large: bits with sign and type.
_INTEGERS = ((64, True), (64, False), (128, True), (128, False), (256, True), (256, False))
_FIRST_YEAR, _LAST_YEAR = 1900, 2299
#: What DateTime, which counts seconds in 32 bits, can hold.
_SECONDS_FROM, _SECONDS_TO = datetime.datetime(1970, 1, 1), datetime.datetime(2106, 2, 7)


def placeholder(number: int, value: Any) -> str:
    """What stands in the statement for a value.

    Raises:
        UnderpassError: ClickHouse has no type for it.
    """
    if isinstance(value, datetime.timedelta):
        return f"{_interval(value)[0]}({{p{number}:Int64}})"
    if value == [] and isinstance(value, list):
        return "[]"
    kind, pieces = _typed(value)
    parts = [f"{{{name}:{kind}}}" for name, _ in _named(number, pieces)]
    if len(parts) == 1:
        return parts[0]
    return f"{'arrayConcat' if isinstance(value, list) else 'concat'}({', '.join(parts)})"


def fields(values: Sequence[Any]) -> list[tuple[str, bytes]]:
    """Names and contents of the form's fields for all values of a statement."""
    sent: list[tuple[str, bytes]] = []
    for number, value in enumerate(values, start=1):
        if isinstance(value, datetime.timedelta):
            sent.append((f"p{number}", b"%d" % _interval(value)[1]))
        elif value != [] or not isinstance(value, list):
            sent += _named(number, _typed(value)[1])
    return sent


def _named(number: int, pieces: Sequence[bytes]) -> Iterator[tuple[str, bytes]]:
    for index, piece in enumerate(pieces):
        yield (f"p{number}_{index}" if index else f"p{number}"), piece


def _typed(value: Any) -> tuple[str, list[bytes]]:
    """Type and text of a value, the text in pieces."""
    if value is None:
        return "Nullable(Nothing)", [b"\\N"]
    if isinstance(value, list):
        kind = _element_type(value)
        return f"Array({kind})", _in_brackets([_item(item, kind) for item in value])
    kind = _common_type([value])
    if kind == "String":
        return kind, _cut(value)
    return kind, [_text(value, kind).encode()]


def _cut(value: Any) -> list[bytes]:
    raw = _raw(value)
    # An escape doubles a byte, at most.
    size = PIECE // 2
    return [_escaped(raw[start : start + size], _OUTSIDE) for start in range(0, max(len(raw), 1), size)]


def _escaped(raw: bytes, table: dict[int, str]) -> bytes:
    # All bytes have a character in Latin-1, and what is escaped stays what it is.
    return raw.decode("latin-1").translate(table).encode("latin-1")


def _in_brackets(items: Sequence[bytes]) -> list[bytes]:
    pieces: list[list[bytes]] = [[]]
    size = 0
    for item in items:
        if size + len(item) > PIECE and pieces[-1]:
            pieces.append([])
            size = 0
        pieces[-1].append(item)
        size += len(item) + 1
    return [b"[" + b",".join(piece) + b"]" for piece in pieces]


def _element_type(items: Sequence[Any]) -> str:
    known = [item for item in items if item is not None]
    if any(isinstance(item, list) for item in known):
        if len(known) < len(items) or not all(isinstance(item, list) for item in known):
            raise _refuse("A list holds lists and other values")
        return f"Array({_element_type([inner for item in known for inner in item])})"
    kind = _common_type(known, in_list=True) if known else "Nothing"
    return kind if len(known) == len(items) and known else f"Nullable({kind})"


def _item(item: Any, kind: str) -> bytes:
    if item is None:
        return b"NULL"
    if isinstance(item, list):
        inner = kind[len("Array(") : -1]
        return b"[" + b",".join(_item(each, inner) for each in item) + b"]"
    kind = kind.removeprefix("Nullable(").removesuffix(")") if kind.startswith("Nullable(") else kind
    if kind == "String":
        return b"'" + _escaped(_raw(item), _QUOTED) + b"'"
    text = _text(item, kind)
    return (f"'{text}'" if kind.startswith(("Date", "UUID")) else text).encode()


def _common_type(values: Sequence[Any], *, in_list: bool = False) -> str:
    """The type that holds all values, none of which is None or a list."""
    kinds = {_family(value) for value in values}
    if kinds == {"int", "decimal"}:
        kinds = {"decimal"}
    elif kinds == {"int", "float"}:
        kinds = {"float"}
    if len(kinds) > 1:
        raise _refuse(f"A list holds values of different types ({', '.join(sorted(kinds))})")
    (kind,) = kinds
    if kind == "int":
        return _integer_type(values)
    if kind == "decimal":
        return _decimal_type(values)
    if kind in ("datetime", "datetime with zone"):
        return _datetime_type(values, "'UTC'" if kind == "datetime with zone" else "", in_list=in_list)
    return {"bool": "Bool", "float": "Float64", "text": "String", "date": "Date32", "uuid": "UUID"}[kind]


def _family(value: Any) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, datetime.datetime):
        _check_year(value.year)
        return "datetime" if value.tzinfo is None else "datetime with zone"
    if isinstance(value, datetime.date):
        _check_year(value.year)
        return "date"
    families = {int: "int", float: "float", decimal.Decimal: "decimal", uuid.UUID: "uuid"}
    for kind, family in {**families, str: "text", bytes: "text", datetime.time: "text"}.items():
        if isinstance(value, kind):
            return family
    raise _refuse(f"A {type(value).__name__} can not stand in a list")


def _integer_type(values: Sequence[int]) -> str:
    least, most = min(values), max(values)
    for bits, signed in _INTEGERS:
        if (-(1 << bits - 1) if signed else 0) <= least and most < 1 << (bits - 1 if signed else bits):
            return f"{'' if signed else 'U'}Int{bits}"
    raise _refuse("A whole number has more than 256 bits")


def _decimal_type(values: Sequence[Any]) -> str:
    scale = whole = 0
    for value in values:
        number = decimal.Decimal(value).as_tuple()
        if not isinstance(number.exponent, int):
            raise _refuse(f"A decimal is {value}, which only floating-point numbers can be")
        scale = max(scale, -number.exponent)
        whole = max(whole, len(number.digits) + number.exponent)
    for digits in (38, 76):
        if whole + scale <= digits:
            return f"Decimal({digits}, {scale})"
    raise _refuse("A decimal has more than 76 digits")


def _datetime_type(values: Sequence[datetime.datetime], zone: str, *, in_list: bool) -> str:
    # Columns of whole seconds are not found in a list of DateTime64, but all kinds are in one of DateTime.
    in_seconds = in_list and all(
        not value.microsecond and _SECONDS_FROM <= _utc(value) < _SECONDS_TO for value in values
    )
    if in_seconds:
        return f"DateTime({zone})" if zone else "DateTime"
    return f"DateTime64(6, {zone})" if zone else "DateTime64(6)"


def _utc(value: datetime.datetime) -> datetime.datetime:
    """Without a zone; in UTC, if it had one."""
    return value if value.tzinfo is None else value.astimezone(datetime.timezone.utc).replace(tzinfo=None)


def _text(value: Any, kind: str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(float(value))
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    if isinstance(value, datetime.datetime):
        return _utc(value).isoformat(" ", "microseconds" if kind.startswith("DateTime64") else "seconds")
    return str(value)


def _interval(value: datetime.timedelta) -> tuple[str, int]:
    """Function and number; in days or seconds where that says it all, because dates take no microseconds."""
    if not value.seconds and not value.microseconds:
        return "toIntervalDay", value.days
    if not value.microseconds:
        return "toIntervalSecond", value.days * 86_400 + value.seconds
    return "toIntervalMicrosecond", value // datetime.timedelta(microseconds=1)


def _raw(value: str | bytes | datetime.time) -> bytes:
    if isinstance(value, bytes):
        return value
    try:
        return (value if isinstance(value, str) else value.isoformat()).encode()
    except UnicodeEncodeError:
        raise _refuse("A text has half a surrogate pair, which is no character") from None


def _check_year(year: int) -> None:
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise _refuse(f"ClickHouse has no dates of the year {year}: only of {_FIRST_YEAR} to {_LAST_YEAR}")


def _refuse(what: str) -> UnderpassError:
    fix = "Give another value, or text and cast it in the statement."
    return fail("invalid-request", "request", f"{what}.", fix)
