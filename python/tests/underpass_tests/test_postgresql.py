"""The connector, against a real server."""

from __future__ import annotations

import datetime
import subprocess
import sys
import uuid
import zoneinfo
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from underpass.connectors import find_connector
from underpass.connectors.base import Affected, Rows
from underpass.connectors.postgresql import PostgreSQL
from underpass.failure import UnderpassError
from underpass.values import bindable

from .conftest import MakeReady

UUID = "6c35167f-8df1-44cf-97eb-52833c2bd866"


def rows(connector: PostgreSQL, sql: str, *params: Any) -> pa.Table:
    answer = connector.run(sql, params)
    assert isinstance(answer, Rows)
    return answer.take()


def one(connector: PostgreSQL, sql: str, *params: Any) -> Any:
    return rows(connector, sql, *params).column(0)[0].as_py()


def refusal(connector: PostgreSQL, sql: str, *params: Any) -> Any:
    with pytest.raises(UnderpassError) as error:
        connector.run(sql, params)
    return error.value.failure


@pytest.fixture
def table(connector: PostgreSQL) -> str:
    columns = "i int, t text, u uuid, d date, j jsonb, m mood, n numeric, ia int[], by bytea"
    connector.run("DROP TABLE IF EXISTS things", [])
    connector.run("DROP TYPE IF EXISTS mood", [])
    connector.run("CREATE TYPE mood AS ENUM ('good', 'bad')", [])
    connector.run(f"CREATE TABLE things ({columns})", [])
    values = f"1, 'a', '{UUID}', '2024-01-02', '{{\"a\": 1}}', 'good', 1.5, '{{1,2}}', '\\x00'"
    connector.run(f"INSERT INTO things VALUES ({values})", [])
    return "things"


@pytest.mark.parametrize(
    ("condition", "value"),
    [
        ("i = {}", 1),
        ("i = {}", "1"),
        ("i = ANY({})", [1, 5]),
        ("i = ANY({})", ["1"]),
        ("NOT i = ANY({})", []),
        ("i <> ALL({})", []),
        ("t = {}", "a"),
        ("t = ANY({})", ["a", None]),
        ("u = {}", UUID),
        ("u = {}", uuid.UUID(UUID)),
        ("u = ANY({})", [uuid.UUID(UUID)]),
        ("d = {}", "2024-01-02"),
        ("d = {}", datetime.date(2024, 1, 2)),
        ("d < {}", datetime.datetime(2024, 1, 3, tzinfo=datetime.timezone.utc)),
        ("j = {}", '{"a": 1}'),
        ("m = {}", "good"),
        ("m = ANY({})", ["good"]),
        ("n = {}", Decimal("1.5")),
        ("n < {}", Decimal("Infinity")),
        ("n < {}", 2**70),
        ("n = {}", 1.5),
        ("ia = {}", [1, 2]),
        ("by = {}", b"\x00"),
        ("t || {} = 'a$1'", "$1"),
        ("{}::int IS NULL", None),
    ],
)
def test_a_value_is_compared_with_the_type_that_the_server_expects(
    connector: PostgreSQL, table: str, condition: str, value: Any
) -> None:
    where = condition.format("$1")
    assert rows(connector, f"SELECT i FROM {table} WHERE {where}", value).to_pylist() == [{"i": 1}]


def test_missing_values_of_a_series_are_null(connector: PostgreSQL, table: str) -> None:
    column = bindable(pd.Series([1.0, np.nan]), "column")
    assert rows(connector, "SELECT i FROM things WHERE i = ANY($1)", column).to_pylist() == [{"i": 1}]
    texts = bindable(pd.Series(["a", np.nan], dtype=object), "texts")
    assert one(connector, "SELECT $1::text[]", texts) == ["a", None]
    numbers = bindable([1, float("nan")], "numbers")
    assert one(connector, "SELECT $1::float8[] = ARRAY[1, 'NaN']::float8[]", numbers)


MORNING = datetime.datetime(2024, 1, 2, 8)
EAST = datetime.timezone(datetime.timedelta(hours=5))
AMSTERDAM = datetime.timezone(datetime.timedelta(minutes=19, seconds=32))


@pytest.mark.parametrize(
    ("condition", "value"),
    [
        ("'12:00+05'::timetz = $1", datetime.time(12, tzinfo=EAST)),
        ("'12:00+05'::timetz = ANY($1)", [datetime.time(12, tzinfo=EAST), None]),
        # As the session's zone has it.
        (
            "'2024-01-02 08:00 America/New_York'::timestamptz = ANY($1)",
            [MORNING, MORNING.replace(tzinfo=EAST)],
        ),
        ("'2024-01-02 08:00+05'::timestamptz = ANY($1)", [MORNING, MORNING.replace(tzinfo=EAST)]),
        ("'2024-01-02 08:00+00:19:32'::timestamptz = $1", MORNING.replace(tzinfo=AMSTERDAM)),
        ("1e100 = $1", Decimal("1E+100")),
        ("1e-60 = $1", Decimal("1E-60")),
        ("1e100 = ANY($1)", [Decimal("1E+100"), Decimal(1)]),
    ],
)
def test_values_that_arrow_has_not_keep_their_meaning(
    connector: PostgreSQL, condition: str, value: Any
) -> None:
    connector.run("SET TIME ZONE 'America/New_York'", [])
    assert one(connector, f"SELECT {condition}", value) is True


