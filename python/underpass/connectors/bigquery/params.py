"""Values as BigQuery's typed parameters."""

from __future__ import annotations

import datetime
import decimal
import uuid
from collections.abc import Sequence
from typing import Any, TypeAlias

from google.cloud.bigquery import ArrayQueryParameter, ScalarQueryParameter

Parameter: TypeAlias = ArrayQueryParameter | ScalarQueryParameter

#: NUMERIC has 29 digits before the point and 9 behind it.
_WHOLE, _FRACTION = 29, 9
#: Each holds the values of those before it, the last one not all of them.
_NUMBERS = ("INT64", "NUMERIC", "BIGNUMERIC", "FLOAT64")


def placeholder(number: int, value: Any) -> str:
    """What stands for a value. Those without a type of their own fit everywhere only as words."""
    if value is None:
        return "NULL"
    return "[]" if value == [] else f"@p{number}"


def parameters(values: Sequence[Any]) -> list[Parameter]:
    """Typed parameters, named by their place."""
    return [
        _parameter(f"p{number}", value)
        for number, value in enumerate(values, start=1)
        if value is not None and value != []
    ]


def _parameter(name: str, value: Any) -> Parameter:
    if not isinstance(value, list):
        return ScalarQueryParameter(name, *_typed(value))
    kinds = {_typed(item)[0] for item in value if item is not None}
    plain = [None if item is None else _typed(item)[1] for item in value]
    if len(kinds) < 2:
        return ArrayQueryParameter(name, kinds.pop() if kinds else "STRING", plain)
    # An array has one type.
    kind = max(kinds, key=_NUMBERS.index) if kinds.issubset(_NUMBERS) else "STRING"
    if kind == "FLOAT64" and all(
        item is None or isinstance(item, float) or float(item) == item for item in plain
    ):
        return ArrayQueryParameter(name, kind, [None if item is None else float(item) for item in plain])
    # What is no FLOAT64 exactly becomes text, which the server does not take for a number.
    plain = [None if item is None else str(item) for item in plain]
    return ArrayQueryParameter(name, "STRING" if kind == "FLOAT64" else kind, plain)


def _typed(value: Any) -> tuple[str, Any]:
    match value:
        case bool():
            return "BOOL", value
        case int():
            return ("INT64", value) if -(2**63) <= value < 2**63 else ("BIGNUMERIC", decimal.Decimal(value))
        case float():
            return "FLOAT64", value
        case decimal.Decimal():
            return _decimal(value)
        case bytes():
            return "BYTES", value
        case datetime.datetime():
            # As text: the client writes years before 1000 without their zeros.
            return ("DATETIME", value.isoformat()) if value.tzinfo is None else ("TIMESTAMP", value)
        case datetime.date():
            return "DATE", value
        case datetime.time():
            return "TIME", value
        case uuid.UUID() | datetime.timedelta():
            return "STRING", str(value)
    return "STRING", value


def _decimal(value: decimal.Decimal) -> tuple[str, Any]:
    if not value.is_finite():
        return "STRING", str(value)
    _, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    small = len(digits) + exponent <= _WHOLE and -exponent <= _FRACTION
    return "NUMERIC" if small else "BIGNUMERIC", value
