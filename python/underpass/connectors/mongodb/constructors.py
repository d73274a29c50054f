"""What mongosh calls the values of BSON's types."""

from __future__ import annotations

import base64
import datetime
import re
import uuid
from collections.abc import Callable
from typing import Any

from bson import Binary, DatetimeMS, Decimal128, Int64, MaxKey, MinKey, ObjectId, Timestamp
from bson.regex import Regex

_DATE = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?\s*(Z|[-+]\d\d:?\d\d)?)?"
)
_MILLISECOND = datetime.timedelta(milliseconds=1)
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def date(*parts: Any) -> datetime.datetime | DatetimeMS:
    """``ISODate("2024-05-01T10:00:00Z")``; without a zone it is UTC, without anything now."""
    if len(parts) == 0:
        return datetime.datetime.now(datetime.timezone.utc)
    if len(parts) > 1:
        raise ValueError('write the date as text, like "2024-05-01T10:00:00Z"')
    value = parts[0]
    if isinstance(value, datetime.datetime):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return DatetimeMS(value)
    found = _DATE.fullmatch(str(value).strip())
    if found is None or not isinstance(value, str):
        raise ValueError('this is no date; write it like "2024-05-01T10:00:00Z"')
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    moment = datetime.datetime(
        *(int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0)),
        int((fraction or "0").ljust(6, "0")[:6]),
        datetime.timezone.utc,
    )
    if zone and zone != "Z":
        if int(zone[1:3]) > 23 or int(zone[-2:]) > 59:
            raise ValueError(f"there is no zone {zone}")
        offset = datetime.timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
        # May leave the years that Python's dates have.
        return DatetimeMS((moment - _EPOCH - (offset if zone[0] == "+" else -offset)) // _MILLISECOND)
    return moment


def _whole(bits: int) -> Callable[..., int]:
    def convert(value: Any = 0) -> int:
        if isinstance(value, float) and not value.is_integer():
            raise ValueError("this is no whole number")
        number = int(value)
        if not -(2 ** (bits - 1)) <= number < 2 ** (bits - 1):
            raise ValueError(f"it does not fit into {bits} bits")
        return Int64(number) if bits == 64 else number

    return convert


def _decimal(value: Any = "0") -> Decimal128:
    return value if isinstance(value, Decimal128) else Decimal128(str(value))


def _uuid(value: Any = None) -> Binary:
    return Binary.from_uuid(uuid.uuid4() if value is None else uuid.UUID(str(value)))


def _binary(subtype: int, text: str) -> bytes | Binary:
    return Binary(base64.b64decode(text, validate=True), subtype)


def _hexadecimal(subtype: int, text: str) -> bytes | Binary:
    return Binary(bytes.fromhex(text), subtype)


def _timestamp(seconds: Any = 0, number: int = 0) -> Timestamp:
    if isinstance(seconds, dict):
        return Timestamp(seconds["t"], seconds["i"])
    return Timestamp(seconds, number)


def _regex(pattern: str, flags: str = "") -> Regex[str]:
    return Regex(pattern, flags)


CONSTRUCTORS: dict[str, Callable[..., Any]] = {
    "ObjectId": ObjectId,
    "ISODate": date,
    "Date": date,
    "NumberInt": _whole(32),
    "Int32": _whole(32),
    "NumberLong": _whole(64),
    "Long": _whole(64),
    "NumberDecimal": _decimal,
    "Decimal128": _decimal,
    "Double": float,
    "UUID": _uuid,
    "BinData": _binary,
    "HexData": _hexadecimal,
    "Timestamp": _timestamp,
    "RegExp": _regex,
    "MinKey": MinKey,
    "MaxKey": MaxKey,
}
CONSTANTS: dict[str, Callable[[], Any]] = {
    "true": lambda: True,
    "false": lambda: False,
    "null": lambda: None,
    "NaN": lambda: float("nan"),
    "Infinity": lambda: float("inf"),
    "MinKey": MinKey,
    "MaxKey": MaxKey,
}
