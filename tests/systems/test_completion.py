"""Completion from the catalogs of servers behind the bastion: names as each system writes them."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import pytest

from tests.person import Person, fields_of
from tests.servers import PrivateNetwork
from tests.workspace import Workspace
from underpass.arguments import Arguments


@dataclass(frozen=True)
class Case:
    """What there is on a system, and what is offered of it."""

    #: A cell that puts it there.
    cell: str
    #: At ``|``: that among others, or all of these in their order.
    offered: Mapping[str, str | list[str]]


def sql(statement: str, table: str, *columns: str) -> Case:
    """A table in the schema that needs no prefix, its columns as they are written."""
    return Case(
        statement,
        {f"SELECT * FROM {table[:4]}|": table, f"SELECT c.| FROM {table} AS c": list(columns)},
    )


MYSQL = sql(
    "CREATE TABLE IF NOT EXISTS completed (id int, `Net Total` int)", "completed", "id", "`Net Total`"
)
ANSI = sql('CREATE TABLE IF NOT EXISTS completed (id int, "Net Total" int)', "completed", "id", '"Net Total"')
CASES = {
    "mysql": MYSQL,
    "mariadb": MYSQL,
    "redshift": ANSI,
    # It has no such names but in lower case.
    "trino": sql("CREATE TABLE IF NOT EXISTS completed (id int, net int)", "completed", "id", "net"),
    # These only read.
    "sqlserver": sql("SELECT 1 AS one", "numbers", "n"),
    "mindsdb": Case("SELECT 1 AS one", {"SELECT * FROM inform|": "information_schema"}),
    "dremio": Case("SELECT 1 AS one", {"SELECT * FROM scr|": "scratch"}),
    "clickhouse": sql(
        'CREATE TABLE IF NOT EXISTS completed (id int, "Net Total" int) ENGINE = Memory',
        "completed",
        "id",
        '"Net Total"',
    ),
    "mongodb": Case(
        'db.completed.insertOne({"apples": 1, "pears": {"ripe": 2}})',
        {
            "db.comp|": "completed",
            "db.completed.fi|": ["find", "findOne"],
            'db.completed.find({"app|': "apples",
            'db.completed.find({"apples": {$gt|': ["$gt", "$gte"],
        },
    ),
}

Complete = Callable[[str, str], list[str]]


@pytest.fixture(params=sorted(CASES))
def system(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def complete(
    system: str, network: PrivateNetwork, person: Person, system_workspace: Workspace
) -> Iterator[Complete]:
    """What is offered at ``|`` in a cell of the system, once that is there."""
    values, secrets = fields_of(network.database(system), network, "offered", mode="strict")
    person.add(system, system, values, secrets)
    assert person.cell(system, CASES[system].cell, Arguments(system, write=True)).lines

    def complete(statement: str, expected: str) -> list[str]:
        cell = f"%%sql {system}\n{statement}"
        params = {
            "folder": str(system_workspace.project),
            "text": cell.replace("|", ""),
            "line": 1,
            "character": statement.index("|"),
            "python": {"program": sys.executable, "path": os.environ.get("PYTHONPATH", "")},
        }
        deadline = time.monotonic() + 40
        while True:
            answer = person.request("language/complete", **params)
            offered = [item["text"] for item in answer["items"]]
            if expected in offered or time.monotonic() > deadline:
                return offered

    yield complete
    person.remove(system)


def test_what_is_there_is_offered(system: str, complete: Complete) -> None:
    for statement, expected in CASES[system].offered.items():
        if isinstance(expected, list):
            assert complete(statement, expected[0]) == expected
        else:
            assert expected in complete(statement, expected)
