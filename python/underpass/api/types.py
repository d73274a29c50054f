"""The type objects of PEP 249: what the ``type_code`` of a column, its Arrow type, can be compared with."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable
from typing import Any

import pyarrow as pa

Date = datetime.date
Time = datetime.time
Timestamp = datetime.datetime
Binary = bytes


def DateFromTicks(ticks: float) -> datetime.date:
    """The local date of so many seconds since 1970."""
    return datetime.date(*time.localtime(ticks)[:3])


def TimeFromTicks(ticks: float) -> datetime.time:
    """The local time of day of so many seconds since 1970."""
    return datetime.time(*time.localtime(ticks)[3:6])


def TimestampFromTicks(ticks: float) -> datetime.datetime:
    """The local time of so many seconds since 1970, without a zone."""
    return datetime.datetime(*time.localtime(ticks)[:6])


class TypeObject:
    """Equal to the Arrow types that it stands for."""

    def __init__(self, name: str, *tests: Callable[[Any], bool]) -> None:
        self._name = name
        self._tests = tests

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, pa.DataType):
            return self is other
        return any(test(other) for test in self._tests)

    def __hash__(self) -> int:
        return hash(self._name)

    def __repr__(self) -> str:
        return f"underpass.api.{self._name}"


STRING = TypeObject("STRING", pa.types.is_string, pa.types.is_large_string)
BINARY = TypeObject("BINARY", pa.types.is_binary, pa.types.is_large_binary, pa.types.is_fixed_size_binary)
NUMBER = TypeObject(
    "NUMBER", pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal, pa.types.is_boolean
)
DATETIME = TypeObject(
    "DATETIME", pa.types.is_date, pa.types.is_time, pa.types.is_timestamp, pa.types.is_duration
)
#: Nothing: no system gives row ids as a type of their own.
ROWID = TypeObject("ROWID")
