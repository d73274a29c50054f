"""MindsDB as people have it: behind a bastion, with a database behind it."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, cast

import pandas as pd
import pytest

from tests.person import Person
from tests.servers.databases import Database
from tests.servers.databases.mindsdb import SOURCE, MindsDB
from underpass.connectors.base import Affected, Column, Connector, Rows, Table
from underpass.failure import Failure, UnderpassError

from .conftest import Connect

SYSTEM = "mindsdb"

#: Value, and what MindsDB sees of it.
PARAMETERS: list[tuple[Any, Any]] = [
    (None, None),
    (True, 1),
    (-5, -5),
    (2**62, str(2**62)),
    (1.5, 1.5),
    (1e-7, 1e-7),
    (Decimal("-12.50"), -12.5),
    ('it\'s \\ "quoted" % ? -- 🐬 /* x */ -', 'it\'s \\ "quoted" % ? -- 🐬 /* x */ -'),
    ("'); DROP TABLE x; --", "'); DROP TABLE x; --"),
    ("'quoted' and 'quoted'", "'quoted' and 'quoted'"),
    ("\\' OR 1 = 1 -- \\\\' \\", "\\' OR 1 = 1 -- \\\\' \\"),
    ("'", "'"),
    ("''--''", "''--''"),
    ("# no comment", "# no comment"),
    ('{"a": "b \\"c\\" \\\\"}', '{"a": "b \\"c\\" \\\\"}'),
    (date(2024, 2, 29), "2024-02-29"),
    (datetime(2024, 1, 2, 3, 4, 5), "2024-01-02 03:04:05"),
    (datetime(2024, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=2))), "2024-01-02 03:04:05+02:00"),
    (uuid.UUID(int=7), "00000000-0000-0000-0000-000000000007"),
]


def rows(connector: Connector, sql: str, *, limit: int | None = None) -> list[dict[str, Any]]:
    answer = connector.run(sql, [], limit=limit)
    assert isinstance(answer, Rows)
    return answer.take().to_pylist()


def failure_of(call: Callable[[], Any]) -> Failure:
    with pytest.raises(UnderpassError) as error:
        call()
    return error.value.failure


@pytest.fixture(scope="module")
def source(database: Database) -> str:
    """A table in the database behind."""
    cast("MindsDB", database).source.run(
        "CREATE TABLE things (id int, name text, price float8, seen timestamp);"
        "INSERT INTO things VALUES (1, 'it''s', 1.5, '2024-01-02 03:04:05'), (2, 'a\\b', -0.25, NULL),"
        " (3, NULL, NULL, '2024-02-29')"
    )
    return f"{SOURCE}.things"


@pytest.mark.parametrize(("param", "seen"), PARAMETERS)
def test_a_parameter_of_every_type(person: Person, connector: Connector, param: Any, seen: Any) -> None:
    frame = person.cell("mindsdb shared", "SELECT {{ x }} AS x", x=param).frame
    assert isinstance(frame, pd.DataFrame)
    value: Any = frame.iloc[0, 0]
    assert value == seen or (seen is None and value != value)


@pytest.mark.parametrize("param", [b"\xff", float("nan"), "zero \0", [[1]]])
def test_what_can_not_be_sent_safely_is_refused(person: Person, connector: Connector, param: Any) -> None:
    failure = failure_of(lambda: person.cell("mindsdb shared", "SELECT {{ x }} AS x", x=param))
    assert failure["code"] == "invalid-request"


def test_a_negative_number_behind_a_minus_begins_no_comment(person: Person, connector: Connector) -> None:
    frame: Any = person.cell("mindsdb shared", "SELECT 10 -{{ x }} AS y, -{{ y }} AS z", x=-5, y=-1.5).frame
    assert (frame.iloc[0, 0], frame.iloc[0, 1]) == (15, 1.5)


def test_a_hash_is_refused_where_it_may_be_taken_for_a_comment(person: Person, connector: Connector) -> None:
    cell = 'SELECT {{ x }} AS x, "it\'s" AS y'
    assert failure_of(lambda: person.cell("mindsdb shared", cell, x="a # b"))["code"] == "invalid-request"
    assert person.cell("mindsdb shared", cell, x="a b").frame is not None


def test_values_and_lists_find_rows_of_the_database_behind(
    person: Person, connector: Connector, source: str
) -> None:
    for condition, found in (
        ("name = {{ first }}", [1]),
        ("name = {{ other }}", [2]),
        ("id IN {{ ids }}", [1, 3]),
        ("price < {{ price }}", [2]),
        ("seen > {{ day }}", [3]),
    ):
        frame = person.cell(
            "mindsdb shared",
            f"SELECT id FROM {source} WHERE {condition} ORDER BY id",
            first="it's",
            other="a\\b",
            ids=[1, 3],
            price=0.5,
            day=date(2024, 1, 31),
        ).frame
        assert isinstance(frame, pd.DataFrame)
        assert list(frame["id"]) == found, condition


def test_rows_have_the_types_that_mindsdb_gives_them(connector: Connector, source: str) -> None:
    assert rows(connector, f"SELECT * FROM {source} ORDER BY id") == [
        {"id": 1, "name": "it's", "price": 1.5, "seen": datetime(2024, 1, 2, 3, 4, 5)},
        {"id": 2, "name": "a\\b", "price": -0.25, "seen": None},
        {"id": 3, "name": None, "price": None, "seen": datetime(2024, 2, 29)},
    ]


def test_many_rows(connector: Connector) -> None:
    sql = f"SELECT * FROM {SOURCE} (SELECT n, 'row ' || n AS text FROM generate_series(1, 5000) AS n)"
    found = rows(connector, sql)
    assert [row["n"] for row in found] == list(range(1, 5001))
    assert found[-1]["text"] == "row 5000"
    assert len(rows(connector, sql, limit=7)) == 7
    assert rows(connector, "SELECT 1 AS one") == [{"one": 1}]


def test_an_error_says_where(connector: Connector) -> None:
    sql = "SELECT 1 AS x,\nFROM nowhere"
    failure = failure_of(lambda: connector.run(sql, []))
    assert failure["code"] == "query-failed"
    assert failure.get("detail", {})["position"] == sql.index("FROM") + 1


def test_a_wrong_password_is_a_refused_login(connect: Connect) -> None:
    failure = failure_of(lambda: connect(secrets={"password": "not the right one"}))
    assert (failure["code"], failure["stage"]) == ("login-refused", "login")
    assert "not the right one" not in str(failure)


def test_a_database_can_be_used_for_what_follows(connect: Connect, source: str) -> None:
    connector = connect()
    assert connector.run(f"USE {SOURCE}", []) == Affected(0)
    assert len(rows(connector, "SELECT * FROM things")) == 3
    assert not connector.in_transaction
    assert connector.ping()


def test_the_catalog_lists_the_databases_behind(connector: Connector, source: str) -> None:
    schemas = connector.schemas()
    assert {"information_schema", "mindsdb", SOURCE} <= set(schemas)
    assert connector.schemas(after=schemas[0], count=1) == schemas[1:2]
    assert connector.tables(SOURCE) == [Table(SOURCE, "things", "table")]
    assert connector.tables(SOURCE, after="things") == []
    assert [column.name for column in connector.columns(SOURCE, "things")] == ["id", "name", "price", "seen"]
    assert isinstance(connector.columns(SOURCE, "things")[0], Column)
    assert connector.columns(SOURCE, "nothing") == []
    assert connector.searched() == ["mindsdb"]
    connector.run(f"USE {SOURCE}", [])
    assert connector.searched() == [SOURCE]


def test_cancel_ends_the_waiting(connect: Connect, database: Database) -> None:
    connector = connect()
    start = time.monotonic()

    def cancelled() -> None:
        import threading

        timer = threading.Timer(0.5, connector.cancel)
        timer.start()
        try:
            connector.run(database.slow(f"marker{uuid.uuid4().hex}"), [])
        finally:
            timer.join()

    assert failure_of(cancelled)["code"] == "connection-lost"
    assert time.monotonic() - start < 10
    assert not connector.ping()
