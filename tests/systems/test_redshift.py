"""Redshift's look-alike behind a bastion; what it is and is not stands in ``tests/servers/databases``."""

from __future__ import annotations

import datetime
import secrets
import threading
import time
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any, cast

import psycopg
import pyarrow as pa
import pytest

from tests.kernel import Kernel
from tests.person import Person, fields_of
from tests.servers import PrivateNetwork
from tests.servers.databases import Database
from tests.servers.databases.redshift import Redshift
from underpass.arguments import Arguments
from underpass.connectors import redshift
from underpass.connectors.base import Affected, Column, Connector, Rows
from underpass.failure import Failure, UnderpassError

from .conftest import Connect

SYSTEM = "redshift"
UTC = datetime.timezone.utc
EAST = datetime.timezone(datetime.timedelta(hours=5, minutes=30))


def answer(connector: Connector, sql: str, *params: Any, limit: int | None = None) -> Rows:
    rows = connector.run(sql, params, limit=limit)
    assert isinstance(rows, Rows)
    return rows


def one(connector: Connector, sql: str, *params: Any) -> Any:
    return answer(connector, sql, *params).take().column(0)[0].as_py()


def refusal(connector: Connector, sql: str, *params: Any) -> Failure:
    with pytest.raises(UnderpassError) as error:
        connector.run(sql, params)
    return error.value.failure


@pytest.mark.parametrize(
    ("expression", "kind", "value"),
    [
        ("(-32768)::smallint", pa.int16(), -32768),
        ("2147483647::integer", pa.int32(), 2147483647),
        ("(-9223372036854775808)::bigint", pa.int64(), -(2**63)),
        ("0.1::real", pa.float32(), 0.10000000149011612),
        ("0.1::float8 + 0.2::float8", pa.float64(), 0.30000000000000004),
        ("'NaN'::float8::varchar", pa.string(), "NaN"),
        ("'-Infinity'::float8", pa.float64(), float("-inf")),
        ("true", pa.bool_(), True),
        ("12.50::numeric(12, 2)", pa.decimal128(4, 2), Decimal("12.50")),
        (
            "-12345678901234567890123456789012345678::numeric(38, 0)",
            pa.decimal128(38, 0),
            Decimal(-12345678901234567890123456789012345678),
        ),
        ("0.001 + 0.0002", pa.decimal128(5, 4), Decimal("0.0012")),
        ("'Ünï 😀 ''quoted'''::varchar", pa.string(), "Ünï 😀 'quoted'"),
        ("'a'::char(3)", pa.string(), "a  "),
        ("date '0001-01-01'", pa.date32(), datetime.date(1, 1, 1)),
        ("date '9999-12-31'", pa.date32(), datetime.date(9999, 12, 31)),
        ("time '23:59:59.123456'", pa.time64("us"), datetime.time(23, 59, 59, 123456)),
        ("timetz '23:59:59.5+05:30'", pa.string(), "23:59:59.5+05:30"),
        (
            "timestamp '2024-02-29 12:00:00.000001'",
            pa.timestamp("us"),
            datetime.datetime(2024, 2, 29, 12, 0, 0, 1),
        ),
        (
            "timestamptz '2024-02-29 12:00:00+05:30'",
            pa.timestamp("us", "UTC"),
            datetime.datetime(2024, 2, 29, 6, 30, tzinfo=UTC),
        ),
        ("interval '1 day 2 hours'", pa.string(), "1 day 02:00:00"),
        ("""'{"a": [1, null]}'::super""", pa.string(), '{"a": [1, null]}'),
        ("from_hex('00ff27')", pa.binary(), b"\x00\xff'"),
        ("''::varbyte", pa.binary(), b""),
        ("'0101000000'::geometry", pa.string(), "0101000000"),
        ("'{}'::hllsketch", pa.string(), "{}"),
        ("17::oid", pa.int64(), 17),
    ],
)
def test_a_type_becomes(connector: Connector, expression: str, kind: pa.DataType, value: Any) -> None:
    table = answer(
        connector, f"SELECT {expression} AS x UNION ALL SELECT NULL UNION ALL SELECT {expression}"
    ).take()
    assert table.schema.field("x").type == kind
    assert table.column("x").to_pylist() == [value, None, value]


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("date '4713-01-01 BC'", "4713-01-01 BC"),
        ("timestamp '20000-01-01 00:00:00'", "20000-01-01 00:00:00"),
        ("time '24:00:00'", "24:00:00"),
        ("1e40::numeric", "1" + "0" * 40),
    ],
)
def test_what_does_not_fit_becomes_text_with_a_remark(
    connector: Connector, expression: str, text: str
) -> None:
    rows = answer(connector, f"SELECT {expression} AS x")
    assert rows.take().column("x").to_pylist() == [text]
    assert 'Column "x"' in rows.remarks[0]


