"""``%%sql`` in a real kernel, against a database behind a bastion."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.kernel import Kernel
from tests.notebooks import output_of, printed, start_papermill, write_notebook
from tests.servers import PrivateNetwork
from tests.workspace import Workspace

RUNNING = (
    "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep(60)%'"
    " AND pid <> pg_backend_pid()"
)


@pytest.fixture
def kernel(workspace: Workspace) -> Iterator[Kernel]:
    with Kernel(workspace) as kernel:
        yield kernel


def test_a_cell_binds_its_parameters_and_leaves_a_dataframe(kernel: Kernel) -> None:
    kernel.run("name, count = 'O''Neill; DROP TABLE x', 3")
    cell = kernel.run(
        '%%sql "My DB" -o df\n'
        "SELECT {{ name }}::text AS name, i FROM generate_series(1, {{ count }}::int) AS i"
    )
    assert cell.error is None, cell.text
    shown = kernel.run(
        "print(type(df).__module__.split('.')[0], df.name.nunique(), df.name[0], df.i.tolist())"
    )
    assert shown.text.strip() == "pandas 1 ONeill; DROP TABLE x [1, 2, 3]"


def test_a_query_comes_through_the_tunnel(network: PrivateNetwork, kernel: Kernel) -> None:
    logins = network.bastion.logins()
    cell = kernel.run('%%sql "My DB" -o df\nSELECT host(inet_server_addr()) AS address')
    assert cell.error is None, cell.text
    assert kernel.run("print(df.address[0])").text.strip() == "127.80.0.10"
    assert network.bastion.logins() == logins + 1


def test_papermill_runs_a_notebook_without_a_front_end(workspace: Workspace) -> None:
    notebook = write_notebook(
        workspace.project / "report.ipynb",
        "limit = 2",
        '%%sql "My DB" -o df\nSELECT sum(i) AS total FROM generate_series(1, {{ limit }}::int) AS i',
        "print('total', int(df.total[0]))",
    )
    with start_papermill(workspace, notebook, limit=100) as papermill:
        log, _ = papermill.communicate(timeout=120)
    assert papermill.returncode == 0, log
    assert "total 5050" in printed(output_of(notebook))


def test_stop_cancels_the_query_on_the_server(network: PrivateNetwork, kernel: Kernel) -> None:
    request = kernel.start('%%sql "My DB"\nSELECT pg_sleep(60)')
    _until(lambda: network.postgresql.run(RUNNING) == "1", "the query did not start")
    kernel.interrupt()
    cell = kernel.finish(request, seconds=15)
    assert cell.error is not None
    _until(lambda: network.postgresql.run(RUNNING) == "0", "the query still runs on the server")
    again = kernel.run('%%sql "My DB" -o df\nSELECT 1 AS one')
    assert again.error is None, again.text


def test_a_cell_works_again_after_its_session_was_lost(network: PrivateNetwork, kernel: Kernel) -> None:
    assert kernel.run('%%sql "My DB" -o df\nSELECT 1 AS one').error is None
    network.bastion.kill_sessions()
    cell = kernel.run('%%sql "My DB" -o df\nSELECT 2 AS two')
    assert cell.error is None, cell.text
    assert kernel.run("print(df.two[0])").text.strip() == "2"


def test_a_cell_works_again_after_the_service_was_killed(workspace: Workspace, kernel: Kernel) -> None:
    assert kernel.run('%%sql "My DB" -o df\nSELECT 1 AS one').error is None
    (before,) = workspace.result("status")["forwards"]
    workspace.kill_service()
    cell = kernel.run('%%sql "My DB" -o df\nSELECT 2 AS two')
    assert cell.error is None, cell.text
    (after,) = workspace.result("status")["forwards"]
    assert after["localPort"] == before["localPort"]


def test_a_cell_says_that_an_unattended_host_key_needs_approval(
    network: PrivateNetwork, empty_workspace: Workspace
) -> None:
    empty_workspace.authorize(network)
    empty_workspace.add_database(network)
    bastion = network.bastion.description
    with Kernel(empty_workspace) as kernel:
        cell = kernel.run('%%sql "My DB"\nSELECT 1')
    assert cell.error is not None
    assert "host-key-unknown" in cell.text
    approve = f"underpass hostkey approve {bastion['host']}:{bastion['port']} {bastion['hostKeyFingerprint']}"
    assert approve in cell.text


def test_the_password_is_nowhere_in_a_notebook(
    network: PrivateNetwork, workspace: Workspace, tmp_path: Path
) -> None:
    notebook = write_notebook(
        workspace.project / "secret.ipynb",
        '%%sql "My DB" -o df\nSELECT 1 AS one',
        "import os; print(dict(os.environ))",
    )
    with start_papermill(workspace, notebook) as papermill:
        log, _ = papermill.communicate(timeout=120)
    assert papermill.returncode == 0, log
    assert network.postgresql.password not in output_of(notebook).read_text() + log


def _until(reached: Callable[[], bool], otherwise: str, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.05)
