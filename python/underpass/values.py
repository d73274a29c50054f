"""Python values that can be bound to a statement."""

from __future__ import annotations

import datetime
import decimal
import enum
import uuid
from typing import Any

from .failure import fail

_SCALARS = (
    bool,
    int,
    float,
    decimal.Decimal,
    str,
    bytes,
    datetime.date,
    datetime.time,
    datetime.timedelta,
    uuid.UUID,
)

#: How tables of pandas, polars and pyarrow are called.
_TABLES = ("DataFrame", "LazyFrame", "Table", "RecordBatch", "RecordBatchReader")


def bindable(value: Any, source: str) -> Any:
    """A plain Python value for ``value``: a scalar, None, or a list of them.

    numpy's and pandas' scalars become Python's, missing values (NA, NaT) None; arrays, Series, tuples and
    sets lists. NaN stays a number, but in arrays and Series it is a missing value.

    Raises:
        UnderpassError: no database could hold it; ``source`` is the expression it came from.
    """
    if isinstance(value, enum.Enum):
        # Its text is its name, not its value.
        value = value.value
    if value is None:
        return None
    family = type(value).__module__.partition(".")[0]
    if family in ("numpy", "pandas"):
        value = _plain(value)
    elif family in ("polars", "pyarrow"):
        value = _listed(value)
    if value is None or isinstance(value, _SCALARS):
        return value
    if isinstance(value, bytearray | memoryview):
        return bytes(value)
    if isinstance(value, list | tuple | set | frozenset | range):
        return [bindable(item, source) for item in value]
    if type(value).__name__ in _TABLES:
        raise fail(
            "invalid-request",
            "request",
            f"{{{{ {source} }}}} is a whole table ({type(value).__name__}), which can not be a value.",
            f"For one of its columns write {{{{ {source}['NAME'] }}}}. To query the table itself: --with "
            f"{source} in the first line, if an earlier cell of this integration gave it; or a cell with "
            "%%sql duckdb, which reads tables of this notebook by their names.",
        )
    raise fail(
        "invalid-request",
        "request",
        f"{{{{ {source} }}}} is of type {type(value).__name__}, which can not be sent to a database.",
        "Give a number, text, bytes, date, time, UUID or a list of them.",
    )


def _plain(value: Any) -> Any:
    """What numpy and pandas keep in types of their own, as Python has it."""
    import numpy
    import pandas

    if getattr(value, "ndim", 0) > 1 and type(value).__module__ == "numpy":
        return list(value)
    if getattr(value, "ndim", 0) == 1:
        # numpy's own lists hold plain integers for nanoseconds.
        return [None if _is_missing(item) else item for item in pandas.Series(value).tolist()]
    if isinstance(value, pandas.Timestamp):
        # Databases hold microseconds.
        return value.to_pydatetime(warn=False)
    if isinstance(value, pandas.Timedelta):
        return value.to_pytimedelta()
    if value is pandas.NA or value is pandas.NaT or value is numpy.ma.masked:
        return None
    if type(value).__name__ in ("datetime64", "timedelta64"):
        convert = pandas.Timestamp if type(value).__name__ == "datetime64" else pandas.Timedelta
        return _plain(convert(value))
    return value.item() if hasattr(value, "item") else value


def _listed(value: Any) -> Any:
    """A column of polars, a value or a column of pyarrow, as Python has it; others as they are."""
    for convert in ("to_pylist", "as_py", "to_list"):
        if type(value).__name__ not in _TABLES and hasattr(value, convert):
            return getattr(value, convert)()
    return value


def _is_missing(item: Any) -> bool:
    """As pandas sees it: NaN, too, is how its columns and numpy's arrays say that there is nothing."""
    import pandas

    return pandas.api.types.is_scalar(item) and bool(pandas.isna(item))