def test_no_rows_have_their_types_all_the_same(connector: Connector) -> None:
    table = answer(connector, "SELECT 1::bigint AS a, now() AS b, 1.5::numeric(4, 1) AS c WHERE 1 = 0").take()
    assert table.schema.types == [pa.int64(), pa.timestamp("us", "UTC"), pa.decimal128(4, 1)]
    assert table.num_rows == 0


def test_many_rows_come_in_their_order(connector: Connector) -> None:
    table = answer(
        connector, "SELECT n, CASE WHEN n % 3 > 0 THEN n::varchar END AS t FROM generate_series(1, 23456) n"
    ).take()
    assert table.column("n").to_pylist() == [*range(1, 23457)]
    assert table.column("t").null_count == 23456 // 3


@pytest.mark.parametrize(
    ("cast_to", "value", "back"),
    [
        ("integer", None, None),
        ("bigint", 2**40, None),
        ("numeric(38, 0)", 10**37, Decimal(10**37)),
        ("float8", 0.1, None),
        ("numeric(12, 4)", Decimal("1.2300"), None),
        ("varchar", 'it\'s "quoted" \\ $1 {{ü}} 😀', None),
        ("varchar", uuid.UUID(int=5), str(uuid.UUID(int=5))),
        ("varbyte", b"\x00'\\\xff", None),
        ("date", datetime.date(2024, 2, 29), None),
        ("timestamp", datetime.datetime(2024, 2, 29, 1, 2, 3, 4), None),
        (
            "timestamptz",
            datetime.datetime(2024, 2, 29, 12, 0, tzinfo=EAST),
            datetime.datetime(2024, 2, 29, 6, 30, tzinfo=UTC),
        ),
        ("time", datetime.time(1, 2, 3), None),
        ("boolean", True, None),
        ("interval", datetime.timedelta(days=1, seconds=7200), "1 day 02:00:00"),
    ],
)
def test_a_value_is_bound(connector: Connector, cast_to: str, value: Any, back: Any) -> None:
    name = redshift.Redshift.dialect.placeholder(1, value)
    assert one(connector, f"SELECT {name}::{cast_to}", value) == (value if back is None else back)


@pytest.mark.parametrize(
    ("condition", "value", "found"),
    [
        ("n IN {{ value }}", [1, 3], [1, 3]),
        ("n IN ({{ value }})", [2], [2]),
        ("n NOT IN {{ value }}", [1, 3], [2, 4]),
        ("n IN {{ value }}", [], []),
        ("n NOT IN {{ value }}", [], [1, 2, 3, 4]),
        ("n > 1 AND n NOT IN ({{ value }}) AND n < 4", [], [2, 3]),
        ("t IN {{ value }}", ["'1'", "2"], [2]),
        ("day = {{ value }}", datetime.date(2024, 1, 3), [3]),
        ("day IN {{ value }}", [datetime.date(2024, 1, 3), None], [3]),
        ("t = {{ value }}", "'; DROP TABLE t; --", []),
    ],
)
def test_a_cell_compares_with_a_value(
    person: Person, name: str, condition: str, value: Any, found: Any
) -> None:
    rows = (
        "(SELECT n, n::varchar AS t, date '2024-01-01' + (n - 1)::integer AS day"
        " FROM generate_series(1, 4) n) AS r"
    )
    cell = f"SELECT n FROM {rows} WHERE {condition} ORDER BY n"
    frame = person.cell(name, cell, Arguments(name), value=value).frame
    assert frame is not None
    assert [*cast("Any", frame).n] == found


@pytest.fixture(scope="module")
def name(database: Database, network: PrivateNetwork, person: Person) -> str:
    """An integration for cells."""
    fields, passwords = fields_of(database, network, "offered", mode="strict")
    person.add("redshift", "Warehouse", fields, passwords)
    return "Warehouse"


def test_a_list_elsewhere_is_refused(connector: Connector) -> None:
    assert refusal(connector, "SELECT $1", [1, 2])["code"] == "invalid-request"


def test_text_with_a_zero_byte_is_refused_before_it_is_sent(connector: Connector) -> None:
    assert refusal(connector, "SELECT $1", "a\0b")["code"] == "invalid-request"


