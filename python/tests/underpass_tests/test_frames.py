from __future__ import annotations

import datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from underpass.connectors.base import Rows
from underpass.failure import UnderpassError
from underpass.frames import to_frame


def frame_of(decimals: str = "decimal", **columns: pa.Array) -> pd.DataFrame:
    assert decimals in ("decimal", "float")
    frame = to_frame(Rows(pa.table(columns)), decimals="float" if decimals == "float" else "decimal")
    assert isinstance(frame, pd.DataFrame)
    return frame


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        (pa.array([1, 2], pa.int32()), np.dtype("int32")),
        (pa.array([1, None], pa.int32()), pd.Int64Dtype()),
        (pa.array([2**62 + 1, None], pa.int64()), pd.Int64Dtype()),
        (pa.array([1.5, None]), np.dtype("float64")),
        (pa.array([True, False]), np.dtype("bool")),
        (pa.array([True, None]), pd.BooleanDtype()),
        (pa.array([datetime.date(2024, 1, 2), None]), np.dtype("datetime64[ms]")),
        (pa.array([0, None], pa.timestamp("us", "UTC")), pd.DatetimeTZDtype("us", "UTC")),
        (pa.array([Decimal("1.50"), None], pa.decimal128(10, 2)), pd.ArrowDtype(pa.decimal128(10, 2))),
    ],
)
def test_a_column_has_the_dtype(values: pa.Array, dtype: object) -> None:
    assert frame_of(c=values).dtypes["c"] == dtype


def test_large_integers_stay_exact_beside_nulls() -> None:
    assert frame_of(c=pa.array([2**62 + 1, None]))["c"][0] == 2**62 + 1


def test_decimals_are_exact_unless_floats_are_asked_for() -> None:
    values = pa.array([Decimal("0.10"), None], pa.decimal128(10, 2))
    assert frame_of(c=values)["c"][0] == Decimal("0.10")
    assert frame_of("float", c=values)["c"].dtype == np.dtype("float64")


def test_columns_keep_their_order_and_may_share_a_name() -> None:
    columns = [pa.array([1, None]), pa.array(["x", "y"]), pa.array([3, 4]), pa.array([None, True])]
    frame = to_frame(Rows(pa.Table.from_arrays(columns, names=["a", "b", "a", "c"])))
    assert isinstance(frame, pd.DataFrame)
    assert list(frame.columns) == ["a", "b", "a", "c"]
    assert frame.iloc[0].tolist()[:3] == [1, "x", 3]


def test_rows_without_ordinary_columns_are_counted() -> None:
    assert frame_of(c=pa.array([None, 1], pa.int64())).shape == (2, 1)


def test_no_rows_keep_their_columns() -> None:
    frame = frame_of(a=pa.array([], pa.int64()), b=pa.array([], pa.decimal128(5, 1)))
    assert frame.shape == (0, 2)


def test_a_value_that_pandas_can_not_hold_says_that_the_statement_was_executed() -> None:
    with pytest.raises(UnderpassError, match="was executed"):
        frame_of(c=pa.array([86_400_000_000], pa.time64("us")))
