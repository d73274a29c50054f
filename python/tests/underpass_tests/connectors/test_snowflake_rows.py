"""Batches of Snowflake's driver, which differ in their types, as one table."""

from __future__ import annotations

import datetime
import decimal

import pyarrow as pa

from underpass.connectors.snowflake.rows import joined


def test_whole_numbers_grow_to_the_largest_of_all_batches() -> None:
    small = pa.table({"n": pa.array([1, None], pa.int8())})
    large = pa.table({"n": pa.array([decimal.Decimal(10**30)], pa.decimal128(38, 0))})
    assert joined([small, small], ["n"]).take()["n"].type == pa.int64()
    assert joined([small, large], ["n"]).take()["n"].to_pylist() == [1, None, decimal.Decimal(10**30)]


def test_digits_that_microseconds_do_not_have_are_told() -> None:
    fine = pa.table({"t": pa.array([1_000_000_001], pa.timestamp("ns", "UTC"))})
    far = pa.table({"t": pa.array([datetime.datetime.max], pa.timestamp("us", "UTC"))})
    rows = joined([fine, far], ["t"])
    assert [remark.split('"')[1] for remark in rows.remarks] == ["t"]
    assert rows.take()["t"].type == pa.timestamp("us", "UTC")
    assert joined([fine, fine], ["t"]).take()["t"].type == pa.timestamp("ns", "UTC")
