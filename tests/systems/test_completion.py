"""Completion from the catalogs of servers behind the bastion: names as each system writes them."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from tests.person import Person, fields_of
from tests.servers import PrivateNetwork
from tests.workspace import Workspace

#: By system: what makes a table in the schema that needs no prefix, its name, and its columns as written.
TABLES = {
    "mysql": (
        "CREATE TABLE IF NOT EXISTS completed (id int, `Net Total` int)",
        "completed",
        ["id", "`Net Total`"],
    ),
    # It only reads.
    "sqlserver": ("SELECT 1 AS one", "numbers", ["n"]),
    "clickhouse": (
        'CREATE TABLE IF NOT EXISTS completed (id int, "Net Total" int) ENGINE = Memory',
        "completed",
        ["id", '"Net Total"'],
    ),
}

Complete = Callable[[str, str], list[str]]


@pytest.fixture(params=sorted(TABLES))
def system(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def complete(
    system: str, network: PrivateNetwork, person: Person, system_workspace: Workspace
) -> Iterator[Complete]:
    """What is offered at ``|`` in a cell of the system, once that is there."""
    values, secrets = fields_of(network.database(system), network, "offered", mode="strict")
    person.add(system, system, values, secrets)
    assert person.cell(system, TABLES[system][0]).lines

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


def test_tables_and_columns_are_offered(system: str, complete: Complete) -> None:
    _, table, columns = TABLES[system]
    assert table in complete(f"SELECT * FROM {table[:5]}|", table)
    assert complete(f"SELECT c.| FROM {table} c", columns[0]) == columns
