"""``underpass.connect`` against PostgreSQL behind the bastion, from this very process."""

from __future__ import annotations

import datetime
import decimal
import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

import underpass
from tests.person import Person, fields_of
from tests.servers import PrivateNetwork
from tests.servers.databases import Database
from tests.workspace import Workspace
from underpass import api
from underpass.api import Connection

SYSTEM = "postgresql"
NAME = "Prod"


@pytest.fixture(scope="module", autouse=True)
def integration(network: PrivateNetwork, database: Database, person: Person) -> None:
    fields, secrets = fields_of(database, network, "offered", mode="strict")
    person.add(SYSTEM, NAME, fields, secrets)


@pytest.fixture
def connection() -> Iterator[Connection]:
    with underpass.connect(NAME, autocommit=True) as connection:
        yield connection


def test_a_connection_is_tunnelled_encrypted_and_its_own(connection: Connection) -> None:
    with underpass.connect(NAME) as other:
        ask = "SELECT pg_backend_pid(), ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
        (mine,) = connection.cursor().execute(ask).fetchall()
        (theirs,) = other.cursor().execute(ask).fetchall()
    assert mine[1] is True
    assert theirs[1] is True
    assert mine[0] != theirs[0]


def test_values_are_bound_by_name_and_by_position(connection: Connection) -> None:
    cursor = connection.cursor()
    cursor.execute("SELECT :a::int + :b, :a", {"a": 1, "b": 2})
    assert cursor.fetchall() == [(3, 1)]
    cursor.execute("SELECT ?, ? || '?'", [4, "it's"])
    assert cursor.fetchall() == [(4, "it's?")]
    cursor.execute("SELECT n FROM generate_series(1, 9) AS n WHERE n IN :wanted", {"wanted": [2, 5]})
    assert cursor.fetchall() == [(2,), (5,)]


def test_a_value_is_never_text_of_the_statement(connection: Connection) -> None:
    evil = "x'; DROP TABLE products; --"
    assert connection.cursor().execute("SELECT :v AS v", {"v": evil}).fetchone() == (evil,)
    assert connection.cursor().execute("SELECT ':v', '{{ v }}', :v", {"v": 1}).fetchone() == (
        ":v",
        "{{ v }}",
        1,
    )


def test_without_parameters_the_text_is_sent_as_it_is(connection: Connection) -> None:
    cursor = connection.cursor()
    cursor.execute("""SELECT '{"a": 1}'::jsonb ? 'a', ':x', '100%', '{{1,2},{3,4}}'::int[]::text -- ?""")
    assert cursor.fetchone() == (True, ":x", "100%", "{{1,2},{3,4}}")
    assert cursor.execute("SELECT (ARRAY[1,2,3])[2:3]::text").fetchone() == ("{2,3}",)


@pytest.mark.parametrize(
    ("sql", "parameters", "said"),
    [
        ("SELECT :a", {"b": 1}, "no value for :a"),
        ("SELECT ?", [1, 2], "1 of the placeholder ?, but there are 2"),
        ("SELECT :a", {"a": {"x": 1}}, ":a is of type dict"),
        ("SELECT ?", "text", "not text"),
        ("", None, "no SQL"),
    ],
)
def test_parameters_that_do_not_fit_are_refused_before_anything_is_sent(
    connection: Connection, sql: str, parameters: object, said: str
) -> None:
    with pytest.raises(api.ProgrammingError, match=said.replace("?", r"\?")):
        connection.cursor().execute(sql, parameters)  # pyright: ignore[reportArgumentType]


