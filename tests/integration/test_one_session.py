"""However many processes use a bastion, they share one SSH session."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

from tests.jupyterlab import JupyterLab
from tests.kernel import Kernel
from tests.notebooks import output_of, printed, start_papermill, write_notebook
from tests.servers import PrivateNetwork
from tests.workspace import Workspace

#: Long enough that the queries overlap.
QUERY = '%%sql "My DB" -o df\nSELECT 1 AS one, pg_sleep(2)::text'
DIAL = (
    "import os, socket; socket.create_connection(('127.0.0.1', int(os.environ['MY_DB_LOCAL_PORT']))).close()"
)


def test_jupyterlab_papermill_a_kernel_and_the_command_line_log_in_once(
    network: PrivateNetwork, workspace: Workspace
) -> None:
    logins = network.bastion.logins()
    notebook = write_notebook(
        workspace.project / "one.ipynb", "# No parameters", QUERY, "print('rows', len(df))"
    )

    def in_jupyterlab() -> str:
        with JupyterLab(workspace) as server, server.kernel() as kernel:
            cell = kernel.run(QUERY)
            assert cell.error is None, cell.text
            return kernel.run("print('rows', len(df))").text

    def in_papermill() -> str:
        with start_papermill(workspace, notebook) as papermill:
            log, _ = papermill.communicate(timeout=120)
        assert papermill.returncode == 0, log
        return printed(output_of(notebook))

    def in_a_kernel() -> str:
        with Kernel(workspace) as kernel:
            cell = kernel.run(QUERY)
            assert cell.error is None, cell.text
            return kernel.run("print('rows', len(df))").text

    def on_the_command_line() -> str:
        finished = workspace.underpass("run", "My DB", "--", sys.executable, "-c", DIAL)
        assert finished.returncode == 0, finished.stderr
        return "rows 1"

    with ThreadPoolExecutor() as threads:
        ways = [
            threads.submit(way) for way in (in_jupyterlab, in_papermill, in_a_kernel, on_the_command_line)
        ]
        for way in ways:
            assert way.result().strip() == "rows 1"
    assert network.bastion.logins() == logins + 1
    (session,) = workspace.result("status")["sessions"]
    assert session["forwards"] == 1


def test_jupyterlab_sees_the_same_state_as_the_command_line(workspace: Workspace) -> None:
    with JupyterLab(workspace) as server:
        listed = server.request("integrations/list")["integrations"]
        assert [integration["name"] for integration in listed] == ["My DB"]
        assert server.request("status")["pid"] == workspace.service()


def test_a_kernel_of_jupyterlab_has_the_endpoint_in_its_environment(workspace: Workspace) -> None:
    with JupyterLab(workspace) as server, server.kernel() as kernel:
        printed_port = kernel.run("import os; print(os.environ['MY_DB_LOCAL_PORT'])").text.strip()
        (forward,) = workspace.result("status")["forwards"]
        assert int(printed_port) == forward["localPort"]
