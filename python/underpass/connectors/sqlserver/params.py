"""Values for ``{{ }}``, sent beside the batch as parameters of sp_executesql.

Each is declared with a type of its own, so that the server converts it exactly. What has no type in ODBC that
keeps it as it is (decimals, dates, times, UUIDs) is sent as text of ISO's form, which the declared type reads
the same in every language of the server.
"""

from __future__ import annotations

import datetime
import decimal
import math
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mssql_python.constants import ConstantsDDBC

from underpass.failure import UnderpassError, fail

_BIT = ConstantsDDBC.SQL_BIT.value
_BIGINT = ConstantsDDBC.SQL_BIGINT.value
_DOUBLE = ConstantsDDBC.SQL_DOUBLE.value
_BINARY = ConstantsDDBC.SQL_VARBINARY.value
_TEXT = ConstantsDDBC.SQL_VARCHAR.value
_UNICODE = ConstantsDDBC.SQL_WVARCHAR.value

#: Parameters of one call, less those that say what to run.
MOST = 2100 - 2
_DIGITS = 38
#: Characters and bytes of types with a limit; the others are slower to compare.
_SHORT_TEXT, _SHORT = 4000, 8000


@dataclass(frozen=True)
class Parameter:
    """``declared`` is T-SQL's type, ``bound`` ODBC's for the value."""

    declared: str
    bound: int
    value: Any


def placeholder(number: int, value: Any) -> str:
    """What stands in the batch. Nothing has no type of its own, so that it fits everywhere."""
    return "NULL" if value is None else f"@underpass{number}"


def call(sql: str, values: Sequence[Any]) -> tuple[str, list[Any], list[tuple[int, int, int]]]:
    """The statement that runs ``sql`` with its values: its text, parameters and their types in ODBC.

    Raises:
        UnderpassError: a value that SQL Server has no type for.
    """
    if len(values) > MOST:
        raise _refuse(
            f"{len(values):,} values are more than one statement of SQL Server can have ({MOST:,}).",
            "Put them into a temporary table first, or join them to one text and use STRING_SPLIT.",
        )
    given = [(number, _parameter(value)) for number, value in enumerate(values, start=1) if value is not None]
    declared = ", ".join(f"{placeholder(number, 1)} {one.declared}" for number, one in given)
    parameters = [
        Parameter("", _UNICODE, sql),
        Parameter("", _UNICODE, declared),
        *(one for _, one in given),
    ]
    text = "EXEC sp_executesql " + ", ".join("?" * len(parameters))
    return text, [one.value for one in parameters], [(one.bound, 0, 0) for one in parameters]


def _parameter(value: Any) -> Parameter:
    if isinstance(value, bool):
        return Parameter("bit", _BIT, value)
    if isinstance(value, int):
        if -(2**31) <= value < 2**31:
            return Parameter("int", _BIGINT, value)
        if -(2**63) <= value < 2**63:
            return Parameter("bigint", _BIGINT, value)
        return _decimal(decimal.Decimal(value))
    if isinstance(value, float):
        if not math.isfinite(value):
            raise _refuse(f"SQL Server has no {value}.", "Send None for a missing value.")
        return Parameter("float", _DOUBLE, value)
    if isinstance(value, decimal.Decimal):
        return _decimal(value)
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, bytes):
        size = _SHORT if len(value) <= _SHORT else "max"
        return Parameter(f"varbinary({size})", _BINARY, value)
    if isinstance(value, uuid.UUID):
        return Parameter("uniqueidentifier", _TEXT, str(value))
    return _moment(value)


def _string(value: str) -> Parameter:
    # Compared with a column of the other kind, varchar is the one that is converted: indexes stay in use.
    if value.isascii():
        return Parameter(f"varchar({_SHORT if len(value) <= _SHORT else 'max'})", _TEXT, value)
    units = len(value.encode("utf-16-le", "surrogatepass")) // 2
    return Parameter(f"nvarchar({_SHORT_TEXT if units <= _SHORT_TEXT else 'max'})", _UNICODE, value)


def _decimal(value: decimal.Decimal) -> Parameter:
    if not value.is_finite():
        raise _refuse(f"SQL Server has no decimal {value}.", "Send None for a missing value.")
    text = format(value, "f")
    whole, _, fraction = text.lstrip("-").partition(".")
    precision = max(1, len(whole.lstrip("0")) + len(fraction))
    if precision > _DIGITS:
        raise _refuse(
            f"A number with {precision} digits is longer than SQL Server's longest, {_DIGITS}.",
            "Round it, or send it as text.",
        )
    return Parameter(f"decimal({precision}, {len(fraction)})", _TEXT, text)


def _moment(value: Any) -> Parameter:
    if isinstance(value, datetime.datetime):
        kind = "datetime2(7)" if value.tzinfo is None else "datetimeoffset(7)"
        return Parameter(kind, _TEXT, _to_minutes(value).isoformat(sep=" "))
    if isinstance(value, datetime.date):
        return Parameter("date", _TEXT, value.isoformat())
    if isinstance(value, datetime.time) and value.tzinfo is None:
        return Parameter("time(7)", _TEXT, value.isoformat())
    if isinstance(value, list):
        raise _refuse("SQL Server has no lists.", "Use one with IN, or send a single value of it.")
    kind = "time of day with a zone" if isinstance(value, datetime.time) else type(value).__name__
    raise _refuse(f"SQL Server has no type for a {kind}.", "Send a number of seconds, or text.")


def _to_minutes(value: datetime.datetime) -> datetime.datetime:
    """The same instant in a zone that is whole minutes from UTC, as SQL Server's are."""
    offset = value.utcoffset()
    if offset is None or not offset % datetime.timedelta(minutes=1):
        return value
    return value.astimezone(datetime.timezone.utc)


def _refuse(message: str, fix: str) -> UnderpassError:
    return fail("invalid-request", "request", message, fix)
