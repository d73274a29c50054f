"""Dremio's connector, through the bastion, on a Flight SQL server in its place."""

from __future__ import annotations

import datetime
import decimal
import threading
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest

from tests.kernel import Kernel
from tests.person import Person
from tests.servers.databases.dremio import Dremio
from underpass.connectors.base import Affected, Column, Connector, Rows, Table
from underpass.failure import UnderpassError

from .conftest import Connect

SYSTEM = "dremio"

NO_PARAMETERS_PORT = 32030

TYPES = """\
CREATE TABLE scratch.types (number BIGINT, small INT, yes BOOLEAN, real FLOAT, exact DOUBLE,
    price DECIMAL(38, 10), words VARCHAR, raw VARBINARY, day DATE, clock TIME, moment TIMESTAMP,
    span "INTERVAL DAY TO SECOND", age "INTERVAL YEAR TO MONTH",
    several LIST(INT), pairs MAP(VARCHAR, BIGINT), record ROW(X INT, Y VARCHAR));
INSERT INTO scratch.types VALUES (9223372036854775807, -2147483648, 1, 1.5, 0.1,
    '-1234567890123456789012345678.0123456789', 'naïve ''quoted'' 𝄞', x'00ff10', '2024-02-29', '23:59:59.999',
    '1969-12-31 23:59:59.999', '{"days": -2, "milliseconds": 1500}', '14',
    '[1, null, 3]', '[{"key": "a", "value": 1}]', '{"X": 7, "Y": null}');
INSERT INTO scratch.types (number) VALUES (NULL);
"""
#: Type in Arrow, and the value in the first row; the second row has none.
EXPECTED: dict[str, tuple[pa.DataType, Any]] = {
    "number": (pa.int64(), 9223372036854775807),
    "small": (pa.int32(), -2147483648),
    "yes": (pa.bool_(), True),
    "real": (pa.float32(), 1.5),
    "exact": (pa.float64(), 0.1),
    "price": (pa.decimal128(38, 10), decimal.Decimal("-1234567890123456789012345678.0123456789")),
    "words": (pa.string(), "naïve 'quoted' 𝄞"),
    "raw": (pa.binary(), b"\x00\xff\x10"),
    "day": (pa.date32(), datetime.date(2024, 2, 29)),
    "clock": (pa.time32("ms"), datetime.time(23, 59, 59, 999000)),
    "moment": (pa.timestamp("ms"), datetime.datetime(1969, 12, 31, 23, 59, 59, 999000)),
    "span": (pa.month_day_nano_interval(), pa.MonthDayNano((0, -2, 1_500_000_000))),
    "age": (pa.month_day_nano_interval(), pa.MonthDayNano((14, 0, 0))),
    "several": (pa.list_(pa.int32()), [1, None, 3]),
    "pairs": (pa.map_(pa.string(), pa.int64()), [("a", 1)]),
    "record": (pa.struct({"X": pa.int32(), "Y": pa.string()}), {"X": 7, "Y": None}),
}

#: A value, the type that it is cast to, what comes back.
VALUES: list[tuple[Any, str, Any]] = [
    (None, "VARCHAR", None),
    (True, "BOOLEAN", True),
    (-7, "BIGINT", -7),
    (2**63 - 1, "BIGINT", 2**63 - 1),
    (2**64, "DECIMAL(38, 0)", decimal.Decimal(2**64)),
    (-2.5e-300, "DOUBLE", -2.5e-300),
    (1.0, "DOUBLE", 1.0),
    (
        decimal.Decimal("-12345678901234567890.123"),
        "DECIMAL(30, 3)",
        decimal.Decimal("-12345678901234567890.123"),
    ),
    (decimal.Decimal("1E+3"), "DECIMAL(10, 2)", decimal.Decimal("1000.00")),
    ('it\'s "here" \\ -- ? naïve 𝄞\n', "VARCHAR", 'it\'s "here" \\ -- ? naïve 𝄞\n'),
    ("", "VARCHAR", ""),
    (b"\x00\xff'", "VARBINARY", b"\x00\xff'"),
    (datetime.date(2024, 2, 29), "DATE", datetime.date(2024, 2, 29)),
    (datetime.time(23, 59, 59, 999000), "TIME", datetime.time(23, 59, 59, 999000)),
    (
        datetime.datetime(2024, 7, 1, 12, 30, 0, 123000),
        "TIMESTAMP",
        datetime.datetime(2024, 7, 1, 12, 30, 0, 123000),
    ),
    (
        datetime.datetime(2024, 7, 1, 12, 30, tzinfo=datetime.timezone(datetime.timedelta(hours=5.5))),
        "TIMESTAMP",
        datetime.datetime(2024, 7, 1, 7, 0),
    ),
    (uuid.UUID(int=1), "VARCHAR", "00000000-0000-0000-0000-000000000001"),
]


