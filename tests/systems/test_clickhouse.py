"""ClickHouse through the bastion: sessions, limits, errors, Stop, the catalog, and who is let in."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.person import Person
from tests.servers import PrivateNetwork
from tests.servers.databases.clickhouse import DATABASE, READER, ClickHouse
from underpass.arguments import Arguments
from underpass.connectors.base import Affected, Connector, Rows, Table
from underpass.failure import Failure, UnderpassError

from .conftest import Connect

SYSTEM = "clickhouse"


def rows(connector: Connector, sql: str, *params: Any, limit: int | None = None) -> list[list[Any]]:
    """Rows as lists."""
    answer = connector.run(sql, params, limit=limit)
    assert isinstance(answer, Rows), answer
    return [list(row.values()) for row in answer.take().to_pylist()]


def failure(run: Callable[[], object]) -> Failure:
    """Why it does not work."""
    with pytest.raises(UnderpassError) as raised:
        run()
    return raised.value.failure


def until(reached: Callable[[], bool], seconds: float) -> None:
    """Wait for something that must come true."""
    deadline = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < deadline


def test_settings_database_and_temporary_tables_live_as_long_as_the_connection(connector: Connector) -> None:
    assert rows(connector, "SELECT currentDatabase()") == [[DATABASE]]
    connector.run("SET max_threads = 3", [])
    connector.run("CREATE TEMPORARY TABLE remembered (n Int32)", [])
    assert connector.run("INSERT INTO remembered VALUES (1), (2)", []) == Affected(2)
    connector.run("USE system", [])
    assert connector.ping()
    asked = "SELECT currentDatabase(), getSetting('max_threads'), (SELECT sum(n) FROM remembered)"
    assert rows(connector, asked) == [["system", 3, 3]]
    connector.run(f"USE {DATABASE}", [])


def test_a_session_survives_its_http_connection(connector: Connector) -> None:
    connector.run("CREATE TEMPORARY TABLE kept (n Int32)", [])
    # As when the server closes what rests.
    connector._session._link.close()  # type: ignore[attr-defined]
    assert connector.ping()
    connector._session._link.close()  # type: ignore[attr-defined]
    assert rows(connector, "SELECT count() FROM kept") == [[0]]


def test_a_session_that_the_server_has_forgotten_is_not_begun_anew(connect: Connect) -> None:
    connector, other = connect(), connect()
    connector.run("CREATE TEMPORARY TABLE lost (n Int32)", [])
    # Whoever knows its id can end it.
    other._session._query = {**connector._session._query, "close_session": 1}  # type: ignore[attr-defined]
    assert other.ping()
    assert failure(lambda: connector.run("INSERT INTO lost VALUES (1)", []))["code"] == "connection-lost"
    assert not connector.ping()


def test_a_cell_may_have_several_statements(person: Person, connect: Connect, connector: Connector) -> None:
    cell = "CREATE TEMPORARY TABLE s (t String); INSERT INTO s VALUES ('a;b'), ({{ word }}); SELECT t FROM s"
    result = person.cell("clickhouse shared", cell, word="it's")
    assert result.frame is not None
    assert sorted(result.frame["t"]) == ["a;b", "it's"]
    assert [line.split(" · ")[0] for line in result.lines[:2]] == ["OK", "OK, 2 rows affected"]


def test_statements_without_rows_say_what_they_wrote(connector: Connector) -> None:
    table = f"{DATABASE}.written"
    assert connector.run(f"CREATE TABLE {table} (n UInt64) ENGINE = MergeTree ORDER BY n", []) == Affected(
        None
    )
    assert connector.run(f"INSERT INTO {table} SELECT number FROM numbers(1000)", []) == Affected(1000)
    assert connector.run(f"INSERT INTO {table} SELECT 1 WHERE 0", []) == Affected(0)
    assert connector.run(f"INSERT INTO {table} VALUES ({{p1:Int64}})", [7]) == Affected(1)
    # The limit is for rows that are fetched.
    copied = f"WITH 5 AS five INSERT INTO {table} SELECT number FROM numbers(10)"
    assert connector.run(copied, [], limit=3) == Affected(10)
    assert connector.run(f"DELETE FROM {table} WHERE n > 5", []) == Affected(None)
    assert connector.run(f"DROP TABLE {table}", []) == Affected(None)
    assert not connector.in_transaction


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT number FROM numbers(100000)", [0, 1, 2]),
        ("SELECT number FROM numbers(100000) LIMIT 2", [0, 1]),
        ("SELECT number FROM numbers(10) LIMIT 5 OFFSET 4", [4, 5, 6]),
        ("SELECT number FROM numbers(10) LIMIT -2", [8, 9]),
        ("SELECT number FROM numbers(100000) UNION ALL SELECT 5 FROM numbers(10)", 3),
        (
            "SELECT * FROM (SELECT number FROM numbers(99) UNION ALL SELECT 5 FROM numbers(10)) ORDER BY 1",
            [0, 1, 2],
        ),
        ("SELECT number FROM numbers(10) EXCEPT SELECT number FROM numbers(2)", [2, 3, 4]),
        ("SELECT intDiv(number, 5) FROM numbers(20) UNION DISTINCT SELECT 7 ORDER BY 1", [0, 1, 2]),
        ("SELECT count() FROM (SELECT number FROM numbers(10))", [10]),
        ("(SELECT arrayJoin(range(10)))", [0, 1, 2]),
        ("EXPLAIN AST SELECT number FROM numbers(10)", 3),
        ("SHOW FUNCTIONS", 3),
    ],
)
def test_a_limit_gives_exactly_so_many_rows(
    connector: Connector, sql: str, expected: list[int] | int
) -> None:
    found = rows(connector, sql, limit=3)
    if isinstance(expected, int):
        assert len(found) == expected
    else:
        assert [value for (value,) in found] == expected
    assert rows(connector, "SELECT 1") == [[1]]


def test_what_a_limit_leaves_is_ended_on_the_server(connector: Connector, database: ClickHouse) -> None:
    endless = "SELECT number, 'endless' FROM system.numbers LIMIT {p1:Int64}"
    connector.run("CREATE TEMPORARY TABLE still_here (n Int32)", [])
    assert len(rows(connector, endless, 10**15, limit=100_000)) == 100_000
    until(lambda: not database.running("endless"), 1)
    assert rows(connector, "SELECT count() FROM still_here") == [[0]]


@pytest.mark.parametrize(
    ("cell", "line", "column"),
    [
        ("SELECT 1,\n  'é\U0001f600' AS x FRM t", 3, 13),
        ("SELECT {{ value }}, 'ü',\n 1 AS AS AS", 3, 10),
        ("SELECT 1; -- first\n\nSELECT *\nFROM numbers(3) WHER number", 5, 22),
    ],
)
def test_an_error_has_line_and_column(
    person: Person, connector: Connector, cell: str, line: int, column: int
) -> None:
    found = failure(lambda: person.cell("clickhouse shared", cell, value="long" * 40))
    assert found["code"] == "query-failed"
    detail = found.get("detail", {})
    assert (detail["line"], detail["column"]) == (line, column), found
    assert "SYNTAX_ERROR 62" in found["message"]
    assert "version" not in found["message"]


def test_an_error_without_a_place_has_the_servers_words(connector: Connector) -> None:
    found = failure(lambda: connector.run("SELECT * FROM nowhere", []))
    assert "nowhere" in found["message"]
    assert found.get("detail") == {"server": 60}


@pytest.mark.parametrize("compression", ["none", "lz4_frame"])
@pytest.mark.parametrize("limit", [None, 900_000])
def test_an_error_in_the_middle_of_the_rows_is_not_taken_for_their_end(
    connect: Connect, compression: str, limit: int | None
) -> None:
    connector = connect(options={"max_block_size": "10000"})
    connector._settings["output_format_arrow_compression_method"] = compression  # type: ignore[attr-defined]
    sql = "SELECT number, throwIf(number = 800000, 'too far') FROM numbers(1000000)"
    found = failure(lambda: connector.run(sql, [], limit=limit))
    assert found["code"] == "query-failed"
    assert found["message"].startswith("too far")
    assert found.get("detail", {})["server"] == 395
    assert rows(connector, "SELECT 1") == [[1]]


def test_stop_ends_the_statement_on_the_server_and_spares_the_session(
    connector: Connector, database: ClickHouse
) -> None:
    connector.run("CREATE TEMPORARY TABLE spared (n Int32)", [])
    failures: list[Failure] = []
    thread = threading.Thread(
        target=lambda: failures.append(failure(lambda: connector.run(database.slow("to be stopped"), [])))
    )
    thread.start()
    until(lambda: database.running("to be stopped"), 10)
    connector.cancel()
    until(lambda: not database.running("to be stopped"), 1)
    thread.join()
    assert failures[0]["code"] == "cancelled"
    assert connector.ping()
    assert rows(connector, "SELECT count() FROM spared") == [[0]]


def test_stop_without_a_statement_does_nothing(connector: Connector) -> None:
    connector.cancel()
    assert rows(connector, "SELECT 1") == [[1]]


def test_one_who_may_not_end_statements_can_stop_all_the_same(connect: Connect, database: ClickHouse) -> None:
    login = database.reader(0)
    connector = connect(user=READER, secrets=dict(login.secrets))
    failures: list[Failure] = []
    thread = threading.Thread(
        target=lambda: failures.append(failure(lambda: connector.run("SELECT sleep(3), 'of the reader'", [])))
    )
    thread.start()
    until(lambda: database.running("of the reader"), 10)
    start = time.monotonic()
    connector.cancel()
    thread.join()
    assert time.monotonic() - start < 1
    assert failures[0]["code"] == "cancelled"
    assert not connector.ping()


def test_one_who_may_not_change_settings_gets_rows_and_limits(connect: Connect, database: ClickHouse) -> None:
    connector = connect(user=READER, secrets=dict(database.reader(0).secrets))
    found = rows(connector, "SELECT number, toDateTime(0, 'UTC'), 'ü' FROM numbers(10) LIMIT 5", limit=2)
    assert [(row[0], row[1].year, row[2]) for row in found] == [(0, 1970, "ü"), (1, 1970, "ü")]


def test_a_cell_may_make_its_session_read_only(connect: Connect) -> None:
    connector = connect()
    connector.run("SET readonly = 1", [])
    assert rows(connector, "SELECT number FROM numbers(5)", limit=2) == [[0], [1]]
    assert failure(lambda: connector.run("CREATE TEMPORARY TABLE t (n Int8)", []))["code"] == "query-failed"


def test_the_catalog_is_listed_in_pages(connector: Connector) -> None:
    for name in ("c_one", "c_two", "c_three"):
        connector.run(
            f"CREATE TABLE {DATABASE}.{name} (a Nullable(Int32), `b c` Array(String)) ENGINE = Memory", []
        )
    connector.run(f"CREATE VIEW {DATABASE}.c_view AS SELECT 1 AS x", [])
    assert DATABASE in connector.schemas()
    assert connector.schemas(after=DATABASE, count=1) == []
    listed = connector.tables(DATABASE, after="c_", count=2)
    assert listed == [Table(DATABASE, "c_one", "table"), Table(DATABASE, "c_three", "table")]
    assert connector.tables(DATABASE, after="c_two") == [Table(DATABASE, "c_view", "view")]
    columns = connector.columns(DATABASE, "c_one")
    assert [(column.name, column.type, column.nullable) for column in columns] == [
        ("a", "Nullable(Int32)", True),
        ("b c", "Array(String)", False),
    ]
    assert connector.columns(DATABASE, "nothing") == []


def test_options_are_settings_of_the_session_that_a_cell_can_change(connect: Connect) -> None:
    connector = connect(options={"max_threads": "2", "session_timezone": "Asia/Tokyo"})
    asked = "SELECT getSetting('max_threads'), toString(toDateTime('2024-01-01 00:00:00'))"
    assert rows(connector, asked) == [[2, "2024-01-01 00:00:00"]]
    assert rows(connector, "SELECT toUnixTimestamp('2024-01-01 09:00:00')") == [[1704067200]]
    connector.run("SET max_threads = 1", [])
    assert rows(connector, "SELECT getSetting('max_threads')") == [[1]]


def test_an_unknown_option_is_named(connect: Connect) -> None:
    found = failure(lambda: connect(options={"no_such_thing": "1"}))
    assert (found["code"], found.get("detail", {})["field"]) == ("invalid-field", "options")
    assert "no_such_thing" in found["message"]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"user": "nobody"}, "login-refused"),
        # Who may not see a database is not told that it is there.
        ({"database": "nowhere"}, "login-not-permitted"),
        ({"secrets": {"password": "wrong-password"}}, "login-refused"),
    ],
)
def test_a_login_that_is_refused_says_so_without_the_password(
    connect: Connect, wrong: dict[str, Any], code: str
) -> None:
    found = failure(lambda: connect(**wrong))
    assert (found["code"], found["stage"]) == (code, "login")
    assert "wrong-password" not in str(found)


def test_a_statement_that_takes_longer_than_allowed_is_told_from_a_stopped_one(connector: Connector) -> None:
    slow = "SELECT sleepEachRow(1) FROM numbers(5) SETTINGS max_execution_time = 1, max_block_size = 1"
    found = failure(lambda: connector.run(slow, []))
    assert (found["code"], found["stage"]) == ("query-timed-out", "query")


def test_a_client_certificate_opens_a_door_that_asks_for_one(
    connect: Connect, database: ClickHouse, network: PrivateNetwork
) -> None:
    shown = network.authority.client("analyst")
    connector = connect(
        port=database.guarded_port,
        clientCertificate=shown.certificate.read_text(),
        secrets={"clientKey": shown.key.read_text()},
    )
    assert rows(connector, "SELECT 1") == [[1]]
    assert failure(lambda: connect(port=database.guarded_port))["code"] == "tls-client-certificate"


def test_a_cells_limit_reaches_the_server(person: Person, connector: Connector) -> None:
    arguments = Arguments("clickhouse shared", limit=10)
    result = person.cell("clickhouse shared", "SELECT number AS n FROM system.numbers", arguments)
    assert result.frame is not None
    assert list(result.frame["n"]) == list(range(10))


def test_a_user_that_may_only_read_can_be_marked_read_only_too(
    connect: Connect, database: ClickHouse
) -> None:
    connector = connect(user=READER, secrets=dict(database.reader(0).secrets), read_only=True)
    assert rows(connector, "SELECT 1") == [[1]]
    refused = failure(lambda: connector.run("CREATE TABLE guarded (n UInt8) ENGINE = Memory", []))
    assert refused["code"] in ("read-only", "query-failed")
