"""``underpass.connect``, ``engine`` and ``sql`` on an integration that is marked "Read-only"."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy

import underpass
from tests.person import Person, fields_of
from tests.servers import PrivateNetwork
from tests.servers.databases import Database

SYSTEM = "postgresql"
NAME = "Marked"
INSERT = "INSERT INTO api_guarded VALUES (2)"
SELECT = "SELECT n FROM api_guarded"


@pytest.fixture(scope="module", autouse=True)
def table(network: PrivateNetwork, database: Database, person: Person) -> Iterator[None]:
    """A table with one row, made through an integration that may write; NAME is the same server, marked."""
    fields, secrets = fields_of(database, network, "offered", mode="strict")
    person.add(SYSTEM, "Writer", fields, secrets)
    person.add(SYSTEM, NAME, fields, secrets, read_only=True)
    with underpass.connect("Writer", autocommit=True) as writer:
        writer.cursor().execute("CREATE TABLE api_guarded (n int)")
        writer.cursor().execute("INSERT INTO api_guarded VALUES (1)")
        yield
        assert writer.cursor().execute(SELECT).fetchall() == [(1,)]
        writer.cursor().execute("DROP TABLE api_guarded")


def by_connection(sql: str) -> Any:
    with underpass.connect(NAME) as connection:
        return connection.cursor().execute(sql).fetchall()


def by_engine(sql: str) -> Any:
    engine = underpass.engine(NAME)
    try:
        with engine.begin() as connection:
            return [tuple(row) for row in connection.execute(sqlalchemy.text(sql))]
    finally:
        engine.dispose()


def by_function(sql: str) -> Any:
    return list(underpass.sql(sql, integration=NAME).itertuples(index=False, name=None))


@pytest.mark.parametrize("run", [by_connection, by_engine, by_function])
def test_reading_works_and_writing_is_refused_with_the_fix(run: Callable[[str], Any]) -> None:
    assert run(SELECT) == [(1,)]
    for sql in (
        INSERT,
        "SET transaction_read_only = off",
        "WITH gone AS (DELETE FROM api_guarded RETURNING n) SELECT n FROM gone",
    ):
        with pytest.raises(Exception, match=r'"Marked" is read-only: .*Switch off "Read-only"'):
            run(sql)