def test_rows_come_as_python_values_with_a_description(connection: Connection) -> None:
    cursor = connection.cursor().execute(
        "SELECT 1::int8 AS n, 1.50::numeric(6, 2) AS price, 'é' AS t, true AS yes, DATE '2024-02-29' AS day,"
        " TIMESTAMPTZ '2024-02-29 12:00+02' AS at, '\\x00ff'::bytea AS raw, NULL::int AS nothing"
    )
    (row,) = cursor.fetchall()
    utc = datetime.timezone.utc
    assert row[:5] == (1, decimal.Decimal("1.50"), "é", True, datetime.date(2024, 2, 29))
    assert row[5].astimezone(utc) == datetime.datetime(2024, 2, 29, 10, tzinfo=utc)
    assert row[6:] == (b"\x00\xff", None)
    assert cursor.description is not None
    assert [column[0] for column in cursor.description] == [
        "n",
        "price",
        "t",
        "yes",
        "day",
        "at",
        "raw",
        "nothing",
    ]
    kinds = [column[1] for column in cursor.description]
    assert kinds[:3] == [api.NUMBER, api.NUMBER, api.STRING]
    assert kinds[4:7] == [api.DATETIME, api.DATETIME, api.BINARY]
    assert kinds[2] != api.NUMBER
    assert cursor.description[1][4:6] == (6, 2)


def test_rows_are_fetched_one_by_one_in_parts_and_to_the_end(connection: Connection) -> None:
    cursor = connection.cursor().execute("SELECT n FROM generate_series(1, 10000) AS n")
    assert cursor.rowcount == 10000
    assert cursor.fetchone() == (1,)
    assert cursor.fetchmany() == [(2,)]
    cursor.arraysize = 3
    assert cursor.fetchmany() == [(3,), (4,), (5,)]
    assert cursor.fetchmany(2) == [(6,), (7,)]
    assert next(cursor.__iter__()) == (8,)
    assert cursor.rownumber == 8
    rest = cursor.fetchall()
    assert (len(rest), rest[0], rest[-1]) == (9992, (9,), (10000,))
    assert cursor.fetchone() is None
    assert cursor.fetchall() == []


def test_arrow_and_dataframes_take_what_was_not_fetched(connection: Connection) -> None:
    cursor = connection.cursor().execute("SELECT n, n / 2.0 AS half FROM generate_series(1, 5) AS n")
    cursor.fetchone()
    table = cursor.fetch_arrow()
    assert table.column("n").to_pylist() == [2, 3, 4, 5]
    assert cursor.fetchall() == []
    assert cursor.fetch_arrow().schema == table.schema
    frame = connection.cursor().execute("SELECT 1.5::numeric AS x, 2 AS y").fetch_df(decimals="float")
    assert frame.dtypes.astype(str).tolist() == ["float64", "int32"]


def test_fetching_without_rows_is_a_mistake_of_the_program(connection: Connection) -> None:
    cursor = connection.cursor()
    with pytest.raises(api.ProgrammingError, match="no rows"):
        cursor.fetchone()
    cursor.execute("CREATE TEMPORARY TABLE t (n int)")
    assert cursor.description is None
    with pytest.raises(api.ProgrammingError, match="no rows"):
        cursor.fetchall()


def test_what_was_changed_is_counted_also_for_many(connection: Connection) -> None:
    cursor = connection.cursor()
    cursor.execute("CREATE TEMPORARY TABLE counted (n int PRIMARY KEY, t text)")
    cursor.executemany("INSERT INTO counted VALUES (:n, :t)", [{"n": n, "t": str(n)} for n in range(3)])
    assert cursor.rowcount == 3
    assert cursor.execute("UPDATE counted SET t = '' WHERE n > ?", [0]).rowcount == 2


@pytest.mark.parametrize(
    ("sql", "kind", "state"),
    [
        ("SELECT nothing FROM nowhere", api.ProgrammingError, "42P01"),
        ("SELECT 1 / 0", api.DataError, "22012"),
        ("INSERT INTO pair VALUES (1), (1)", api.IntegrityError, "23505"),
    ],
)
def test_what_the_server_says_is_the_exception_that_pep_249_knows(
    connection: Connection, sql: str, kind: type[api.Error], state: str
) -> None:
    connection.cursor().execute("CREATE TEMPORARY TABLE pair (n int PRIMARY KEY)")
    with pytest.raises(kind) as caught:
        connection.cursor().execute(sql)
    assert isinstance(caught.value, underpass.UnderpassError)
    assert caught.value.failure.get("detail", {})["sqlstate"] == state
    assert type(pickle.loads(pickle.dumps(caught.value))) is kind


