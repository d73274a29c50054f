"""Integrations marked "Read-only", on the real servers: what is refused, by whom, and what still works."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.person import Person, fields_of
from tests.servers import PrivateNetwork
from tests.servers.databases import Database
from underpass.connectors import find_connector
from underpass.connectors.base import Connector, Rows
from underpass.connectors.read_only import Rules
from underpass.failure import Failure, UnderpassError

_names = itertools.count(1)
_CTE = "WITH gone AS (DELETE FROM {table} RETURNING n) SELECT * FROM gone"


@dataclass(frozen=True)
class System:
    """How a table is made in one system, and what tries to write to it."""

    #: Statements with ``{table}``, that leave one row behind.
    before: tuple[str, ...]
    #: All refused; nothing of it happens.
    writes: tuple[str, ...]
    #: Refused by the server itself, when the connector does not look.
    server: tuple[str, ...] = ()
    #: Allowed.
    reads: tuple[str, ...] = ()
    table: str = "guarded"


_TABLE = ("CREATE TABLE {table} (n INTEGER)", "INSERT INTO {table} VALUES (1)")
_PLAIN = (
    "INSERT INTO {table} VALUES (2)",
    "/* SELECT */ delete FROM {table}",
    "-- SELECT\nDROP TABLE {table}",
    "CREATE TABLE {table}_copy AS SELECT * FROM {table}",
)

SYSTEMS = {
    "postgresql": System(
        (
            *_TABLE,
            "CREATE FUNCTION {table}_write() RETURNS int LANGUAGE sql AS 'DELETE FROM {table} RETURNING n'",
        ),
        (
            *_PLAIN,
            _CTE,
            "SELECT {table}_write()",
            "EXPLAIN ANALYZE DELETE FROM {table}",
            "SELECT * INTO {table}_copy FROM {table}",
            "COPY {table} TO '/tmp/{table}'",
            "DO $$ BEGIN DELETE FROM {table}; END $$",
            "SET default_transaction_read_only = off",
            "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE",
            "SELECT set_config('transaction_read_only', 'off', false)",
            "BEGIN READ WRITE",
            "VACUUM {table}",
        ),
        (*_PLAIN, _CTE, "SELECT {table}_write()", "DO $$ BEGIN DELETE FROM {table}; END $$"),
        ("EXPLAIN DELETE FROM {table}", "RESET ALL", "DISCARD ALL", "SET search_path = public"),
    ),
    "mysql": System(
        (
            *_TABLE,
            "CREATE PROCEDURE {table}_write() INSERT INTO {table} VALUES (3)",
        ),
        (
            *_PLAIN,
            "REPLACE INTO {table} VALUES (2)",
            "CALL {table}_write()",
            "SELECT n FROM {table} INTO OUTFILE '/tmp/{table}'",
            "SELECT 1 /*! INTO OUTFILE '/tmp/{table}' */",
            "SET SESSION TRANSACTION READ WRITE",
            "START TRANSACTION READ WRITE",
            "SET @@session.transaction_read_only = 0",
            "SET tx_read_only = 0",
            "TRUNCATE TABLE {table}",
            "PREPARE p FROM 'DELETE FROM {table}'",
        ),
        (*_PLAIN, "CALL {table}_write()", "TRUNCATE TABLE {table}"),
        ("EXPLAIN SELECT n FROM {table}", "SET @x = 1", "SHOW TABLES"),
    ),
    "mindsdb": System((), (*_PLAIN, "DROP DATABASE guarded"), reads=("SHOW DATABASES",)),
    "clickhouse": System(
        ("CREATE TABLE {table} (n Int32) ENGINE = MergeTree ORDER BY n", "INSERT INTO {table} VALUES (1)"),
        (
            "INSERT INTO {table} VALUES (2)",
            "DROP TABLE {table}",
            "TRUNCATE TABLE {table}",
            "ALTER TABLE {table} DELETE WHERE 1",
            "SET readonly = 0",
            "SELECT 1 SETTINGS readonly = 0",
        ),
        ("INSERT INTO {table} VALUES (2)", "DROP TABLE {table}", "SET readonly = 0"),
        ("SET max_threads = 2", "SHOW TABLES", "DESCRIBE TABLE {table}"),
    ),
    # What stands in its place here never writes: there is nothing to look at afterwards.
    "sqlserver": System(
        (),
        (
            *_PLAIN[:3],
            "SELECT n INTO {table}_copy FROM {table}",
            "SELECT 1.INTO {table}_copy",
            "SELECT n FROM {table} DELETE FROM {table}",
            "DECLARE @x int = 1; DELETE FROM {table}",
            "EXEC('DELETE FROM {table}')",
            "WITH t AS (SELECT n FROM {table}) DELETE FROM t",
            "TRUNCATE TABLE {table}",
        ),
        reads=(
            "SET NOCOUNT ON",
            ";WITH t AS (SELECT 1 AS n) SELECT n FROM t;",
            "DECLARE @x int = 1 SELECT @x",
        ),
    ),
    "trino": System(
        _TABLE,
        (
            *_PLAIN,
            "WITH t AS (SELECT 2 AS n) INSERT INTO {table} SELECT n FROM t",
            "EXPLAIN ANALYZE INSERT INTO {table} VALUES (2)",
            "EXECUTE IMMEDIATE 'DROP TABLE {table}'",
            "SELECT 1; DROP TABLE {table}",
        ),
        reads=("EXPLAIN INSERT INTO {table} VALUES (2)", "SHOW TABLES"),
        table="memory.default.guarded",
    ),
    "dremio": System(
        ("CREATE TABLE {table} (n BIGINT)", "INSERT INTO {table} VALUES (1)"),
        (*_PLAIN, "ALTER TABLE {table} ADD COLUMNS (m BIGINT)"),
        table="scratch.guarded",
    ),
    "redshift": System(
        _TABLE,
        (
            *_PLAIN,
            _CTE,
            "SELECT * INTO {table}_copy FROM {table}",
            "SELECT 1; DELETE FROM {table}",
            "TRUNCATE {table}",
            "UNLOAD ('SELECT 1') TO 's3://x'",
            "SET transaction_read_only = off",
        ),
        reads=("EXPLAIN DELETE FROM {table}", "SET extra_float_digits TO 2"),
    ),
}
SYSTEMS["mariadb"] = SYSTEMS["mysql"]


@pytest.fixture(scope="module", params=sorted(SYSTEMS))
def database(request: pytest.FixtureRequest, network: PrivateNetwork) -> Database:
    return network.database(request.param)


@pytest.fixture(scope="module")
def system(database: Database) -> System:
    return SYSTEMS[database.system]


@pytest.fixture(scope="module")
def writer(
    network: PrivateNetwork, database: Database, person: Person, system: System
) -> Iterator[Connector]:
    """May write; a table with one row is there."""
    fields, secrets = login(network, database)
    name = f"{database.system} {next(_names)}"
    person.add(database.system, name, fields, secrets)
    connector = find_connector(database.system).open(person.ensure(name))
    for statement in system.before:
        connector.run(statement.format(table=system.table), ())
    yield connector
    connector.close()


@pytest.fixture
def reader(
    network: PrivateNetwork, database: Database, person: Person, writer: Connector
) -> Iterator[Connector]:
    """The same server by an integration that is marked."""
    fields, secrets = login(network, database)
    name = f"{database.system} {next(_names)}"
    person.add(database.system, name, fields, secrets, read_only=True)
    connector = find_connector(database.system).open(person.ensure(name))
    yield connector
    connector.close()


def login(network: PrivateNetwork, database: Database) -> tuple[dict[str, Any], dict[str, str]]:
    situation = "demanded" if "offered" in database.impossible else "offered"
    return fields_of(database, network, situation, mode="strict")


def refusal(connector: Connector, sql: str) -> Failure:
    with pytest.raises(UnderpassError) as error:
        connector.run(sql, ())
    return error.value.failure


def numbers(connector: Connector, system: System) -> list[int]:
    """What the table has; where none can be made there is a constant."""
    table = system.table if system.before else "(SELECT 1 AS n) AS t"
    answer = connector.run(f"SELECT n FROM {table}", ())
    assert isinstance(answer, Rows)
    return [row["n"] for row in answer.take().to_pylist()]


def test_what_writes_is_refused_and_does_not_happen(
    system: System, reader: Connector, writer: Connector
) -> None:
    """The writer has made the table by the same server: what is not marked writes."""
    for statement in system.writes:
        failure = refusal(reader, statement.format(table=system.table))
        assert (failure["code"], failure["stage"]) == ("read-only", "query"), (statement, failure)
        assert 'Switch off "Read-only"' in failure["fix"]
        assert "is read-only:" in failure["message"]
        assert not reader.in_transaction
    assert numbers(writer, system) == [1]


def test_what_reads_works(system: System, reader: Connector) -> None:
    for statement in system.reads:
        reader.run(statement.format(table=system.table), ())
    assert numbers(reader, system) == [1]
    assert reader.schemas()
    reader.try_out()
    assert reader.ping()


def test_the_server_refuses_by_itself_where_it_can(
    monkeypatch: pytest.MonkeyPatch, system: System, reader: Connector, writer: Connector
) -> None:
    guard = reader.guard
    assert guard is not None
    assert guard.rules is not None
    # One of the two keeps it from writing.
    assert system.server or guard.rules.lexis
    monkeypatch.setattr(reader, "guard", type(guard)(guard.name, Rules(codes=guard.rules.codes)))
    for statement in system.server:
        failure = refusal(reader, statement.format(table=system.table))
        assert failure["code"] == "read-only", (statement, failure)
        assert "Nothing was sent" not in failure["message"]
    assert numbers(writer, system) == [1]
