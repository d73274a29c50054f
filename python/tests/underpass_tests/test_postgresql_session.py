"""Transactions, cancelling and losing a connection, against a real server."""

from __future__ import annotations

import threading
import time

import pytest

from underpass.connectors.base import Column, Rows, Table
from underpass.connectors.postgresql import PostgreSQL
from underpass.failure import UnderpassError, fail
from underpass.fetching import Fetching

from .conftest import Server
from .test_postgresql import one, refusal


def test_a_session_keeps_its_state(connector: PostgreSQL) -> None:
    connector.run("CREATE TEMP TABLE kept (a int)", [])
    assert not connector.in_transaction
    connector.run("BEGIN", [])
    connector.run("INSERT INTO kept VALUES (1)", [])
    assert connector.in_transaction
    connector.run("ROLLBACK", [])
    assert not connector.in_transaction
    assert one(connector, "SELECT count(*) FROM kept") == 0


def test_values_that_the_server_has_no_type_for_keep_a_transaction(connector: PostgreSQL) -> None:
    connector.run("BEGIN", [])
    connector.run("CREATE TEMP TABLE kept (a int) ON COMMIT DROP", [])
    assert one(connector, "SELECT jsonb_build_object('k', $1)", "v") == '{"k": "v"}'
    assert one(connector, "SELECT count(*) FROM kept WHERE 'x' = $1", "x") == 0
    assert refusal(connector, "SELECT nowhere, $1", "x")["detail"]["sqlstate"] == "42703"
    assert refusal(connector, "SELECT $1", "x")["detail"]["sqlstate"] == "25P02"
    connector.run("ROLLBACK", [])


def test_cancel_ends_the_statement_on_the_server(connector: PostgreSQL, server: Server) -> None:
    backend = one(connector, "SELECT pg_backend_pid()")
    timer = threading.Timer(0.3, connector.cancel)
    timer.start()
    start = time.monotonic()
    assert refusal(connector, "SELECT pg_sleep(30)")["code"] == "cancelled"
    assert time.monotonic() - start < 5
    assert server.run(f"SELECT state FROM pg_stat_activity WHERE pid = {backend}") == "idle"
    assert connector.ping()


def test_a_lost_connection_is_called_so(connector: PostgreSQL, server: Server) -> None:
    backend = one(connector, "SELECT pg_backend_pid()")
    server.run(f"SELECT pg_terminate_backend({backend}, 5000)")
    assert not connector.ping()
    assert refusal(connector, "SELECT 1")["code"] == "connection-lost"


def test_ping_tells_a_failed_transaction_from_a_lost_connection(connector: PostgreSQL) -> None:
    connector.run("BEGIN", [])
    refusal(connector, "SELECT nowhere")
    assert connector.ping()
    assert connector.in_transaction


def test_the_catalog_comes_in_pages(server: Server, connector: PostgreSQL) -> None:
    server.run(
        "CREATE SCHEMA paged; CREATE TABLE paged.a (id bigint NOT NULL, price numeric(10, 2));"
        "CREATE VIEW paged.b AS SELECT 1 AS one; CREATE TABLE paged.c ();"
        "GRANT USAGE ON SCHEMA paged TO analyst"
    )
    assert "paged" in connector.schemas()
    assert connector.schemas(after="paged", count=1) == ["pg_catalog"]
    first = connector.tables("paged", count=2)
    assert first == [Table("paged", "a", "table"), Table("paged", "b", "view")]
    assert connector.tables("paged", after="b") == [Table("paged", "c", "table")]
    assert connector.columns("paged", "a") == [
        Column("id", "bigint", False),
        Column("price", "numeric(10,2)", True),
    ]
    assert connector.columns("paged", "missing") == []


@pytest.mark.parametrize("batch", [1, 2])
def test_rows_that_are_too_many_are_left_behind_and_the_connection_goes_on(
    connector: PostgreSQL, batch: int
) -> None:
    class Full(Fetching):
        batches = 0

        def fetched(self, rows: int, size: int) -> None:
            self.batches += 1
            if self.batches == batch:
                raise fail("result-too-large", "query", "It is too large.", "Ask for less.")

    # The driver can end the process here, but not each time.
    for _ in range(5):
        with pytest.raises(UnderpassError, match="too large"):
            connector.run("SELECT repeat('x', 200) FROM generate_series(1, 400000)", (), fetching=Full())
        answer = connector.run("SELECT 1 AS one", ())
        assert isinstance(answer, Rows)
        assert answer.take().num_rows == 1