def test_the_place_of_a_mistake_is_said_in_the_text_that_was_given(connection: Connection) -> None:
    with pytest.raises(api.ProgrammingError) as caught:
        connection.cursor().execute("SELECT :long_name,\n  :b + nothing", {"long_name": 1, "b": 2})
    detail = caught.value.failure.get("detail", {})
    assert (detail["line"], detail["column"]) == (2, 8)
    assert detail["excerpt"] == "2 |   :b + nothing\n  |        ^"


def test_a_transaction_is_kept_or_undone() -> None:
    with underpass.connect(NAME) as connection:
        assert not connection.autocommit
        cursor = connection.cursor()
        cursor.execute("CREATE TEMPORARY TABLE kept (n int)")
        assert connection.in_transaction
        connection.commit()
        cursor.execute("INSERT INTO kept VALUES (1)")
        connection.rollback()
        cursor.execute("INSERT INTO kept VALUES (2)")
        connection.commit()
        connection.commit()
        assert cursor.execute("SELECT n FROM kept").fetchall() == [(2,)]
        with pytest.raises(api.ProgrammingError, match="transaction is open"):
            connection.autocommit = True


def test_a_commit_that_the_server_makes_a_rollback_is_an_error() -> None:
    with underpass.connect(NAME) as connection:
        cursor = connection.cursor()
        cursor.execute("CREATE TEMPORARY TABLE lost (n int)")
        with pytest.raises(api.DataError):
            cursor.execute("SELECT 1 / 0")
        with pytest.raises(api.InternalError, match="rolled back"):
            connection.commit()
        assert cursor.execute("SELECT to_regclass('lost')::text").fetchone() == (None,)


def test_the_block_of_a_connection_commits_or_undoes(connection: Connection) -> None:
    cursor = connection.cursor()
    cursor.execute("CREATE TABLE blocks (n int)")
    try:
        with underpass.connect(NAME) as mine:
            mine.cursor().execute("INSERT INTO blocks VALUES (1)")
        assert mine.closed
        with pytest.raises(api.DataError), underpass.connect(NAME) as mine:
            mine.cursor().execute("INSERT INTO blocks VALUES (2); SELECT 1 / 0")
        assert cursor.execute("SELECT n FROM blocks").fetchall() == [(1,)]
    finally:
        cursor.execute("DROP TABLE blocks")


def test_what_is_closed_says_so(connection: Connection) -> None:
    cursor = connection.cursor()
    cursor.close()
    with pytest.raises(api.InterfaceError, match="cursor is closed"):
        cursor.execute("SELECT 1")
    other = underpass.connect(NAME)
    cursor = other.cursor()
    other.close()
    other.close()
    with pytest.raises(api.InterfaceError, match="connection is closed"):
        cursor.execute("SELECT 1")
    with pytest.raises(other.InterfaceError):
        other.commit()


def test_a_lost_tunnel_is_an_error_and_never_a_new_session(
    connection: Connection, network: PrivateNetwork
) -> None:
    cursor = connection.cursor().execute("SELECT 1")
    network.bastion.kill_sessions()
    with pytest.raises(api.OperationalError) as caught:
        cursor.execute("SELECT 2")
    assert caught.value.failure["code"] == "connection-lost"
    assert connection.closed
    with pytest.raises(api.OperationalError) as again:
        connection.cursor()
    assert again.value.failure["code"] == "connection-lost"
    with underpass.connect(NAME) as other:
        assert other.cursor().execute("SELECT 3").fetchone() == (3,)


