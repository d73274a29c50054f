from __future__ import annotations

import datetime
import decimal
import enum
import math
import uuid
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from underpass.failure import UnderpassError
from underpass.values import bindable

MOMENT = datetime.datetime(2024, 5, 6, 7, 8, 9, tzinfo=datetime.timezone.utc)


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        1,
        1.5,
        "a",
        b"a",
        decimal.Decimal("1.5"),
        uuid.UUID(int=1),
        MOMENT,
        MOMENT.date(),
        [1, None],
    ],
)
def test_plain_values_stay(value: Any) -> None:
    assert bindable(value, "x") == value


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (np.int64(3), 3),
        (np.bool_(True), True),
        (np.float32(1.5), 1.5),
        (np.str_("a"), "a"),
        (np.datetime64("2024-05-06T07:08:09", "ns"), MOMENT.replace(tzinfo=None)),
        (np.datetime64("NaT"), None),
        (pd.NA, None),
        (pd.NaT, None),
        (pd.Timestamp(MOMENT), MOMENT),
        (pd.Timedelta(days=1), datetime.timedelta(days=1)),
        (np.array([1, 2]), [1, 2]),
        (pd.Series(["a", "b"]), ["a", "b"]),
        (pd.Index([1, 2]), [1, 2]),
        (pd.Series([1.0, np.nan]), [1.0, None]),
        (pd.Series(["a", np.nan], dtype=object), ["a", None]),
        (pd.Series([1, np.float32("nan"), pd.NaT], dtype=object), [1, None, None]),
        (pd.Series([1, None], dtype="Int64"), [1, None]),
        (pd.Index([np.nan, 2.5]), [None, 2.5]),
        (np.array([1.5, np.nan]), [1.5, None]),
        (np.array(["2024-01-02", "NaT"], "datetime64[ns]"), [datetime.datetime(2024, 1, 2), None]),
        (np.array([["2024-01-02"], ["NaT"]], "datetime64[ns]"), [[datetime.datetime(2024, 1, 2)], [None]]),
        (np.ma.masked, None),
        ((1, np.int8(2)), [1, 2]),
        (range(2), [0, 1]),
        (bytearray(b"a"), b"a"),
    ],
)
def test_values_of_numpy_and_pandas_become_pythons(value: Any, plain: Any) -> None:
    found = bindable(value, "x")
    assert found == plain
    assert type(found) is type(plain)


@pytest.mark.parametrize("value", [float("nan"), np.float64("nan"), [float("nan")]])
def test_not_a_number_by_itself_stays_one(value: Any) -> None:
    found = bindable(value, "x")
    (number,) = found if isinstance(found, list) else [found]
    assert math.isnan(number)


@pytest.mark.parametrize("value", [{}, pd.Period("2024-01"), pd.Interval(1, 2)])
def test_what_no_database_holds_is_refused_by_its_expression(value: Any) -> None:
    with pytest.raises(UnderpassError, match=rf"\{{\{{ my_frame \}}\}} is of type {type(value).__name__},"):
        bindable(value, "my_frame")


class Colour(str, enum.Enum):
    RED = "r"


class Level(enum.IntEnum):
    HIGH = 3


@pytest.mark.parametrize(("member", "plain"), [(Colour.RED, "r"), (Level.HIGH, 3), ([Colour.RED], ["r"])])
def test_a_member_of_an_enumeration_is_its_value(member: Any, plain: Any) -> None:
    found = bindable(member, "x")
    assert found == plain
    assert type(found) is type(plain)
    assert str(found) == str(plain)


@pytest.mark.parametrize("table", [pd.DataFrame({"a": [1]}), pl.DataFrame({"a": [1]}), pa.table({"a": [1]})])
def test_a_whole_table_is_refused_with_the_ways_to_query_it(table: Any) -> None:
    with pytest.raises(UnderpassError, match="is a whole table") as refusal:
        bindable(table, "orders")
    fix = refusal.value.failure["fix"]
    assert "{{ orders['NAME'] }}" in fix
    assert "--with orders" in fix
    assert "%%sql duckdb" in fix


def test_a_column_of_polars_or_arrow_is_a_list() -> None:
    assert bindable(pl.Series([1, None]), "x") == [1, None]
    assert bindable(pa.chunked_array([["a"], ["b"]]), "x") == ["a", "b"]
    assert bindable(pa.scalar(7), "x") == 7
