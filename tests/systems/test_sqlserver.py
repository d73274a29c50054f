"""SQL Server through the bastion: what its batches do, and how a connection comes about."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from tests.servers.databases import Database
from tests.servers.databases.sqlserver import SQLServer as Server
from underpass.connectors.base import Column, Connector, Rows, Table
from underpass.failure import UnderpassError

from .conftest import Connect
from .sqlserver_cells import answers, failure, rows

SYSTEM = "sqlserver"


def test_variables_live_through_a_batch_and_results_without_rows_do_not_matter(connector: Connector) -> None:
    cell = """\
DECLARE @first int = 1; DECLARE @second int = 2;
SELECT @first AS n
SELECT @first + @second AS n;
SET NOCOUNT ON"""
    assert rows(connector, cell) == [{"n": 3}]


def test_go_ends_a_batch_where_it_stands_alone(connector: Connector) -> None:
    cell = """\
CREATE TABLE #seen (n int)
GO
INSERT INTO #seen VALUES (1)
go 3 -- three times
/*
GO
*/ SELECT count(*) AS n, '
GO
' AS text FROM #seen
GO
"""
    assert rows(connector, cell) == [{"n": 3, "text": "\nGO\n"}]
    answers(connector, "DROP TABLE #seen")


def test_a_transaction_lives_across_cells(connector: Connector) -> None:
    answers(connector, "BEGIN TRANSACTION")
    assert connector.in_transaction
    assert rows(connector, "SELECT @@TRANCOUNT AS n") == [{"n": 1}]
    assert connector.in_transaction
    assert connector.ping()
    answers(connector, "ROLLBACK")
    assert not connector.in_transaction


def test_a_limit_is_kept_and_what_stands_behind_the_query_runs_all_the_same(connector: Connector) -> None:
    assert len(rows(connector, "SELECT n FROM numbers", limit=10)) == 10
    assert rows(connector, "SELECT n FROM numbers", limit=0) == []
    assert rows(connector, "SELECT n FROM numbers; SELECT 'behind' AS text", limit=10) == [{"text": "behind"}]
    # The connection is ready for the next at once.
    assert rows(connector, "SELECT 1 AS one", limit=10) == [{"one": 1}]


def test_a_limit_applies_to_batches_with_parameters(connector: Connector) -> None:
    assert len(rows(connector, "SELECT n FROM numbers WHERE n >= {{ n }}", limit=7, n=5)) == 7


def test_a_query_without_rows_has_its_columns(connector: Connector) -> None:
    (answer,) = answers(connector, "SELECT id, name FROM people WHERE 1 = 0")
    assert isinstance(answer, Rows)
    assert answer.take().schema.names == ["id", "name"]


@pytest.mark.parametrize(
    ("cell", "number", "position"),
    [
        ("SELECT id,\n  nme FROM people", 207, 14),
        ("SELECT id\nFROM peple", 208, 16),
        ("SELECT nme, [nme] FROM people", 207, None),
    ],
)
def test_an_error_points_at_the_word_that_the_server_quotes(
    connector: Connector, cell: str, number: int, position: int | None
) -> None:
    found = failure(connector, cell)
    assert found["code"] == "query-failed"
    assert f"(error {number})" in found["message"]
    assert found.get("detail", {})["server"] == number
    assert found.get("detail", {}).get("position") == position


def test_an_error_behind_the_first_result_is_an_error(connector: Connector) -> None:
    found = failure(connector, "SELECT 1 AS x; SELECT 1 / 0 AS y")
    assert found["code"] == "query-failed"
    assert "Divide by zero" in found["message"]
    assert rows(connector, "SELECT 1 AS one") == [{"one": 1}]


@pytest.mark.parametrize(
    "cell",
    [
        "RAISERROR('no such customer', 16, 1); SELECT n FROM numbers",
        "SELECT n FROM numbers; RAISERROR('no such customer', 16, 1); SELECT n FROM numbers",
    ],
)
def test_an_error_amid_a_batch_is_told_and_the_connection_stays(connector: Connector, cell: str) -> None:
    found = failure(connector, cell)
    assert found["code"] == "query-failed"
    assert found["message"] == "no such customer (error 50000)"
    assert rows(connector, "SELECT 1 AS one") == [{"one": 1}]


def test_stop_ends_the_statement_on_the_server(connect: Connect, database: Database) -> None:
    connector = connect()
    caught: list[UnderpassError] = []

    def work() -> None:
        try:
            answers(connector, database.slow("stopped-here"))
        except UnderpassError as error:
            caught.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    deadline = time.monotonic() + 20
    while not database.running("stopped-here"):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    asked = time.monotonic()
    connector.cancel()
    while database.running("stopped-here"):
        assert time.monotonic() < asked + 1
        time.sleep(0.01)
    thread.join(5)
    assert [error.failure["code"] for error in caught] == ["cancelled"]
    assert rows(connector, "SELECT 1 AS one") == [{"one": 1}]


def test_what_was_cancelled_does_not_cancel_what_is_listed_behind_it(connector: Connector) -> None:
    connector.cancel()
    assert connector.schemas() == ["dbo"]


@pytest.mark.parametrize(("setting", "plan"), [("NOEXEC", []), ("SHOWPLAN_TEXT", [{"StmtText": "a plan"}])])
def test_a_session_that_executes_nothing_is_not_taken_for_lost(
    connect: Connect, setting: str, plan: list[dict[str, str]]
) -> None:
    connector = connect()
    answers(connector, f"SET {setting} ON")
    # Else the next statement would run in a session that executes it.
    assert connector.ping()
    (answer,) = answers(connector, "DELETE FROM people")
    assert (answer.take().to_pylist() if isinstance(answer, Rows) else []) == plan
    answers(connector, f"SET {setting} OFF")
    assert connector.ping()
    assert rows(connector, "SELECT 1 AS one") == [{"one": 1}]


def test_the_catalog_is_listed_in_pages(connector: Connector) -> None:
    assert connector.schemas() == ["dbo"]
    assert connector.schemas(after="dbo") == []
    first = connector.tables("dbo", count=2)
    assert first == [Table("dbo", "every_type", "table"), Table("dbo", "numbers", "table")]
    assert connector.tables("dbo", after="numbers") == [Table("dbo", "people", "table")]
    assert connector.columns("dbo", "people") == [
        Column("id", "int", True),
        Column("name", "nvarchar(40)", True),
        Column("score", "float", True),
    ]
    assert connector.columns("dbo", "nothing") == []


@pytest.mark.parametrize("mode", ["preferred", "required", "strict"])
def test_a_server_that_sends_elsewhere_is_not_followed(connect: Connect, database: Server, mode: str) -> None:
    with pytest.raises(UnderpassError) as caught:
        connect(mode=mode, port=database.redirecting_port)
    assert caught.value.failure["code"] == "forward-refused"
    assert "node7.internal:11003" in caught.value.failure["message"]


def test_reading_only_is_tried_first_and_goes_on_where_nobody_redirects(connect: Connect) -> None:
    connector = connect(options={"ApplicationIntent": "ReadOnly"})
    assert rows(connector, "SELECT 1 AS one") == [{"one": 1}]


@pytest.mark.parametrize("options", [{}, {"ApplicationIntent": "ReadOnly"}])
def test_a_wrong_password_is_refused_without_repeating_it(connect: Connect, options: dict[str, str]) -> None:
    with pytest.raises(UnderpassError) as caught:
        connect(secrets={"password": "not the password"}, options=options)
    assert caught.value.failure["code"] == "login-refused"
    assert caught.value.failure["stage"] == "login"
    assert "not the password" not in str(caught.value.failure)


def test_an_option_that_the_driver_does_not_know_is_named(connect: Connect) -> None:
    with pytest.raises(UnderpassError) as caught:
        connect(options={"Colour": "red"})
    assert caught.value.failure.get("detail", {})["field"] == "options"
    assert "colour" in caught.value.failure["message"].lower()


def test_strict_leaves_the_environment_as_it_was(connect: Connect) -> None:
    before = dict(os.environ)
    connect()
    assert dict(os.environ) == before


def test_a_closed_connection_is_closed_and_not_kept_by_the_driver(connect: Connect) -> None:
    before = _sockets()
    connector = connect()
    assert _sockets() > before
    connector.close()
    deadline = time.monotonic() + 5
    while _sockets() > before:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _sockets() -> int:
    """Open sockets of this process."""
    links = [os.readlink(path) for path in Path("/proc/self/fd").iterdir() if path.is_symlink()]
    return sum(link.startswith("socket:") for link in links)


def test_behind_a_limit_the_rest_is_cancelled_on_the_server(connector: Connector, database: Server) -> None:
    database.prepare_large_table()
    assert len(rows(connector, "SELECT * FROM dbo.measurements", limit=5)) == 5
    assert not database.running("dbo.measurements")
    assert rows(connector, "SELECT 1 AS one") == [{"one": 1}]


def test_stop_ends_the_reading_of_rows(connector: Connector, database: Server) -> None:
    database.prepare_large_table()
    caught: list[UnderpassError] = []

    def work() -> None:
        try:
            answers(connector, "SELECT * FROM dbo.measurements")
        except UnderpassError as error:
            caught.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    deadline = time.monotonic() + 20
    while not database.running("dbo.measurements"):
        assert time.monotonic() < deadline
    asked = time.monotonic()
    connector.cancel()
    while database.running("dbo.measurements"):
        assert time.monotonic() < asked + 1
    thread.join(5)
    assert [error.failure["code"] for error in caught] == ["cancelled"]
