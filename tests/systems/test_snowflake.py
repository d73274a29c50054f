"""Snowflake's connector, on fakesnow in its place. There is no bastion, and TLS is always on."""

from __future__ import annotations

import datetime
import decimal
import itertools
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any, cast

import pyarrow as pa
import pytest

from tests.person import Person
from tests.servers.databases import Database
from tests.servers.databases.snowflake import Snowflake
from underpass.connectors import find_connector
from underpass.connectors.base import Affected, Column, Connector, Rows, Table
from underpass.failure import UnderpassError

SYSTEM = "snowflake"

_names = itertools.count(1)

TYPES = """\
SELECT 1::number(38, 0) AS whole, -12345678901234567.891::number(20, 3) AS wide,
    -1.50::number(10, 2) AS price, 1.5::float AS real, 'naïve ''quoted'' 𝄞' AS words, true AS yes,
    to_binary('00ff10', 'HEX') AS raw, '2024-02-29'::date AS day, '23:59:59.123456'::time AS clock,
    '2024-02-29 01:02:03.123456'::timestamp_ntz AS local, '2024-02-29 01:02:03 +0530'::timestamp_tz AS moment,
    parse_json('{"a":1}') AS json, null::varchar AS nothing"""
EXPECTED: dict[str, tuple[str, Any]] = {
    "WHOLE": ("int64", 1),
    "WIDE": ("decimal128(20, 3)", decimal.Decimal("-12345678901234567.891")),
    "PRICE": ("decimal128(10, 2)", decimal.Decimal("-1.50")),
    "REAL": ("double", 1.5),
    "WORDS": ("string", "naïve 'quoted' 𝄞"),
    "YES": ("bool", True),
    "RAW": ("binary", b"\x00\xff\x10"),
    "DAY": ("date32[day]", datetime.date(2024, 2, 29)),
    "CLOCK": ("time64[us]", datetime.time(23, 59, 59, 123456)),
    "LOCAL": ("timestamp[ns]", datetime.datetime(2024, 2, 29, 1, 2, 3, 123456)),
    "MOMENT": (
        "timestamp[ns, tz=Etc/UTC]",
        datetime.datetime(2024, 2, 28, 19, 32, 3, tzinfo=datetime.timezone.utc),
    ),
    "JSON": ("string", '{"a":1}'),
    "NOTHING": ("string", None),
}
VALUES: list[tuple[Any, Any]] = [
    (None, None),
    (True, True),
    (-7, -7),
    (2**70, decimal.Decimal(2**70)),
    (-2.5, -2.5),
    (decimal.Decimal("-123.45"), decimal.Decimal("-123.45")),
    ('it\'s "here" \\ -- ? naïve 𝄞\n', 'it\'s "here" \\ -- ? naïve 𝄞\n'),
    (b"\x00\xff'", b"\x00\xff'"),
    (datetime.date(2024, 2, 29), datetime.date(2024, 2, 29)),
    (datetime.time(23, 59, 59, 123456), datetime.time(23, 59, 59, 123456)),
    (datetime.datetime(2024, 7, 1, 12, 30, 0, 123456), datetime.datetime(2024, 7, 1, 12, 30, 0, 123456)),
    (
        datetime.datetime(2024, 7, 1, 12, 30, tzinfo=datetime.timezone(datetime.timedelta(hours=5.5))),
        datetime.datetime(2024, 7, 1, 7, 0, tzinfo=datetime.timezone.utc),
    ),
    (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
]

Connect = Callable[..., Connector]


@pytest.fixture
def connect(database: Database, person: Person) -> Iterator[Connect]:
    """Opens connectors, each for an integration of its own; closes them at the end."""
    opened: list[Connector] = []

    def connect(
        *,
        flaw: Any = None,
        secrets: dict[str, str] | None = None,
        options: dict[str, str] | None = None,
        read_only: bool = False,
    ) -> Connector:
        login = database.login(cast("Snowflake", database).ports[flaw])
        fields = {**login.fields, "options": {**login.fields["options"], **(options or {})}}
        name = f"snowflake {next(_names)}"
        person.add(
            "snowflake", name, fields, login.secrets if secrets is None else secrets, read_only=read_only
        )
        opened.append(find_connector("snowflake").open(person.ensure(name)))
        return opened[-1]

    yield connect
    for connector in opened:
        connector.close()


@pytest.fixture(scope="module")
def connector(database: Database, person: Person) -> Iterator[Connector]:
    """One session for all tests; the same integration is "My DB" in cells."""
    login = database.login(cast("Snowflake", database).ports[None])
    person.add("snowflake", "My DB", login.fields, login.secrets)
    connector = find_connector("snowflake").open(person.ensure("My DB"))
    yield connector
    connector.close()


def rows(connector: Connector, sql: str, *params: object, limit: int | None = None) -> list[dict[str, Any]]:
    return table(connector, sql, *params, limit=limit).to_pylist()


def table(connector: Connector, sql: str, *params: object, limit: int | None = None) -> pa.Table:
    answer = connector.run(sql, params, limit=limit)
    assert isinstance(answer, Rows)
    return answer.take()


def test_every_type_keeps_its_values(connector: Connector) -> None:
    answer = table(connector, TYPES)
    kinds = [str(kind) for kind in answer.schema.types]
    found = dict(
        zip(answer.column_names, zip(kinds, answer.to_pylist()[0].values(), strict=True), strict=True)
    )
    assert found == EXPECTED


@pytest.mark.parametrize(("value", "expected"), VALUES, ids=lambda value: str(value)[:24])
def test_a_value_is_bound_as_what_it_is(connector: Connector, value: Any, expected: Any) -> None:
    assert rows(connector, "SELECT ? AS v", value) == [{"V": expected}]


def test_a_query_without_rows_has_the_types_of_one_with_rows(connector: Connector) -> None:
    answer = table(connector, f"SELECT * FROM ({TYPES}) WHERE 1 = 0")
    kinds = dict(zip(answer.column_names, map(str, answer.schema.types), strict=True))
    assert kinds == {name: kind for name, (kind, _) in EXPECTED.items()}


def test_a_list_as_one_value_is_refused_and_nothing_runs(connector: Connector) -> None:
    with pytest.raises(UnderpassError) as refused:
        connector.run("SELECT ? AS v", [[1, 2]])
    assert refused.value.failure["code"] == "invalid-request"


@pytest.mark.parametrize("limit", [None, 199_999])
def test_times_beyond_nanoseconds_in_one_of_several_batches_are_kept(
    connector: Connector, limit: int | None
) -> None:
    moments = "iff(r.range < 150000, '2024-01-02 03:04:05.000006', '9999-12-31')::timestamp_ntz"
    answer = table(connector, f"SELECT {moments} AS t, 1 AS t FROM range(200000) AS r", limit=limit)
    assert answer.schema.types == [pa.timestamp("us"), pa.int64()]
    found = answer.column(0)
    assert (len(found), found[0].as_py()) == (limit or 200_000, datetime.datetime(2024, 1, 2, 3, 4, 5, 6))
    assert found[-1].as_py() == datetime.datetime(9999, 12, 31)


def test_names_of_columns_do_not_make_a_query_a_change(connector: Connector) -> None:
    assert rows(connector, 'SELECT 3 AS "number of orders"') == [{"number of orders": 3}]


def test_lists_are_bound_item_by_item(person: Person, connector: Connector) -> None:
    numbers = "SELECT i FROM (VALUES (1), (2), (3)) AS n(i) WHERE i"

    def found(condition: str, wanted: list[int]) -> list[int]:
        frame = person.cell(
            "My DB", f"{numbers} {condition} {{{{ wanted }}}} ORDER BY i", wanted=wanted
        ).frame
        assert frame is not None
        return frame["I"].to_list()

    assert found("IN", [1, 3]) == [1, 3]
    assert found("NOT IN", [1, 3]) == [2]
    assert found("IN", []) == []
    assert found("NOT IN", []) == [1, 2, 3]


def test_a_limit_is_exact(connector: Connector) -> None:
    assert len(rows(connector, "SELECT * FROM (VALUES (1), (2), (3)) AS n(i)", limit=2)) == 2


def test_what_changes_rows_says_how_many_and_a_transaction_is_known(connector: Connector) -> None:
    assert connector.run("CREATE OR REPLACE TABLE changed (a int, b varchar)", []) == Affected(None)
    assert not connector.in_transaction
    connector.run("BEGIN", [])
    assert connector.in_transaction
    assert connector.run("INSERT INTO changed VALUES (?, ?), (2, NULL)", [1, "x"]) == Affected(2)
    connector.run("ROLLBACK", [])
    assert not connector.in_transaction
    assert rows(connector, "SELECT * FROM changed") == []


def test_an_error_has_line_and_column(person: Person, connector: Connector) -> None:
    with pytest.raises(UnderpassError) as refused:
        person.cell("My DB", "SELECT 1;\nSELECT 'é' AS a\nFROM nowhere x y z")
    detail = refused.value.failure.get("detail", {})
    assert (refused.value.failure["code"], detail["line"]) == ("query-failed", 4)


def test_a_cancelled_statement_ends_on_the_server(database: Database, connector: Connector) -> None:
    failures: list[UnderpassError] = []

    def run() -> None:
        with pytest.raises(UnderpassError) as ended:
            connector.run(database.slow("cancel me"), [])
        failures.append(ended.value)

    thread = threading.Thread(target=run)
    thread.start()
    wait_until(lambda: database.running("cancel me"))
    start = time.monotonic()
    wait_until(lambda: cancelled(connector, database))
    assert time.monotonic() - start < 1
    thread.join()
    assert failures[0].failure["code"] == "cancelled"
    assert rows(connector, "SELECT 1 AS one") == [{"ONE": 1}]


def cancelled(connector: Connector, database: Database) -> bool:
    # As Stop does, again and again: the first may come before the answer with the statement's id.
    connector.cancel()
    return not database.running("cancel me")


def test_the_catalog_is_listed_in_pages(connector: Connector) -> None:
    connector.run("CREATE OR REPLACE TABLE public.orders (id int NOT NULL, total number(10, 2))", [])
    connector.run("CREATE OR REPLACE TABLE public.refunds (id int)", [])
    assert "PUBLIC" in connector.schemas()
    assert connector.schemas(after="PUBLIC") == []
    named = {entry.name: entry for entry in connector.tables("PUBLIC")}
    assert named["ORDERS"] == Table("PUBLIC", "ORDERS", "table")
    assert [entry.name for entry in connector.tables("PUBLIC", after="ORDERS", count=1)] == ["REFUNDS"]
    columns = connector.columns("PUBLIC", "ORDERS")
    assert [column.name for column in columns] == ["ID", "TOTAL"]
    assert columns[0] == Column("ID", "NUMBER", False)


def test_a_key_pair_logs_in_without_a_password(database: Database, connect: Connect) -> None:
    connector = connect(secrets={"privateKey": cast("Snowflake", database).private_key})
    assert rows(connector, "SELECT 1 AS one") == [{"ONE": 1}]


def test_a_wrong_password_is_refused_without_repeating_it(connect: Connect) -> None:
    with pytest.raises(UnderpassError) as refused:
        connect(secrets={"password": "not-the-password"})
    assert (refused.value.failure["code"], refused.value.failure["stage"]) == ("login-refused", "login")
    assert "not-the-password" not in repr(refused.value.failure)


def test_a_key_that_can_not_be_read_is_named(connect: Connect) -> None:
    with pytest.raises(UnderpassError) as refused:
        connect(secrets={"privateKey": "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"})
    assert refused.value.failure.get("detail", {})["field"] == "privateKey"


def test_a_certificate_for_another_name_is_refused(connect: Connect) -> None:
    with pytest.raises(UnderpassError) as refused:
        connect(flaw="wrong-name")
    assert (refused.value.failure["code"], refused.value.failure["stage"]) == ("tls-name-mismatch", "tls")


@pytest.mark.parametrize(
    "option", ["protocol", "tls_skip_verify", "verify_hostname", "Verify_Certificates", "authenticator"]
)
def test_an_option_that_would_undo_a_promise_is_refused(connect: Connect, option: str) -> None:
    with pytest.raises(UnderpassError) as refused:
        connect(options={option: "true"})
    assert refused.value.failure.get("detail", {})["field"] == "options"


def wait_until(condition: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_read_only_integration_writes_nothing(connect: Connect, connector: Connector) -> None:
    connector.run("CREATE TABLE guarded (a int)", [])
    connector.run("INSERT INTO guarded VALUES (1)", [])
    reader = connect(read_only=True)
    for statement in (
        "INSERT INTO guarded VALUES (2)",
        "DELETE FROM guarded WHERE true",
        "DROP TABLE guarded",
        "CREATE TABLE copied AS SELECT * FROM guarded",
        "SELECT 1; DELETE FROM guarded WHERE true",
        "BEGIN DELETE FROM guarded WHERE true; END",
    ):
        with pytest.raises(UnderpassError) as refused:
            reader.run(statement, [])
        assert refused.value.failure["code"] == "read-only"
    for each in (reader, connector):
        assert [list(row.values()) for row in table(each, "SELECT a FROM guarded").to_pylist()] == [[1]]
    connector.run("DROP TABLE guarded", [])
