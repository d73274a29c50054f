"""Values as Redshift takes them: as text, with the type that Python says, and one for each placeholder."""

from __future__ import annotations

import datetime
import decimal
import uuid
from collections.abc import Sequence
from typing import Any, NamedTuple

from psycopg import Connection, DataError
from psycopg.adapt import PyFormat, Transformer

from underpass.failure import fail

#: Numbers of PostgreSQL's types. Redshift infers the type of what has none, as it does for quoted text.
_INTERVAL_OID = 1186


class Bound(NamedTuple):
    """What libpq sends beside a statement."""

    values: Sequence[Any]
    types: Sequence[int]
    formats: Sequence[int]


def placeholder(number: int, value: Any) -> str:
    """Bytes are written as text, which only a function makes into VARBYTE."""
    return f"FROM_HEX(${number})" if isinstance(value, bytes) else f"${number}"


def bound(connection: Connection[Any], params: Sequence[Any]) -> Bound:
    """Dump the values.

    Raises:
        UnderpassError: a list; Redshift has no arrays.
    """
    transformer = Transformer(connection)
    plain = [_plain(value) for value in params]
    try:
        values = transformer.dump_sequence(plain, [PyFormat.TEXT] * len(params))
    except (DataError, UnicodeEncodeError) as error:
        # Such as text with a zero byte, or with half of a surrogate pair.
        raise fail("invalid-request", "request", f"A value can not be sent: {error}", "Change it.") from None
    types = [0 if oid == _INTERVAL_OID else oid for oid in transformer.types or ()]
    return Bound(values, types, transformer.formats or ())


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, int) and not isinstance(value, bool) and not -(2**63) <= value < 2**63:
        return decimal.Decimal(value)
    if isinstance(value, datetime.timedelta):
        return _interval(value)
    if isinstance(value, list):
        raise fail(
            "invalid-request",
            "request",
            "A list can only stand behind IN: Redshift has no arrays.",
            "Write column IN {{ list }}, or send the values one by one.",
        )
    return value


def _interval(value: datetime.timedelta) -> str:
    seconds = value.seconds + value.microseconds / 1_000_000
    return f"{value.days} days {seconds:f} seconds"
