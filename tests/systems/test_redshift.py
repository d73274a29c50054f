"""Redshift's look-alike behind a bastion; what it is and is not stands in ``tests/servers/databases``."""

from __future__ import annotations

import datetime
import secrets
import threading
import time
from collections.abc import Callable
from typing import Any, cast

import psycopg
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


@pytest.fixture(scope="module")
def name(database: Database, network: PrivateNetwork, person: Person) -> str:
    """An integration for cells."""
    fields, passwords = fields_of(database, network, "offered", mode="strict")
    person.add("redshift", "Warehouse", fields, passwords)
    return "Warehouse"


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
    assert (error.value.failure["code"], error.value.failure["stage"]) == ("login-refused", "login")
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
