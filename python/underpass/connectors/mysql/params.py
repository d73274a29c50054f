"""Values for prepared statements, as the protocol writes them."""

from __future__ import annotations

import struct
import uuid
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

from underpass.failure import fail

from .kinds import DOUBLE, LONGLONG, NEWDECIMAL, NULL, TINY

_BLOB, _VAR_STRING = 252, 253
_UNSIGNED = 0x8000
#: Digits that a decimal of both servers has at most, and those behind its point.
_DIGITS, _SCALE = 65, 30
#: Longer ones would be cut off there.
_LONGEST = timedelta(hours=838, minutes=59, seconds=59)


def placeholder(value: Any) -> str:
    """What stands for a value in a statement: for some, servers do not keep the type of a bare ``?``."""
    if isinstance(value, bytes):
        return "CAST(? AS BINARY)"
    if isinstance(value, datetime):
        return "CAST(? AS DATETIME(6))"
    if isinstance(value, date):
        return "CAST(? AS DATE)"
    if isinstance(value, time | timedelta):
        # MySQL takes an argument of TIME for a DATETIME, as which 30:00:00 is another time.
        return "CAST(CAST(? AS CHAR) AS TIME(6))"
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        value = Decimal(value)
    if isinstance(value, Decimal) and value.is_finite():
        _, digits, exponent = value.as_tuple()
        scale = max(0, -int(exponent))
        precision = max(len(digits) + max(0, int(exponent)), scale)
        if precision <= _DIGITS and scale <= _SCALE:
            return f"CAST(? AS DECIMAL({precision},{scale}))"
    return "?"


def packed(params: Sequence[Any], offset: timedelta | None) -> bytes:
    """Which are NULL, the types of all, the values of the others.

    Args:
        params: Scalars.
        offset: The session's time zone as a distance from UTC, if it is that; for times with a zone.
    Raises:
        UnderpassError: the protocol has nothing for such a value.
    """
    missing = bytearray((len(params) + 7) // 8)
    types, values = bytearray(), bytearray()
    for number, param in enumerate(params):
        kind, value = _packed(param, offset)
        types += struct.pack("<H", kind)
        values += value
        if param is None:
            missing[number // 8] |= 1 << number % 8
    return bytes(missing) + b"\1" + bytes(types) + bytes(values)


def _packed(value: Any, offset: timedelta | None) -> tuple[int, bytes]:
    if value is None:
        return NULL, b""
    if isinstance(value, bool):
        return TINY, bytes([value])
    if isinstance(value, int):
        if -(2**63) <= value < 2**63:
            return LONGLONG, struct.pack("<q", value)
        if value < 2**64 and value > 0:
            return LONGLONG | _UNSIGNED, struct.pack("<Q", value)
        return NEWDECIMAL, _prefixed(_digits(Decimal(value)))
    if isinstance(value, float | Decimal):
        if not Decimal(value).is_finite():
            raise _unsendable(f"{value} can not be sent", "Send None, or a number.")
        if isinstance(value, float):
            return DOUBLE, struct.pack("<d", value)
        return NEWDECIMAL, _prefixed(_digits(value))
    if isinstance(value, bytes):
        return _BLOB, _prefixed(value)
    return _VAR_STRING, _prefixed(_text_of(value, offset).encode())


def _digits(value: Decimal) -> bytes:
    text = format(value, "f")
    if len(text.partition(".")[0].lstrip("-0")) > _DIGITS:
        raise _unsendable(f"A number of more than {_DIGITS} digits can not be sent", "Send it as text.")
    return text.encode()


def _text_of(value: Any, offset: timedelta | None) -> str:
    if isinstance(value, datetime):
        if value.tzinfo is not None:
            if offset is None:
                raise _unsendable(
                    "A time with a zone can not be sent while the session's time zone is a named one",
                    "SET time_zone = '+00:00' first, or send it without its zone.",
                )
            value = value.astimezone(timezone(offset)).replace(tzinfo=None)
        return value.isoformat(" ")
    if isinstance(value, time) and value.tzinfo is not None:
        raise _unsendable("A time of day with a zone can not be sent", "Send it without its zone.")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        length = abs(value)
        if length > _LONGEST:
            raise _unsendable(f"{value} can not be sent, a TIME ends at 838:59:59", "Send it in seconds.")
        seconds = length.days * 86_400 + length.seconds
        clock = f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}.{length.microseconds:06}"
        return clock if length == value else f"-{clock}"
    if isinstance(value, str):
        # Members of an enumeration of texts call themselves otherwise.
        return str.__str__(value)
    if isinstance(value, uuid.UUID):
        return str(value)
    raise _unsendable(f"A value of type {type(value).__name__} can not be sent here", "Lists go behind IN.")


def _unsendable(what: str, fix: str) -> Exception:
    return fail("invalid-request", "request", f"{what}: the server has nothing like it.", fix)


def _prefixed(value: bytes) -> bytes:
    length = len(value)
    if length < 251:
        return bytes([length]) + value
    for code, size in ((0xFC, 2), (0xFD, 3), (0xFE, 8)):
        if length < 1 << 8 * size:
            return bytes([code]) + length.to_bytes(size, "little") + value
    raise AssertionError("longer than memory")
