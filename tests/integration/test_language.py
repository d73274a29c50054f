"""Completion in SQL cells: what is offered of a database behind a bastion, and what is left alone."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients import INITIALIZE, Shim, await_gone
from tests.editor import Editor
from tests.servers import PrivateNetwork
from tests.workspace import Workspace

SCHEMA = (
    'CREATE TABLE IF NOT EXISTS orders (id int, customer_name text, "Net Total" numeric);'
    "CREATE SCHEMA IF NOT EXISTS stock; CREATE TABLE IF NOT EXISTS stock.parts (part_number int);"
    "GRANT USAGE ON SCHEMA stock TO PUBLIC"
)


@pytest.fixture
def editor(workspace: Workspace, network: PrivateNetwork) -> Iterator[Editor]:
    prepare(network, SCHEMA)
    with Shim(workspace) as shim:
        shim.ask(*INITIALIZE)
        yield Editor(workspace, shim)


def prepare(network: PrivateNetwork, statements: str) -> None:
    network.postgresql.run(statements, database=str(network.postgresql.description["database"]))


def readers_of(workspace: Workspace) -> list[int]:
    """Ids of the processes that read catalogs for this workspace's service."""
    service = str(workspace.service())
    return [
        int(folder.name)
        for folder in Path("/proc").iterdir()
        if folder.name.isdigit() and _is_reader(folder, service)
    ]


def _is_reader(process: Path, service: str) -> bool:
    try:
        parent = (process / "stat").read_text().rpartition(")")[2].split()[1]
        return parent == service and b"underpass.catalog_reader" in (process / "cmdline").read_bytes()
    except OSError:
        return False


def events(workspace: Workspace, name: str) -> int:
    return sum(line["event"] == name for line in workspace.log())


def test_the_first_line_offers_what_the_project_has(editor: Editor) -> None:
    assert editor.offered("%%sql |") == ['"My DB"', "duckdb"]
    assert editor.offered('%%sql "M|') == ['"My DB"']
    assert editor.offered('%%sql "My DB" --f|') == ["--frame"]
    assert editor.offered('%%sql "My DB" --frame p|') == ["pandas", "polars"]
    assert "date_trunc" in editor.offered('%%sql "My DB"\nSELECT date_|')


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("SELECT * FROM ord|", "orders"),
        ("SELECT * FROM sto|", "stock"),
        ("SELECT * FROM stock.|", "parts"),
        ("SELECT cust| FROM orders", "customer_name"),
        ("SELECT o.| FROM ORDERS o", '"Net Total"'),
        ("SELECT p.| FROM stock.parts AS p", "part_number"),
    ],
)
def test_names_come_from_the_catalog_behind_the_bastion(
    editor: Editor, statement: str, expected: str
) -> None:
    assert expected in editor.offered(f'%%sql "My DB" -o df\n{statement}', expected)


def test_an_answer_does_not_wait_for_the_database(
    editor: Editor, workspace: Workspace, network: PrivateNetwork
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        workspace.add_database(
            network, "Silent", sshEnabled="false", host="localhost", port=silent.getsockname()[1]
        )
        answer = editor.ask("%%sql Silent\nSELECT | FROM orders")
    assert answer["isReading"]
    assert answer["isIncomplete"]
    assert "count" in [item["text"] for item in answer["items"]]


def test_all_editors_share_one_connection(editor: Editor, workspace: Workspace) -> None:
    cell = '%%sql "My DB"\nSELECT | FROM orders'
    editor.offered(cell, "customer_name")
    with Shim(workspace) as shim:
        shim.ask(*INITIALIZE)
        assert "customer_name" in Editor(workspace, shim).offered(cell)
    assert events(workspace, "catalog-opened") == 1


def test_a_login_that_fails_is_not_repeated_until_something_changes(
    editor: Editor, workspace: Workspace, network: PrivateNetwork
) -> None:
    cell = '%%sql "My DB"\nSELECT * FROM ord|'
    workspace.result("integration", "edit", "My DB", "--secret", "password=-", stdin="wrong")
    for _ in range(20):
        editor.offered(cell)
    assert events(workspace, "catalog-failed") == 1
    password = network.postgresql.description["password"]
    workspace.result("integration", "edit", "My DB", "--secret", "password=-", stdin=str(password))
    assert editor.offered(cell, "orders") == ["orders"]
    assert "wrong" not in str(workspace.log())


def test_nobody_is_asked_about_a_host_key_for_the_sake_of_a_word(
    editor: Editor, workspace: Workspace, network: PrivateNetwork
) -> None:
    bastion = network.bastion.description
    workspace.result("hostkey", "remove", f"{bastion['host']}:{bastion['port']}")
    for _ in range(5):
        assert editor.offered('%%sql "My DB"\nSELECT * FROM ord|') == []
    assert workspace.result("hostkey", "pending") == []
    workspace.approve_host_key(network)
    assert editor.offered('%%sql "My DB"\nSELECT * FROM ord|', "orders") == ["orders"]


def test_what_is_not_connected_to_the_project_is_not_offered(editor: Editor, workspace: Workspace) -> None:
    cell = '%%sql "My DB"\nSELECT * FROM ord|'
    editor.offered(cell, "orders")
    (reader,) = readers_of(workspace)
    workspace.result("disconnect", "My DB")
    await_gone(reader)
    assert editor.offered(cell) == []
    assert editor.offered("%%sql |") == ["duckdb"]


def test_the_reader_ends_with_the_service_that_was_killed(editor: Editor, workspace: Workspace) -> None:
    editor.offered('%%sql "My DB"\nSELECT * FROM ord|', "orders")
    (reader,) = readers_of(workspace)
    workspace.kill_service()
    await_gone(reader)


def test_a_catalog_of_a_hundred_thousand_tables_is_searched_for_what_is_typed(
    editor: Editor, workspace: Workspace, network: PrivateNetwork
) -> None:
    prepare(
        network,
        "CREATE SCHEMA IF NOT EXISTS crowd; GRANT USAGE ON SCHEMA crowd TO PUBLIC;"
        "DO $$ BEGIN FOR n IN 1..100000 LOOP"
        " EXECUTE format('CREATE VIEW crowd.%s_%s AS SELECT 1 AS one', chr(97 + n % 26), n);"
        " IF n % 2000 = 0 THEN COMMIT; END IF; END LOOP; END $$",
    )
    assert "z_99995" in editor.offered('%%sql "My DB"\nSELECT * FROM crowd.z_9999|', "z_99995")
    # Of a part that was not read in advance, too, and never all of them.
    for typed in ("a", "m_1", "q_77", "z_9"):
        offered = editor.offered(f'%%sql "My DB"\nSELECT * FROM crowd.{typed}|')
        assert all(name.startswith(typed) for name in offered)
        assert 0 < len(offered) <= 300