@pytest.mark.parametrize(
    "value",
    ["half a pair: \ud800", [b"a", "b"], [[1]], datetime.time(12, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin"))],
)
def test_values_that_can_not_be_sent_are_refused(connector: PostgreSQL, value: Any) -> None:
    assert refusal(connector, "SELECT $1", value)["code"] == "invalid-request"
    assert one(connector, "SELECT 1") == 1


def test_text_never_becomes_sql(connector: PostgreSQL, table: str) -> None:
    evil = "'; DROP TABLE things; --"
    assert one(connector, "SELECT $1", evil) == evil
    assert one(connector, "SELECT count(*) FROM things") == 1


@pytest.mark.parametrize("state", ["42601", "0A000", "22012", "P0001"])
@pytest.mark.parametrize("before", ["", "WITH w AS (INSERT INTO things (i) VALUES (9) RETURNING i) "])
@pytest.mark.parametrize("limit", [None, 100])
def test_what_fails_while_it_runs_is_run_once_and_told(
    connector: PostgreSQL, table: str, state: str, before: str, limit: int | None
) -> None:
    connector.run("CREATE TEMP SEQUENCE runs", [])
    connector.run(
        "CREATE FUNCTION pg_temp.fails(n int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN "
        f"PERFORM nextval('runs'); IF n > 3 THEN RAISE 'on purpose' USING ERRCODE = '{state}'; END IF; "
        "RETURN n; END $$",
        [],
    )
    with pytest.raises(UnderpassError) as error:
        connector.run(f"{before}SELECT pg_temp.fails(n) FROM generate_series(1, 9) n", [], limit=limit)
    failure = error.value.failure
    assert failure["message"] == f"on purpose (SQLSTATE {state})"
    assert failure.get("detail") == {"sqlstate": state}
    assert one(connector, "SELECT last_value FROM runs") == 4
    assert one(connector, "SELECT count(*) FROM things") == 1


@pytest.mark.parametrize(
    ("sql", "params", "affected"),
    [
        ("CREATE TEMP TABLE x (a int)", [], None),
        ("INSERT INTO things (i) SELECT generate_series(2, 6)", [], 5),
        ("UPDATE things SET t = $1 WHERE i = $2", ["b", 1], 1),
        ("DELETE FROM things WHERE i = ANY($1)", [[7, 8]], 0),
        ("-- a remark\nINSERT INTO things (i) VALUES ($1)", [7], 1),
    ],
)
def test_the_servers_own_count_is_given(
    connector: PostgreSQL, table: str, sql: str, params: list[Any], affected: int | None
) -> None:
    assert connector.run(sql, params) == Affected(affected)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1 AS a",
        "SELECT 1 AS a -- COPY would end in here",
        "/* first */ (SELECT 1 AS a)",
        "VALUES (1)",
        "WITH q AS (SELECT 1 AS a) TABLE q",
        "INSERT INTO things (i) VALUES (1) RETURNING i",
    ],
)
def test_statements_with_rows_come_as_rows(connector: PostgreSQL, table: str, sql: str) -> None:
    assert one(connector, sql) == 1


def test_statements_that_copy_does_not_take_run_without(connector: PostgreSQL) -> None:
    assert one(connector, "SHOW application_name") == "underpass"
    assert "Result" in one(connector, "EXPLAIN SELECT 1")


def test_a_line_of_dashes_is_a_comment_like_any_other(connector: PostgreSQL) -> None:
    dashes = "-" * 2000
    assert one(connector, f"{dashes}\nSHOW application_name") == "underpass"
    assert one(connector, f"{dashes}\nSELECT $1", 1) == 1
    assert one(connector, f"SELECT 1 {dashes}") == 1


def test_a_limit_ends_a_large_result(connector: PostgreSQL) -> None:
    answer = connector.run("SELECT generate_series(1, 10000000)", [], limit=3)
    assert isinstance(answer, Rows)
    assert answer.take().column(0).to_pylist() == [1, 2, 3]
    assert one(connector, "SELECT 2") == 2


@pytest.mark.parametrize(
    ("sql", "params", "word"),
    [
        ("SELECT *\nFRM things", [], "FRM"),
        ("SHOW one two", [], "two"),
        ("SELECT 'é', nowhere", [], "nowhere"),
        ("SELECT $1, nowhere", ["a"], "nowhere"),
        ("SELECT i FROM things WHERE u = $1 AND i = 'x'", [UUID], "'x'"),
    ],
)
def test_a_refusal_says_where(
    connector: PostgreSQL, table: str, sql: str, params: list[Any], word: str
) -> None:
    failure = refusal(connector, sql, *params)
    assert (failure["code"], failure["stage"]) == ("query-failed", "query")
    assert failure["detail"]["position"] == sql.index(word) + 1
    assert len(failure["detail"]["sqlstate"]) == 5


def test_a_value_of_the_wrong_type_is_answered_with_a_cast(connector: PostgreSQL, table: str) -> None:
    failure = refusal(connector, "SELECT i FROM things WHERE t = $1", 1)
    assert "text = bigint" in failure["message"]
    assert "::" in failure["fix"]


def test_the_password_is_in_no_error(make_ready: MakeReady) -> None:
    secret = "p@ss/wörd 1:2%3?#&'\\x"
    with pytest.raises(UnderpassError) as error:
        PostgreSQL.open(make_ready(secrets={"password": secret}))
    assert error.value.failure["code"] == "login-refused"
    assert error.value.failure["stage"] == "login"
    assert error.value.__cause__ is None
    assert secret not in repr(error.value.failure)


def test_a_missing_driver_is_answered_with_the_line_that_installs_it() -> None:
    code = (
        "import sys; sys.modules['adbc_driver_postgresql'] = None\n"
        "from underpass.connectors import find_connector\n"
        "find_connector('postgresql')"
    )
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "%pip install 'underpass[postgresql]'" in finished.stderr.splitlines()[-1]


def test_a_type_without_sql_is_refused() -> None:
    with pytest.raises(UnderpassError) as error:
        find_connector("ssh-tunnel")
    assert error.value.failure["code"] == "not-a-database"