def test_a_cell_of_several_statements_keeps_its_session(person: Person, name: str) -> None:
    cell = (
        "CREATE TEMPORARY TABLE kept (n integer);"
        "INSERT INTO kept VALUES (1), (2);"
        "BEGIN; DELETE FROM kept; ROLLBACK;"
        "SELECT count(*) AS n FROM kept"
    )
    result = person.cell(name, cell, Arguments(name))
    assert [*cast("Any", result.frame).n] == [2]
    assert "2 rows affected" in result.lines[1]
    again = person.cell(name, "SELECT max(n) AS n FROM kept", Arguments(name))
    assert [*cast("Any", again.frame).n] == [2]


def test_the_servers_own_count_is_given(connector: Connector) -> None:
    assert connector.run("CREATE TEMPORARY TABLE counted (n integer)", ()) == Affected(None)
    assert connector.run("INSERT INTO counted SELECT generate_series(1, 5)", ()) == Affected(5)
    assert connector.run("DELETE FROM counted WHERE n > $1", (3,)) == Affected(2)


@pytest.mark.parametrize(
    ("sql", "params", "position"),
    [
        ("SELECT 1,\n  nowhere", (), 13),
        ("SELECT 'ü😀', nowhere", (), 14),
        ("SELECT $1::integer, nowhere", (1,), 21),
        ("SELEC 1", (), 1),
    ],
)
def test_a_refusal_says_where(connector: Connector, sql: str, params: tuple[Any, ...], position: int) -> None:
    failure = refusal(connector, sql, *params)
    assert failure["code"] == "query-failed"
    assert failure.get("detail", {})["position"] == position
    with pytest.raises(UnderpassError) as error:
        connector.run(sql, params, limit=5)
    assert error.value.failure.get("detail", {})["position"] == position


@pytest.mark.parametrize(
    ("sql", "params"),
    [
        ("SELECT generate_series(1, 1000000000000) AS n, 1 AS n -- all", ()),
        ("SELECT generate_series(1, $1::bigint) AS n", (10**12,)),
        ("WITH n AS (SELECT generate_series(1, 1000000000000) LIMIT 1000000) SELECT * FROM n", ()),
        ("SELECT generate_series(1, 1000000000000) AS n LIMIT 1000000000000", ()),
        ("SELECT n FROM (SELECT 1 AS n UNION ALL SELECT 2) a UNION ALL SELECT 3 UNION ALL SELECT 4", ()),
        ("EXPLAIN SELECT count(*) FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid", ()),
    ],
)
def test_a_limit_ends_a_statement_early(connector: Connector, sql: str, params: tuple[Any, ...]) -> None:
    assert answer(connector, sql, *params, limit=3).take().num_rows == 3


def test_a_limit_keeps_the_transaction(connector: Connector) -> None:
    connector.run("BEGIN", ())
    assert answer(connector, "SELECT generate_series(1, 100000) LIMIT 90000", limit=3).take().num_rows == 3
    assert one(connector, "SELECT 1") == 1
    connector.run("ROLLBACK", ())


def test_after_a_failure_a_transaction_is_still_open(connector: Connector) -> None:
    connector.run("BEGIN", ())
    assert connector.in_transaction
    refusal(connector, "SELECT nowhere")
    assert connector.in_transaction
    assert connector.ping()
    connector.run("ROLLBACK", ())
    assert not connector.in_transaction


@pytest.mark.parametrize("mode", ["required", "strict"])
@pytest.mark.parametrize("cancels", [1, 2])
def test_stop_ends_the_statement_on_the_server(
    connect: Connect, database: Database, mode: str, cancels: int
) -> None:
    connector = cast("redshift.Redshift", connect("demanded", mode=mode))
    marker = f"marker{secrets.token_hex(8)}"
    failures: list[Failure] = []

    def run() -> None:
        failures.append(refusal(connector, database.slow(marker)))

    thread = threading.Thread(target=run)
    thread.start()
    while not database.running(marker):
        assert thread.is_alive()
    # As if the first request had been of no use.
    connector._cancels = cancels - 1
    start = time.monotonic()
    connector.cancel()
    thread.join(10)
    assert time.monotonic() - start < 1
    assert not database.running(marker)
    assert failures[0]["code"] == "cancelled"
    assert one(connector, "SELECT 1") == 1


def test_a_cancel_is_encrypted_and_names_the_server(connect: Connect, database: Database) -> None:
    connector = connect(port=database.tapped_port("offered") if database.tap("offered") else 0)
    tap = database.tap("offered")
    tap.forget()
    connector.cancel()
    (wire,) = tap.wires()
    assert wire.encrypted
    assert wire.names("redshift.internal")


def test_a_lost_connection_is_called_so(connect: Connect, database: Database) -> None:
    connector = connect()
    pid = one(connector, "SELECT pg_backend_pid()")
    cast("Redshift", database).run(f"SELECT pg_terminate_backend({pid})")
    assert refusal(connector, "SELECT 1")["code"] == "connection-lost"
    assert not connector.ping()


