"""Values as Snowflake's driver binds them, each with the type that it has."""

from __future__ import annotations

import datetime
import decimal
import uuid
from collections.abc import Sequence
from typing import Any

from underpass.failure import fail

_DIGITS = 38


def bound(params: Sequence[Any]) -> list[Any]:
    """Values for the driver; numbers that Snowflake has no type for are sent as text.

    Raises:
        UnderpassError: a list.
    """
    return [_bound(value) for value in params]


def _bound(value: Any) -> Any:
    if isinstance(value, list):
        # The driver would run the statement once for each item, and answer for the last.
        raise fail(
            "invalid-request",
            "request",
            "A list can not be sent to Snowflake as one value.",
            "Use it with IN, or send it as JSON: PARSE_JSON({{ json.dumps(values) }}).",
        )
    if isinstance(value, datetime.datetime):
        # The driver's own choice for a time without a zone depends on settings of the account.
        return ("TIMESTAMP_NTZ" if value.tzinfo is None else "TIMESTAMP_TZ", value)
    if isinstance(value, uuid.UUID | datetime.timedelta):
        return str(value)
    if isinstance(value, decimal.Decimal) and (
        not value.is_finite() or len(value.as_tuple().digits) > _DIGITS
    ):
        return str(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10**_DIGITS:
        return str(value)
    return value