def test_a_session_that_the_server_ends_is_an_error(connection: Connection) -> None:
    (pid,) = connection.cursor().execute("SELECT pg_backend_pid()").fetchall()[0]
    with underpass.connect(NAME, autocommit=True) as other:
        other.cursor().execute("SELECT pg_terminate_backend(:pid::int)", {"pid": pid})
    with pytest.raises(api.OperationalError) as caught:
        connection.cursor().execute("SELECT 1")
    assert caught.value.failure["code"] == "connection-lost"
    assert connection.closed


def test_the_forward_is_held_while_a_connection_is_open(person: Person) -> None:
    def holders() -> list[str]:
        integrations = person.request("integrations/list", folder=os.environ["UNDERPASS_PROJECT"])
        (found,) = (each for each in integrations["integrations"] if each["name"] == NAME)
        return [str(each) for each in found["forward"].get("consumers", [])]

    before = len(holders())
    with underpass.connect(NAME):
        assert len(holders()) == before + 1
    assert len(holders()) == before


def test_threads_share_a_connection_one_statement_after_the_other(connection: Connection) -> None:
    answers: list[tuple[int, int]] = []

    def ask(number: int) -> None:
        for _ in range(5):
            row = connection.cursor().execute("SELECT :n, pg_backend_pid()", {"n": number}).fetchone()
            assert row is not None
            answers.append((number, row[0]))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 40
    assert all(asked == answered for asked, answered in answers)


def test_a_statement_is_ended_from_another_thread(connection: Connection) -> None:
    timer = threading.Timer(0.3, connection.cancel)
    timer.start()
    with pytest.raises(api.OperationalError) as caught:
        connection.cursor().execute("SELECT pg_sleep(60)")
    assert caught.value.failure["code"] == "cancelled"
    assert connection.cursor().execute("SELECT 1").fetchone() == (1,)


@pytest.fixture
def interruptible() -> Iterator[None]:
    """As at a terminal; a shell's background job ignores the signal."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_stop_ends_the_statement_on_the_server(connection: Connection, interruptible: None) -> None:
    timer = threading.Timer(0.3, lambda: signal.raise_signal(signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        connection.cursor().execute("SELECT pg_sleep(60)")
    timer.join()
    count = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active'"
    assert connection.cursor().execute(count).fetchone() == (0,)


def test_a_child_process_gets_no_hold_of_the_parents_session(connection: Connection) -> None:
    connection.cursor().execute("SELECT 1")
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        said = b"nothing"
        try:
            connection.cursor().execute("SELECT 2")
        except api.InterfaceError as error:
            said = error.failure["message"].encode()
            connection.close()
        os.write(writing, said)
        os._exit(0)
    os.waitpid(child, 0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        assert "parent" in pipe.read()
    assert connection.cursor().execute("SELECT 3").fetchone() == (3,)


def test_names_that_are_wrong_and_systems_without_sql_are_refused(person: Person) -> None:
    with pytest.raises(api.ProgrammingError) as caught:
        underpass.connect("Nobody")
    assert caught.value.failure["code"] == "unknown-integration"


def test_nothing_shows_a_secret(connection: Connection, database: Database) -> None:
    password = database.login(database.port("offered")).secrets["password"]
    assert password not in repr(connection) + repr(vars(connection))
    assert repr(connection) == "<underpass connection to 'Prod' (postgresql), open>"


def test_what_is_left_open_is_closed_when_a_script_ends(system_workspace: Workspace) -> None:
    script = f"""
import threading, underpass
connection, busy = underpass.connect({NAME!r}), underpass.connect({NAME!r})
print(connection.cursor().execute("SELECT 1").fetchone())
sleep = lambda: busy.cursor().execute("SELECT pg_sleep(60)")
threading.Thread(target=sleep, daemon=True).start()
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        cwd=system_workspace.project,
        env=system_workspace.environment,
        capture_output=True,
        text=True,
        timeout=40,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("(1,)\n", "")
