"""PostgreSQL as people have it: behind a bastion. What needs no tunnel is tested beside the connector."""

from __future__ import annotations

import secrets
import threading
import time
from typing import Any, cast

import pytest

from tests.kernel import Kernel
from tests.servers.databases import Database
from tests.servers.databases.postgresql import CERTIFIED_USER, PostgreSQL
from underpass.connectors.base import Affected, Connector, Rows
from underpass.failure import Failure, UnderpassError

from .conftest import Connect

SYSTEM = "postgresql"


def rows(connector: Connector, sql: str, *params: Any, limit: int | None = None) -> list[dict[str, Any]]:
    answer = connector.run(sql, params, limit=limit)
    assert isinstance(answer, Rows)
    return answer.take().to_pylist()


def refused(connect: Connect, *arguments: Any, **fields: Any) -> Failure:
    with pytest.raises(UnderpassError) as error:
        connect(*arguments, **fields)
    return error.value.failure


def test_strict_through_the_tunnel_is_encrypted_as_the_server_sees_it(connector: Connector) -> None:
    (row,) = rows(
        connector,
        "SELECT ssl, host(inet_server_addr()) AS address, application_name"
        " FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE pid = pg_backend_pid()",
    )
    assert row == {"ssl": True, "address": "127.80.0.31", "application_name": "underpass"}


@pytest.mark.parametrize("mode", ["preferred", "required", "strict"])
def test_a_client_certificate_takes_the_place_of_a_password(
    connect: Connect, database: Database, mode: str
) -> None:
    certificate = database.site.authority.client(CERTIFIED_USER)
    connector = connect(
        mode=mode,
        user=CERTIFIED_USER,
        clientCertificate=certificate.certificate.read_text(),
        secrets={"clientKey": certificate.key.read_text()},
    )
    (row,) = rows(
        connector, "SELECT current_user::text, client_dn FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
    )
    assert row == {"current_user": CERTIFIED_USER, "client_dn": f"/CN={CERTIFIED_USER}"}


def test_a_key_of_another_certificate_is_said_to_be_one(connect: Connect, database: Database) -> None:
    authority = database.site.authority
    failure = refused(
        connect,
        user=CERTIFIED_USER,
        clientCertificate=authority.client(CERTIFIED_USER).certificate.read_text(),
        secrets={"clientKey": authority.client("somebody").key.read_text()},
    )
    assert (failure["code"], failure.get("detail", {})["field"]) == ("invalid-field", "clientKey")


def test_options_reach_the_driver_and_the_server(connect: Connect) -> None:
    options = {
        "application_name": "monthly report",
        "search_path": "one, two",
        "statement_timeout": "30s",
        "options": "-c work_mem=8MB",
    }
    connector = connect(options=options)
    names = ("application_name", "search_path", "statement_timeout", "work_mem")
    (row,) = rows(connector, "SELECT " + ", ".join(f"current_setting('{name}') AS {name}" for name in names))
    assert row == {
        "application_name": "monthly report",
        "search_path": "one, two",
        "statement_timeout": "30s",
        "work_mem": "8MB",
    }


def test_an_option_that_nobody_knows_is_named(connect: Connect) -> None:
    failure = refused(connect, options={"aplication_name": "report"})
    assert (failure["code"], failure.get("detail", {})["field"]) == ("invalid-field", "options")
    assert "aplication_name" in failure["message"]


@pytest.mark.parametrize(
    ("situation", "words"),
    [("wrong-ca", "not trusted"), ("wrong-name", "for another name"), ("expired", "has expired")],
)
def test_strict_says_what_is_wrong_with_a_certificate(connect: Connect, situation: str, words: str) -> None:
    failure = refused(connect, situation)
    assert failure["stage"] == "tls"
    assert words in failure["message"]


def test_a_wrong_password_is_sent_once_and_never_in_clear(connect: Connect, database: Database) -> None:
    tap = database.tap("offered")
    tap.forget()
    failure = refused(
        connect,
        mode="preferred",
        port=database.tapped_port("offered"),
        secrets={"password": "not-the-password"},
    )
    assert failure["code"] == "login-refused"
    assert [wire.encrypted for wire in tap.wires()] == [True]


@pytest.mark.parametrize(
    ("role", "database_name", "code"),
    [
        ("LOGIN CONNECTION LIMIT 0", "postgres", "server-full"),
        ("NOLOGIN", "postgres", "login-not-permitted"),
        ("LOGIN", "nonesuch", "database-not-found"),
        ("LOGIN", "closed", "login-not-permitted"),
    ],
)
def test_why_a_login_is_refused_is_told_apart(
    connect: Connect, database: PostgreSQL, role: str, database_name: str, code: str
) -> None:
    database.run("DROP ROLE IF EXISTS somebody")
    database.run(f"CREATE ROLE somebody PASSWORD 'correct horse' {role}")
    if database.run("SELECT count(*) FROM pg_database WHERE datname = 'closed'") == "0":
        database.run("CREATE DATABASE closed")
        database.run("REVOKE CONNECT ON DATABASE closed FROM PUBLIC")
    failure = refused(connect, user="somebody", database=database_name, secrets={"password": "correct horse"})
    assert (failure["code"], failure["stage"]) == (code, "login")


def test_a_statement_that_takes_longer_than_allowed_is_told_from_a_stopped_one(connect: Connect) -> None:
    connector = connect()
    connector.run("SET statement_timeout = 100", ())
    with pytest.raises(UnderpassError) as error:
        connector.run("SELECT pg_sleep(20)", ())
    assert error.value.failure["code"] == "query-timed-out"