def table(connector: Connector, sql: str, *params: object, limit: int | None = None) -> pa.Table:
    answer = connector.run(sql, params, limit=limit)
    assert isinstance(answer, Rows)
    return answer.take()


def rows(connector: Connector, sql: str, *params: object, limit: int | None = None) -> list[dict[str, Any]]:
    return table(connector, sql, *params, limit=limit).to_pylist()


@pytest.fixture(scope="module")
def typed(database: Dremio) -> Dremio:
    """With one column of each type."""
    database.server.execute(TYPES)
    return database


@pytest.fixture
def without_parameters(database: Dremio, connect: Connect) -> Iterator[Connector]:
    """On a server that takes no parameters, as Dremio before 25."""
    server = database.another(NO_PARAMETERS_PORT, "-parameters=false")
    yield connect(port=NO_PARAMETERS_PORT)
    server.stop()


def test_every_type_keeps_its_values(typed: Dremio, connector: Connector) -> None:
    answer = table(connector, "SELECT * FROM scratch.types ORDER BY number IS NULL")
    assert dict(zip(answer.column_names, answer.schema.types, strict=True)) == {
        name: kind for name, (kind, _) in EXPECTED.items()
    }
    first, second = answer.to_pylist()
    assert first == {name: value for name, (_, value) in EXPECTED.items()}
    assert set(second.values()) == {None}


def test_every_type_becomes_a_column_of_a_data_frame(
    typed: Dremio, person: Person, connector: Connector
) -> None:
    frame = person.cell("dremio shared", "SELECT * FROM scratch.types ORDER BY number IS NULL").frame
    assert frame is not None
    assert [str(kind) for kind in frame.dtypes] == [
        *("Int64", "Int64", "boolean", "float32", "float64", "decimal128(38, 10)[pyarrow]", "str", "object"),
        *("datetime64[ms]", "object", "datetime64[ms]", "object", "object", "object", "object", "object"),
    ]


@pytest.mark.parametrize(("value", "kind", "expected"), VALUES, ids=lambda value: str(value)[:24])
def test_a_value_is_bound_as_what_it_is(connector: Connector, value: Any, kind: str, expected: Any) -> None:
    assert rows(connector, f"SELECT CAST(? AS {kind}) AS v", value) == [{"v": expected}]


def test_a_server_without_parameters_gets_literals_that_mean_the_same(without_parameters: Connector) -> None:
    for value, kind, expected in VALUES:
        found = rows(without_parameters, f"SELECT CAST(? AS {kind}) AS v, '?' AS mark -- ?", value)
        assert found == [{"v": expected, "mark": "?"}]


def test_an_error_behind_literals_points_into_the_cell(without_parameters: Connector) -> None:
    # The server looks at parameters last.
    assert rows(without_parameters, "SELECT ? AS long", "many words") == [{"long": "many words"}]
    without_parameters._takes_parameters = False  # pyright: ignore[reportAttributeAccessIssue]
    before = "SELECT ? AS long, "
    with pytest.raises(UnderpassError) as refused:
        without_parameters.run(f"{before}nonesuch", ["many words"])
    assert refused.value.failure.get("detail", {})["position"] == len(before) + 1


def test_text_that_is_no_unicode_is_a_failure_like_others(connector: Connector) -> None:
    with pytest.raises(UnderpassError, match="surrogates"):
        connector.run("SELECT ? AS v", ["\ud800"])


def test_lists_are_bound_item_by_item(person: Person, connector: Connector) -> None:
    numbers = "WITH n(i) AS (VALUES (1), (2), (3), (4)) SELECT i FROM n WHERE i"

    def found(condition: str, wanted: list[int]) -> list[int]:
        frame = person.cell("dremio shared", f"{numbers} {condition} {{{{ wanted }}}}", wanted=wanted).frame
        assert frame is not None
        return frame["i"].to_list()

    assert found("IN", [2, 4]) == [2, 4]
    assert found("NOT IN", [2, 4]) == [1, 3]
    assert found("IN", []) == []
    assert found("NOT IN", []) == [1, 2, 3, 4]


def test_a_limit_is_exact_and_ends_the_statement_on_the_server(
    database: Dremio, connector: Connector
) -> None:
    endless = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT n, 'limit' AS t FROM c"
    for count in (1, 20_000):
        answer = table(connector, endless, limit=count)
        assert answer.column("n").to_pylist() == list(range(1, count + 1))
        wait_until(lambda: not database.running("limit"))
    assert rows(connector, "SELECT 1 AS one", limit=5) == [{"one": 1}]


