"""Values as Arrow, for a server that takes parameters; else as literals of Dremio's SQL."""

from __future__ import annotations

import datetime
import decimal
import math
import uuid
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from underpass.connectors.failures import query_failed
from underpass.statement import Edit, Statement
from underpass.tokens import tokenize

_DIGITS = 38


def plain_values(params: Sequence[Any]) -> list[Any]:
    """Values that Arrow and Dremio can hold. Dremio's times have no zone: those that have one become UTC."""
    return [_plain(value) for value in params]


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, datetime.datetime) and value.tzinfo is not None:
        return value.astimezone(datetime.timezone.utc).replace(tzinfo=None)
    if isinstance(value, int) and not isinstance(value, bool) and not -(2**63) <= value < 2**63:
        value = decimal.Decimal(value)
    if isinstance(value, decimal.Decimal) and (not value.is_finite() or _size(value)[0] > _DIGITS):
        return str(value)
    return value


def parameter_batch(values: Sequence[Any], expected: pa.Schema | None) -> pa.RecordBatch:
    """One row for the driver to bind, of the types that the server expects where it says so."""
    arrays = [pa.array([value]) for value in values]
    if expected is not None and len(expected) == len(arrays):
        arrays = [_fitting(array, field.type) for array, field in zip(arrays, expected, strict=True)]
    return pa.record_batch(arrays, names=[str(number) for number in range(1, len(values) + 1)])


def _fitting(array: pa.Array, kind: pa.DataType) -> pa.Array:
    if pa.types.is_null(kind) or pa.types.is_union(kind):
        return array
    try:
        return array.cast(kind)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        # The server can say better what is wrong with it.
        return array


def with_literals(sql: str, values: Sequence[Any]) -> Statement:
    """``sql`` with a literal of the right type for each ``?``, for servers that know no parameters.

    Raises:
        UnderpassError: Dremio's SQL has no literal for a value, or there are other ``?`` in it.
    """
    from sqlglot import TokenType

    places = [token.start for token in tokenize(sql, "dremio") if token.token_type == TokenType.PLACEHOLDER]
    if len(places) != len(values):
        raise query_failed(
            "This Dremio takes no parameters, and the statement has ? of its own beside {{ }}.",
            "Use only {{ }}.",
        )
    edits = [Edit(place, place + 1, literal(value)) for place, value in zip(places, values, strict=True)]
    pieces, offset = [], 0
    for edit in edits:
        pieces += [sql[offset : edit.start], edit.text]
        offset = edit.end
    return Statement("".join([*pieces, sql[offset:]]), values, sql, 0, edits)


def literal(value: Any) -> str:
    """A value of ``plain_values`` in Dremio's SQL.

    Raises:
        UnderpassError: it has none for this kind of value.
    """
    match value:
        case None:
            return "NULL"
        case bool():
            return "TRUE" if value else "FALSE"
        case int():
            # In brackets, so that two minus signs do not begin a comment.
            return f"({value})" if value < 0 else str(value)
        case float():
            text = f"{value!r}E0" if math.isfinite(value) and "e" not in repr(value) else repr(value)
            names = {math.inf: "'Infinity'", -math.inf: "'-Infinity'"}
            return f"CAST({names.get(value, quoted('NaN') if math.isnan(value) else text)} AS DOUBLE)"
        case decimal.Decimal():
            precision, scale = _size(value)
            return f"CAST('{value:f}' AS DECIMAL({precision}, {scale}))"
        case str():
            return quoted(value)
        case bytes():
            return f"FROM_HEX('{value.hex()}')"
        case datetime.datetime():
            return f"TIMESTAMP '{value.isoformat(' ', _digits(value))}'"
        case datetime.date():
            return f"DATE '{value.isoformat()}'"
        case datetime.time():
            return f"TIME '{value.isoformat(_digits(value))}'"
        case datetime.timedelta() if value.microseconds % 1000:
            raise query_failed("Dremio's intervals have no microseconds.", "Round it to milliseconds.")
        case datetime.timedelta():
            return _interval(value)
        case list():
            return f"ARRAY[{', '.join(map(literal, value))}]"
    raise query_failed(f"A value of type {type(value).__name__} can not be sent to Dremio.")


def quoted(text: str) -> str:
    """Text as a literal. A backslash means itself."""
    from sqlglot import exp

    return exp.Literal.string(text).sql(dialect="dremio")


def _digits(value: datetime.datetime | datetime.time) -> str:
    """Dremio's times have milliseconds; what it does with more is its own affair."""
    return "microseconds" if value.microsecond % 1000 else "milliseconds"


def _interval(value: datetime.timedelta) -> str:
    sign = "-" if value < datetime.timedelta(0) else ""
    value = abs(value)
    hours, rest = divmod(value.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    text = f"{sign}{value.days} {hours:02}:{minutes:02}:{seconds:02}.{value.microseconds // 1000:03}"
    return f"INTERVAL '{text}' DAY(9) TO SECOND(3)"


def _size(value: decimal.Decimal) -> tuple[int, int]:
    """Precision and scale that hold the value."""
    _, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    scale = max(0, -exponent)
    return max(len(digits) + max(0, exponent), scale, 1), scale
