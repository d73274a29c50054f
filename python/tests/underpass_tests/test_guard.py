from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from underpass.arguments import Arguments
from underpass.connectors.base import Rows
from underpass.connectors.postgresql import PostgreSQL
from underpass.failure import UnderpassError
from underpass.frames import to_frame
from underpass.guard import SHARE, Guard
from underpass.interrupt import run_interruptibly
from underpass.sizes import on_top

from .conftest import Server

WIDE = "SELECT i, repeat('x', 500) AS text FROM generate_series(1, 4000000) AS i"


@pytest.fixture
def little_memory() -> Iterator[None]:
    """As under ``ulimit -v``: 300 MB more than there is now."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + 300_000_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)


def refused(connector: PostgreSQL, arguments: Arguments, sql: str = WIDE) -> dict[str, Any]:
    with pytest.raises(UnderpassError) as refusal:
        connector.run(sql, (), limit=arguments.limit, fetching=Guard(arguments))
    failure = refusal.value.failure
    assert failure["code"] == "result-too-large"
    return {**failure, **failure.get("detail", {})}


def backend(connector: PostgreSQL) -> tuple[int, int]:
    """The session, and how many statements run beside this one."""
    sql = (
        "SELECT pg_backend_pid() AS own, (SELECT count(*) FROM pg_stat_activity WHERE state = 'active'"
        " AND query LIKE '%repeat(%' AND pid <> pg_backend_pid()) AS others"
    )
    answer = connector.run(sql, ())
    assert isinstance(answer, Rows)
    (row,) = answer.take().to_pylist()
    return row["own"], row["others"]


def test_a_result_beyond_the_limit_is_refused_with_numbers_and_the_session_goes_on(
    connector: PostgreSQL, server: Server
) -> None:
    before = backend(connector)
    failure = refused(connector, Arguments("My DB", max_memory="100MB"))
    assert 10_000 < failure["rows"] < 1_000_000
    assert failure["neededBytes"] > failure["limitBytes"] == 100_000_000
    assert "--limit 1" in failure["fix"]
    assert "--frame arrow" in failure["fix"]
    assert "--max-memory 2" in failure["fix"]
    assert backend(connector) == before
    assert (
        server.run(
            "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'COPY%repeat(%' AND state = 'active'"
        )
        == "0"
    )


def test_the_memory_that_is_free_is_the_limit_where_nobody_says_one(
    connector: PostgreSQL, little_memory: None
) -> None:
    before = backend(connector)
    failure = refused(connector, Arguments("My DB"))
    # Rows in memory that the process had already count as free a second time, and are no more than the limit.
    assert failure["limitBytes"] <= SHARE * (300_000_000 + failure["limitBytes"])
    assert "75% of the memory that is free" in failure["message"]
    assert backend(connector) == before


def test_a_result_within_the_limit_arrives_whole(connector: PostgreSQL) -> None:
    guard = Guard(Arguments("My DB", max_memory="100MB"))
    answer = connector.run(WIDE, (), limit=20_000, fetching=guard)
    assert isinstance(answer, Rows)
    assert len(to_frame(answer, guard=guard)) == guard.rows == 20_000


def test_the_variable_says_the_limit_and_the_option_wins(
    connector: PostgreSQL, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNDERPASS_MAX_MEMORY", "20MB")
    assert refused(connector, Arguments("My DB"))["limitBytes"] == 20_000_000
    answer = connector.run(WIDE, (), limit=60_000, fetching=Guard(Arguments("My DB", max_memory="none")))
    assert isinstance(answer, Rows)
    assert answer.take().num_rows == 60_000


def test_rows_that_a_driver_takes_before_the_first_are_noticed(connector: PostgreSQL) -> None:
    before = backend(connector)
    guard = Guard(Arguments("My DB", max_memory="300MB"))
    # With parameters they come all at once.
    sql = "SELECT generate_series(1, $1), repeat('x', 500)"

    def run() -> object:
        return connector.run(sql, (20_000_000,), fetching=guard)

    with pytest.raises(UnderpassError, match="has not given the first row") as refusal:
        run_interruptibly(run, connector.cancel, guard.watch)
    failure = refusal.value.failure
    assert failure["code"] == "result-too-large"
    assert "--limit 1000" in failure["fix"]
    assert backend(connector) == before


def test_a_refused_result_in_a_transaction_leaves_it_failed_as_any_error(connector: PostgreSQL) -> None:
    connector.run("BEGIN", ())
    assert connector.in_transaction
    refused(connector, Arguments("My DB", max_memory="30MB"))
    assert connector.in_transaction
    connector.run("ROLLBACK", ())
    assert not connector.in_transaction
    assert backend(connector)[1] == 0


def test_rows_that_arrow_holds_but_pandas_can_not_are_refused_before_they_are_converted() -> None:
    table = pa.table({"n": pa.nulls(1_000_000, pa.list_(pa.int32()))})
    guard = Guard(Arguments("My DB", max_memory="100MB"))
    guard.arrived(pa.table({"n": [1]}))
    with pytest.raises(UnderpassError, match="was executed") as refusal:
        to_frame(Rows(table), guard=guard)
    assert refusal.value.failure["code"] == "result-too-large"
    arrow = Guard(Arguments("My DB", frame="arrow", max_memory="100MB"))
    assert to_frame(Rows(table), "arrow", guard=arrow) is table


@pytest.mark.parametrize(
    "column",
    [
        pa.array(range(100_000)),
        pa.array([None, True] * 50_000),
        pa.array([f"text number {n}" for n in range(100_000)]),
        pa.array([bytes([n % 256]) * 20 for n in range(100_000)]),
        pa.array([[n, n] for n in range(100_000)]),
        pa.array([{"a": n} for n in range(100_000)]),
        pa.array([n * 1000 for n in range(100_000)], pa.time64("us")),
        pa.array([n % 9 for n in range(100_000)], pa.int32()).cast(pa.decimal128(12, 2)),
        pa.array([n % 9 for n in range(100_000)], pa.timestamp("us", "UTC")),
    ],
    ids=lambda column: str(column.type),
)
def test_what_conversion_takes_is_not_underestimated(column: pa.Array) -> None:
    table = pa.table({"c": column})
    expected = on_top(table, "pandas", "decimal")
    frame = to_frame(Rows(table))
    assert isinstance(frame, pd.DataFrame)
    taken = int(frame.memory_usage(index=False, deep=True).sum())
    # What both share is not taken again.
    assert expected + table.nbytes >= taken


def test_counting_is_cheap() -> None:
    batch = pa.RecordBatch.from_pydict({"a": range(1000), "b": ["x"] * 1000})
    guard = Guard(Arguments("My DB"))
    start = time.perf_counter()
    for _ in range(1000):
        guard.arrived(batch)
    # A gigabyte of such batches has a hundred thousand of them.
    assert time.perf_counter() - start < 0.5
    assert guard.rows == 1_000_000