def test_a_limit_keeps_the_transaction_and_what_a_statement_changed(connector: Connector) -> None:
    connector.run("CREATE TEMPORARY TABLE kept (n bigint)", ())
    insert = "INSERT INTO kept SELECT generate_series(1, 100000) RETURNING n"
    assert len(rows(connector, insert, limit=2)) == 2
    assert rows(connector, f"WITH made AS ({insert}) SELECT * FROM made", limit=1) == [{"n": 1}]
    assert rows(connector, "SELECT count(*) FROM kept") == [{"count": 200_000}]
    connector.run("BEGIN", ())
    assert len(rows(connector, "SELECT generate_series(1, 10000000)", limit=10)) == 10
    assert len(rows(connector, f"WITH made AS ({insert}) SELECT * FROM made", limit=3)) == 3
    assert connector.in_transaction
    connector.run("COMMIT", ())
    assert rows(connector, "SELECT count(*) FROM kept") == [{"count": 300_000}]


@pytest.mark.parametrize(
    ("sql", "params"),
    [
        ("SELECT generate_series(1, 1000000000000) AS n, 1 AS n -- all", ()),
        ("SELECT generate_series(1, $1::bigint) AS n", (10**12,)),
        ("(TABLE numbers) UNION ALL SELECT generate_series(1, 1000000000000)", ()),
        ("WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT n FROM r", ()),
        ("SELECT n FROM numbers FOR UPDATE", ()),
        ("SELECT n FROM numbers ORDER BY n LIMIT 100", ()),
        ("VALUES (1), (2), (3), (4)", ()),
        ("EXPLAIN ANALYZE SELECT n FROM numbers ORDER BY n", ()),
    ],
)
def test_a_limit_ends_a_statement_early(connector: Connector, sql: str, params: tuple[Any, ...]) -> None:
    connector.run("CREATE TEMPORARY TABLE IF NOT EXISTS numbers AS SELECT generate_series(1, 9) AS n", ())
    answer = connector.run(sql, params, limit=3)
    assert isinstance(answer, Rows)
    assert answer.take().num_rows == 3


def test_a_limit_moves_no_position_and_no_rows(connector: Connector) -> None:
    with pytest.raises(UnderpassError) as error:
        connector.run("SELECT 1,\n nowhere", (), limit=3)
    assert error.value.failure.get("detail", {})["position"] == 12
    descending = rows(connector, "SELECT n FROM generate_series(1, 50000) AS n ORDER BY n DESC", limit=3)
    assert [row["n"] for row in descending] == [50000, 49999, 49998]
    assert isinstance(connector.run("SELECT 1 AS n INTO TEMPORARY made", (), limit=3), Affected)
    assert rows(connector, "SELECT * FROM made", limit=3) == [{"n": 1}]


def test_stop_ends_the_statement_on_the_server(connect: Connect, database: Database) -> None:
    connector, marker = connect(), f"marker{secrets.token_hex(8)}"
    failures: list[Failure] = []

    def run() -> None:
        with pytest.raises(UnderpassError) as error:
            connector.run(database.slow(marker), ())
        failures.append(error.value.failure)

    thread = threading.Thread(target=run)
    thread.start()
    while not database.running(marker):
        assert thread.is_alive()
    start = time.monotonic()
    connector.cancel()
    thread.join(10)
    assert time.monotonic() - start < 1
    assert not database.running(marker)
    assert failures[0]["code"] == "cancelled"
    assert rows(connector, "SELECT 1 AS one") == [{"one": 1}]


def test_the_catalog_knows_what_the_user_made(connector: Connector, database: Database) -> None:
    cast("PostgreSQL", database).run(
        "CREATE SCHEMA sales AUTHORIZATION warehouse_analyst;"
        "CREATE TABLE sales.orders (id bigint PRIMARY KEY, amount numeric(12, 2));"
        "CREATE VIEW sales.totals AS SELECT sum(amount) AS total FROM sales.orders;"
    )
    assert "sales" in connector.schemas()
    assert [(table.name, table.kind) for table in connector.tables("sales")] == [
        ("orders", "table"),
        ("totals", "view"),
    ]
    assert [table.name for table in connector.tables("sales", after="orders", count=1)] == ["totals"]
    assert [
        (column.name, column.type, column.nullable) for column in connector.columns("sales", "orders")
    ] == [
        ("id", "bigint", False),
        ("amount", "numeric(12,2)", True),
    ]


def test_a_cell_of_a_notebook_reads_it(kernel: Kernel) -> None:
    cell = kernel.run('%%sql "My DB" -o df\nSELECT {{ [1, 2] }}::int[] AS numbers, current_user::text AS who')
    assert cell.error is None, cell.text
    assert kernel.run("print(df.who[0], df.numbers[0].tolist())").text.strip() == "warehouse_analyst [1, 2]"


def test_what_the_server_does_not_support_is_said_so_with_parameters_too(connector: Connector) -> None:
    connector.run("BEGIN", ())
    with pytest.raises(UnderpassError) as error:
        connector.run("SELECT count(*) FROM pg_class WHERE relname = $1 FOR UPDATE", ("x",))
    connector.run("ROLLBACK", ())
    assert error.value.failure.get("detail", {})["sqlstate"] == "0A000"
