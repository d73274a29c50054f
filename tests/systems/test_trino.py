"""Trino's connector, through the bastion, on a real server."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.kernel import Kernel
from tests.person import Person, fields_of
from tests.servers import PrivateNetwork
from tests.servers.databases.trino import USER, Trino
from tests.workspace import Workspace
from underpass.connectors.base import Affected, Column, Connector, Rows, Table
from underpass.failure import UnderpassError

from .conftest import Connect

SYSTEM = "trino"


def rows(connector: Connector, sql: str, *params: object, limit: int | None = None) -> list[dict[str, Any]]:
    answer = connector.run(sql, params, limit=limit)
    assert isinstance(answer, Rows)
    return answer.take().to_pylist()


def failing(connector: Connector, sql: str) -> UnderpassError:
    with pytest.raises(UnderpassError) as refused:
        connector.run(sql, [])
    return refused.value


def wait_until(condition: Any, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_statement_knows_catalog_and_schema(connector: Connector) -> None:
    asked = "SELECT current_user AS u, current_catalog AS c, current_schema AS s"
    assert rows(connector, asked) == [{"u": USER, "c": "memory", "s": "default"}]


def test_a_large_table_arrives_whole(connector: Connector) -> None:
    found = connector.run("SELECT orderkey, ARRAY[orderkey, NULL] AS twice FROM tpch.sf1.orders", [])
    assert isinstance(found, Rows)
    table = found.take()
    assert table.num_rows == 1_500_000
    assert table["orderkey"].to_pylist()[::100_000] == [
        pair[0] for pair in table["twice"].to_pylist()[::100_000]
    ]
    assert len(set(table["orderkey"].to_pylist())) == 1_500_000


def test_a_limit_is_exact_and_ends_the_statement_on_the_server(database: Trino, connector: Connector) -> None:
    many = "SELECT 'limited' AS t, ARRAY[orderkey] AS a FROM tpch.sf100.orders"
    for count in (0, 1, 20_000):
        assert len(rows(connector, many, limit=count)) == count
        wait_until(lambda: not database.running("limited"), 1)
    assert rows(connector, "SELECT 1 AS one", limit=5) == [{"one": 1}]


def test_what_changes_rows_says_how_many(connector: Connector) -> None:
    assert connector.run("CREATE TABLE changed (a bigint)", []) == Affected(None)
    assert connector.run("INSERT INTO changed VALUES ?, ?", [1, None], limit=1) == Affected(2)
    assert connector.run("CREATE TABLE copied AS SELECT * FROM changed", []) == Affected(2)
    assert rows(connector, "SELECT count(*) AS rows FROM copied", limit=1) == [{"rows": 2}]
    assert connector.run("DROP TABLE changed", []) == Affected(None)


def test_a_session_lasts_over_the_statements_of_cells(person: Person, connector: Connector) -> None:
    person.cell(
        "trino shared", "USE tpch.tiny; SET SESSION query_max_run_time = '9m'; PREPARE p FROM SELECT ? + 1"
    )
    person.cell("trino shared", "SET TIME ZONE 'Asia/Kathmandu'; SET PATH memory.default; SELECT 1")
    frame = person.cell("trino shared", "SELECT count(*) AS n, current_timezone() AS z FROM nation").frame
    assert frame is not None
    assert frame.to_dict() == {"n": {0: 25}, "z": {0: "Asia/Kathmandu"}}
    found = person.cell("trino shared", "EXECUTE p USING 41").frame
    assert found is not None
    assert found.to_dict() == {"_col0": {0: 42}}
    settings = person.cell("trino shared", "SHOW SESSION LIKE 'query_max_run_time'").frame
    assert settings is not None
    assert list(settings["Value"]) == ["9m"]
    person.cell("trino shared", "RESET SESSION query_max_run_time; DEALLOCATE PREPARE p")
    with pytest.raises(UnderpassError, match="Prepared statement not found"):
        person.cell("trino shared", "EXECUTE p USING 41")


def test_a_transaction_lasts_until_it_is_ended(connect: Connect) -> None:
    connector = connect()
    assert not connector.in_transaction
    connector.run("START TRANSACTION READ ONLY", [])
    assert connector.in_transaction
    assert rows(connector, "SELECT count(*) AS n FROM tpch.tiny.nation") == [{"n": 25}]
    assert failing(connector, "INSERT INTO memory.default.none VALUES 1").failure["code"] == "query-failed"
    assert connector.in_transaction
    connector.run("ROLLBACK", [])
    assert not connector.in_transaction


def test_a_limit_leaves_the_transaction_open(connect: Connect) -> None:
    connector = connect()
    connector.run("START TRANSACTION", [])
    many = "SELECT orderkey FROM tpch.tiny.orders"
    for count in (0, 3):
        assert len(rows(connector, many, limit=count)) == count
        assert rows(connector, "SELECT 1 AS one") == [{"one": 1}]
    connector.run("COMMIT", [])


def test_a_transaction_that_is_left_open_is_rolled_back_at_the_end(database: Trino, connect: Connect) -> None:
    connector = connect()
    connector.run("START TRANSACTION READ ONLY", [])
    open_ones = "SELECT count(*) FROM system.runtime.transactions WHERE NOT auto_commit_context"
    assert database.execute(open_ones) == [[1]]
    connector.close()
    assert database.execute(open_ones) == [[0]]


@pytest.mark.parametrize(
    ("cell", "line", "column"),
    [
        ("SELECT 1 AS one;\nSELECT 'é', nonesuch", 3, 13),
        ("SELECT 1 FORM x WHERE", 2, 15),
        ("SELECT {{ 'it''s' }} AS a, 'x''y', nonesuch", 2, 36),
        ("SELECT {{ 1 }} AS a, 'x',\n  1 FORM x WHERE", 3, 10),
        ("SELECT {{ 1 }} AS a,\n\n  nonesuch", 4, 3),
    ],
)
def test_an_error_has_line_and_column(
    person: Person, connector: Connector, cell: str, line: int, column: int
) -> None:
    with pytest.raises(UnderpassError) as refused:
        person.cell("trino shared", cell)
    failure = refused.value.failure
    assert failure["code"] == "query-failed"
    assert (failure.get("detail", {})["line"], failure.get("detail", {})["column"]) == (line, column)
    assert "line 1:" not in failure["message"]


def test_a_cancelled_statement_ends_on_the_server(database: Trino, connector: Connector) -> None:
    failures: list[UnderpassError] = []
    thread = threading.Thread(target=lambda: failures.append(failing(connector, database.slow("cancel me"))))
    thread.start()
    wait_until(lambda: database.running("cancel me"))
    start = time.monotonic()
    connector.cancel()
    wait_until(lambda: not database.running("cancel me"))
    thread.join()
    assert time.monotonic() - start < 1
    assert failures[0].failure["code"] == "cancelled"
    assert rows(connector, "SELECT 1 AS one") == [{"one": 1}]


def test_a_statement_is_cancelled_while_its_rows_arrive(database: Trino, connector: Connector) -> None:
    many = "SELECT *, 'stop me' AS t FROM tpch.sf100.orders"
    failures: list[UnderpassError] = []
    thread = threading.Thread(target=lambda: failures.append(failing(connector, many)))
    thread.start()
    wait_until(lambda: database.running("stop me"))
    connector.cancel()
    wait_until(lambda: not database.running("stop me"), 1)
    thread.join(10)
    assert failures[0].failure["code"] == "cancelled"


def test_the_catalog_is_listed_in_pages(database: Trino, connector: Connector, connect: Connect) -> None:
    database.execute("CREATE SCHEMA IF NOT EXISTS memory.sales")
    database.execute("CREATE TABLE memory.sales.orders (id bigint, total decimal(10, 2))")
    database.execute("CREATE VIEW memory.sales.recent AS SELECT 1 AS one")
    assert connector.schemas() == ["default", "information_schema", "sales"]
    assert connector.schemas(after="default", count=1) == ["information_schema"]
    assert connector.tables("sales") == [Table("sales", "orders", "table"), Table("sales", "recent", "view")]
    assert connector.tables("sales", after="orders", count=1) == [Table("sales", "recent", "view")]
    assert connector.columns("sales", "orders") == [
        Column("id", "bigint", True),
        Column("total", "decimal(10,2)", True),
    ]
    assert connector.columns("sales", "none") == []
    everywhere = connect(catalog="", schema="")
    assert everywhere.schemas(after="memory.default", count=3) == [
        *("memory.information_schema", "memory.sales", "system.information_schema"),
    ]
    assert everywhere.tables("memory.sales", count=1) == [Table("memory.sales", "orders", "table")]
    assert everywhere.columns("tpch.tiny", "region")[0] == Column("regionkey", "bigint", False)


def test_neither_proxies_nor_authorities_of_the_environment_have_a_say(
    connector: Connector, tmp_path: Path
) -> None:
    code = (
        "import sys; from tests.person import Person; from pathlib import Path\n"
        "with Person(Path(sys.argv[1])) as person:\n"
        "    print(person.cell('trino shared', 'SELECT 42 AS answer').frame.to_dict())"
    )
    (tmp_path / "none.pem").touch()
    proxies = dict.fromkeys(("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "SOCKS_PROXY"), "http://127.0.0.1:9")
    bundles = dict.fromkeys(("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"), str(tmp_path / "none.pem"))
    done = subprocess.run(
        [sys.executable, "-c", code, os.environ["UNDERPASS_PROJECT"]],
        env={**os.environ, **proxies, **bundles, "NO_PROXY": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "{'answer': {0: 42}}" in done.stdout, done.stderr


def test_stop_in_a_notebook_ends_the_statement(database: Trino, kernel: Kernel) -> None:
    kernel.run("%load_ext underpass")
    assert "42" in kernel.run("%%sql 'My DB'\nSELECT 42 AS answer").text
    request = kernel.start(f"%%sql 'My DB'\n{database.slow('stop this')}")
    wait_until(lambda: database.running("stop this"))
    kernel.interrupt()
    wait_until(lambda: not database.running("stop this"), 1)
    assert kernel.finish(request).error == "KeyboardInterrupt"
    assert "43" in kernel.run("%%sql 'My DB'\nSELECT 43 AS answer").text


@pytest.mark.parametrize("mode", ["strict", "required"])
def test_what_how_to_use_says_of_python_connects(
    database: Trino, network: PrivateNetwork, system_workspace: Workspace, person: Person, mode: str
) -> None:
    name = f"Example {mode}"
    fields, secrets = fields_of(database, network, "offered", mode=mode)
    person.add(SYSTEM, name, fields, secrets)
    (system_workspace.project / "ca.crt").write_text(fields["caCertificate"])
    sections = person.request("integrations/howToUse", integration=name)["sections"]
    (code,) = (section["code"] for section in sections if section["title"].startswith("With "))
    code = code.replace("getpass()", repr(secrets["password"]))
    code += '\nprint(connection.cursor().execute("SELECT current_user, current_catalog").fetchall())'
    done = system_workspace.underpass("run", name, "--", sys.executable, "-W", "ignore", "-c", code)
    assert done.stdout.strip() == f"[['{USER}', 'memory']]", done.stderr