def test_copy_from_here_is_refused_and_harms_nothing(connector: Connector) -> None:
    connector.run("CREATE TEMPORARY TABLE copied (n integer)", ())
    assert refusal(connector, "COPY copied FROM STDIN")["code"] == "query-failed"
    assert "not supported" in refusal(connector, "COPY copied TO STDOUT")["message"]
    assert one(connector, "SELECT count(*) FROM copied") == 0


def test_it_is_redshift_that_is_seen(connector: Connector) -> None:
    assert "Redshift" in one(connector, "SELECT version()")
    assert "outside the valid range" in refusal(connector, "SET extra_float_digits TO 3")["message"]


def test_options_reach_the_driver_and_the_server(connect: Connect) -> None:
    connector = connect(
        options={"application_name": "report", "search_path": "one, two", "timezone": "Asia/Tokyo"}
    )
    for setting, value in (
        ("application_name", "report"),
        ("search_path", "one, two"),
        ("timezone", "Asia/Tokyo"),
    ):
        assert one(connector, f"SELECT current_setting('{setting}')") == value
    assert one(connector, "SELECT timestamptz '2024-01-01 00:00+00'") == datetime.datetime(
        2024, 1, 1, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("options", "stage"), [({"sslmode": "disable"}, "request"), ({"querry_group": "x"}, "login")]
)
def test_other_options_are_refused(
    connect: Connect, person: Person, options: dict[str, str], stage: str
) -> None:
    with pytest.raises(UnderpassError) as error:
        connect(options=options)
    failure = error.value.failure
    assert (failure["code"], failure.get("detail", {})["field"]) == ("invalid-field", "options")
    assert failure["stage"] == stage
    assert next(iter(options)) in failure["message"]


def test_a_wrong_password_is_refused_at_the_login_without_a_secret(connect: Connect) -> None:
    with pytest.raises(UnderpassError) as error:
        connect(secrets={"password": "not-the-password"})
    assert (error.value.failure["code"], error.value.failure["stage"]) == ("auth-refused", "login")
    assert "not-the-password" not in repr(error.value.failure)
    assert error.value.__cause__ is None


def test_without_being_asked_the_server_calls_its_encoding_unicode(
    connect: Connect, person: Person, network: PrivateNetwork, database: Database
) -> None:
    fields, passwords = fields_of(database, network, "offered", mode="required")
    person.add("redshift", "bare", fields, passwords)
    ready = person.ensure("bare")
    with psycopg.connect(
        host="127.0.0.1",
        port=ready.endpoint.port,
        user=ready.fields["user"],
        password=ready.secrets["password"],
        dbname=ready.fields["database"],
    ) as bare:
        assert bare.pgconn.parameter_status(b"client_encoding") == b"UNICODE"
    person.remove("bare")
    assert one(connect(), "SELECT 'ü😀'::varchar") == "ü😀"


def test_the_catalog_comes_in_pages(connector: Connector, database: Database) -> None:
    cast("Redshift", database).run(
        "CREATE SCHEMA sales AUTHORIZATION warehouse_analyst; SET ROLE warehouse_analyst;"
        "CREATE TABLE sales.orders (id bigint NOT NULL, name varchar(20), amount numeric(12, 2), data super);"
        'CREATE TABLE sales."Odd ""name""" (id integer);'
        "CREATE VIEW sales.totals AS SELECT sum(amount) AS total FROM sales.orders;"
    )
    assert "sales" in connector.schemas()
    names = connector.schemas()
    assert connector.schemas(after=names[0], count=1) == names[1:2]
    assert {(table.name, table.kind) for table in connector.tables("sales")} == {
        ('Odd "name"', "table"),
        ("orders", "table"),
        ("totals", "view"),
    }
    assert [table.name for table in connector.tables("sales", after="orders", count=1)] == ["totals"]
    assert connector.columns("sales", "orders")[:3] == [
        Column("id", "bigint", False),
        Column("name", "character varying(20)", True),
        Column("amount", "numeric(12,2)", True),
    ]
    assert connector.columns("sales", "nothing") == []
    assert connector.searched() == ["public"]


def test_stop_in_a_notebook_ends_the_statement(kernel: Kernel, database: Database) -> None:
    marker = f"marker{secrets.token_hex(8)}"
    kernel.start(f'%%sql "My DB"\n{database.slow(marker)}')
    wait_for(lambda: database.running(marker))
    kernel.interrupt()
    wait_for(lambda: not database.running(marker), seconds=1)
    cell = kernel.run('%%sql "My DB" -o df\nSELECT {{ 20 }} + 1 AS n')
    assert cell.error is None, cell.text


def wait_for(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