def test_what_changes_rows_says_how_many(connector: Connector) -> None:
    assert rows(connector, "CREATE TABLE scratch.changed (a BIGINT)")[0]["ok"] is True
    assert connector.run("INSERT INTO scratch.changed VALUES (?), (?)", [1, None]) == Affected(2)
    assert connector.run("INSERT INTO scratch.changed VALUES (?)", [1], limit=0) == Affected(1)
    assert connector.run("-- all\nDELETE FROM scratch.changed", []) == Affected(3)
    assert not connector.in_transaction


def test_a_session_lasts_over_the_statements_of_cells(person: Person, connector: Connector) -> None:
    person.cell("dremio shared", 'USE "lake.sales"; SELECT 1 AS one')
    frame = person.cell("dremio shared", "SELECT CURRENT_SCHEMA AS here").frame
    assert frame is not None
    assert frame["here"].to_list() == ["lake.sales"]


def test_the_schema_of_an_integration_is_in_use_from_the_start(connect: Connect) -> None:
    assert rows(connect(schema="lake"), "SELECT CURRENT_SCHEMA AS here") == [{"here": "lake"}]


@pytest.mark.parametrize(
    ("cell", "line", "column"),
    [
        ("SELECT 1 AS one;\nSELECT 'é', nonesuch\nFROM scratch.types", 3, 13),
        ("SELECT {{ 'a long word' }} AS a,\n  1 FORM x", 3, 10),
    ],
)
def test_an_error_has_line_and_column(
    typed: Dremio, person: Person, connector: Connector, cell: str, line: int, column: int
) -> None:
    with pytest.raises(UnderpassError) as refused:
        person.cell("dremio shared", cell)
    failure = refused.value.failure
    assert failure["code"] == "query-failed"
    assert (failure.get("detail", {})["line"], failure.get("detail", {})["column"]) == (line, column)
    assert "SQL Query" not in failure["message"]


def test_a_cancelled_statement_ends_on_the_server(database: Dremio, connector: Connector) -> None:
    failures: list[UnderpassError] = []
    thread = threading.Thread(target=lambda: failures.append(failing(connector, database.slow("cancel me"))))
    thread.start()
    wait_until(lambda: database.running("cancel me"))
    start = time.monotonic()
    connector.cancel()
    wait_until(lambda: not database.running("cancel me"))
    thread.join()
    assert time.monotonic() - start < 1
    assert failures[0].failure["code"] == "cancelled"
    assert rows(connector, "SELECT 1 AS one") == [{"one": 1}]


def test_a_statement_that_the_server_ended_says_so(database: Dremio, connector: Connector) -> None:
    failures: list[UnderpassError] = []
    thread = threading.Thread(target=lambda: failures.append(failing(connector, database.slow("end me"))))
    thread.start()
    wait_until(lambda: database.running("end me"))
    database.server.cancel(database.server.jobs()[0]["id"])
    thread.join()
    assert failures[0].failure["code"] == "cancelled"


def test_the_catalog_is_listed_in_pages(typed: Dremio, connector: Connector) -> None:
    typed.server.execute(
        'CREATE TABLE "lake.sales".orders (id BIGINT NOT NULL, total DECIMAL(10, 2));'
        'CREATE TABLE "lake.sales".refunds (id BIGINT); CREATE VIEW "lake.sales".recent AS SELECT 1 AS one;'
    )
    assert connector.schemas() == ["INFORMATION_SCHEMA", "lake", "lake.sales", "scratch"]
    assert connector.schemas(after="lake", count=1) == ["lake.sales"]
    assert connector.tables("lake.sales", count=2) == [
        Table("lake.sales", "orders", "table"),
        Table("lake.sales", "recent", "view"),
    ]
    assert connector.tables("lake.sales", after="recent") == [Table("lake.sales", "refunds", "table")]
    names = [column.name for column in connector.columns("lake.sales", "orders")]
    assert names == ["id", "total"]
    assert connector.columns("lake.sales", "orders")[0] == Column("id", "BIGINT", False)
    assert connector.columns("lake.sales", "none") == []


def test_stop_in_a_notebook_ends_the_statement(database: Dremio, kernel: Kernel) -> None:
    request = kernel.start(f'%%sql "My DB"\n{database.slow("stop me")}')
    wait_until(lambda: database.running("stop me"))
    kernel.interrupt()
    start = time.monotonic()
    wait_until(lambda: not database.running("stop me"))
    assert time.monotonic() - start < 1
    assert kernel.finish(request).error == "KeyboardInterrupt"
    assert "42" in kernel.run('%%sql "My DB"\nSELECT 42 AS answer').text


def failing(connector: Connector, sql: str) -> UnderpassError:
    with pytest.raises(UnderpassError) as refused:
        connector.run(sql, [])
    return refused.value


def wait_until(condition: Any, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)
