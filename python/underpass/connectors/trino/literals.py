"""Python values as Trino's typed literals, which stand behind EXECUTE IMMEDIATE … USING."""

from __future__ import annotations

import datetime
import decimal
import math
import uuid
from typing import Any

from underpass.failure import UnderpassError, fail

_DIGITS = 38
_MINUTE = datetime.timedelta(minutes=1)


def literal(value: Any) -> str:
    """What to write for a value.

    Raises:
        UnderpassError: Trino has no such value.
    """
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return _integer(value)
    if isinstance(value, float):
        return _double(value)
    if isinstance(value, decimal.Decimal):
        return _decimal(value)
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, bytes):
        return f"X'{value.hex()}'"
    if isinstance(value, datetime.datetime):
        return f"TIMESTAMP '{_datetime(value)}'"
    if isinstance(value, datetime.date):
        return f"DATE '{value.isoformat()}'"
    if isinstance(value, datetime.time):
        return f"TIME '{_time(value)}'"
    if isinstance(value, datetime.timedelta):
        return _interval(value)
    if isinstance(value, uuid.UUID):
        return f"UUID '{value}'"
    if isinstance(value, list):
        return f"ARRAY[{', '.join(map(literal, value))}]"
    raise _refuse(f"A value of the type {type(value).__name__}")


def _integer(value: int) -> str:
    if -(2**63) < value < 2**63:
        return str(value)
    # The least bigint is not one without its sign.
    return "BIGINT '-9223372036854775808'" if value == -(2**63) else _decimal(decimal.Decimal(value))


def _double(value: float) -> str:
    if math.isnan(value):
        return "nan()"
    if math.isinf(value):
        return "infinity()" if value > 0 else "-infinity()"
    return f"DOUBLE '{value!r}'"


def _decimal(value: decimal.Decimal) -> str:
    if not value.is_finite():
        raise _refuse(f"The decimal {value}", "Send a float: Trino's decimals are finite.")
    text = format(value, "f")
    whole, _, fraction = text.lstrip("-").partition(".")
    if len(whole.lstrip("0")) + len(fraction) > _DIGITS:
        raise _refuse("A number of more than 38 digits", "Send it as text.")
    return f"DECIMAL '{text}'"


def _text(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise _refuse("Text with half of a surrogate pair", "Correct the text.") from None
    return "'" + value.replace("'", "''") + "'"


def _datetime(value: datetime.datetime) -> str:
    offset = value.utcoffset()
    if offset is None:
        return value.replace(tzinfo=None).isoformat(" ", "microseconds")
    if offset % _MINUTE:
        value = value.astimezone(datetime.timezone.utc)
    # The offset, not the zone's name: an hour that comes twice has two.
    text = value.isoformat(" ", "microseconds")
    return f"{text[:-6]} {text[-6:]}"


def _time(value: datetime.time) -> str:
    if value.tzinfo is None:
        return value.isoformat("microseconds")
    if value.utcoffset() is None or (value.utcoffset() or _MINUTE) % _MINUTE:
        raise _refuse("A time of day in a zone whose offset depends on the day", "Send a datetime.")
    text = value.isoformat("microseconds")
    return f"{text[:-6]} {text[-6:]}"


def _interval(value: datetime.timedelta) -> str:
    milliseconds, rest = divmod(abs(value), datetime.timedelta(milliseconds=1))
    if rest:
        raise _refuse("A timedelta with microseconds", "Round it: Trino's intervals have milliseconds.")
    seconds, fraction = divmod(milliseconds, 1000)
    days, seconds = divmod(seconds, 86_400)
    clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{fraction:03}"
    sign = "-" if value < datetime.timedelta() else ""
    return f"INTERVAL {sign}'{days} {clock}' DAY TO SECOND"


def _refuse(what: str, fix: str = "Convert it to a number, text or a date.") -> UnderpassError:
    return fail("invalid-request", "request", f"{what} can not be sent to Trino.", fix)
