"""An integration that is changed while notebooks use it."""

from __future__ import annotations

from tests.kernel import Kernel
from tests.servers import PrivateNetwork
from tests.workspace import Workspace

#: Of the server's process: the same as long as the connection is.
PROCESS = '%%sql "My DB" -o df\nSELECT pg_backend_pid() AS process'


def process_of(kernel: Kernel) -> str:
    cell = kernel.run(PROCESS)
    assert cell.error is None, cell.text
    return kernel.run("print(df.process[0])").text.strip()


def test_a_kernel_follows_a_new_password_and_a_new_name(
    network: PrivateNetwork, workspace: Workspace
) -> None:
    password = network.postgresql.description["password"]
    with Kernel(workspace) as kernel:
        first = process_of(kernel)
        assert process_of(kernel) == first
        logins = network.bastion.logins()

        # What was connected with the former password is not used any more.
        edit = ("integration", "edit", "My DB")
        workspace.result(*edit, "--secret", "password=-", stdin="wrong")
        refused = kernel.run(PROCESS)
        assert refused.error is not None
        assert "password" in refused.text
        assert "wrong" not in refused.text
        workspace.result(*edit, "--secret", "password=-", stdin=str(password))
        assert process_of(kernel) != first

        # The cell says the former name.
        renamed = workspace.result(*edit, "--name", "Shop")
        assert renamed["aliases"] == ["My DB"]
        process_of(kernel)
        cell = kernel.run("%%sql shop\nSELECT 1")
        assert cell.error is None, cell.text
        assert network.bastion.logins() == logins


def test_a_kernel_follows_to_another_database_on_the_same_local_port(
    network: PrivateNetwork, workspace: Workspace
) -> None:
    with Kernel(workspace) as kernel:
        process_of(kernel)
        (before,) = workspace.result("status")["forwards"]
        workspace.result("integration", "edit", "My DB", "--set", "port=1")
        refused = kernel.run(PROCESS)
        assert refused.error is not None
        (after,) = workspace.result("status")["forwards"]
        assert after["remotePort"] == 1
        assert after["localPort"] == before["localPort"]
        port = network.postgresql.description["port"]
        workspace.result("integration", "edit", "My DB", "--set", f"port={port}")
        process_of(kernel)


def test_a_copy_can_be_queried_at_once(workspace: Workspace) -> None:
    copy = workspace.result("integration", "duplicate", "My DB")
    assert copy["name"] == "My DB copy"
    with Kernel(workspace) as kernel:
        cell = kernel.run('%%sql "My DB copy" -o df\nSELECT 1 AS one')
        assert cell.error is None, cell.text


def test_a_kernel_follows_the_switch_that_forbids_to_write(workspace: Workspace) -> None:
    """Also with a connection that was opened before; what is refused tells where the switch is."""
    insert = '%%sql "My DB"\nINSERT INTO guarded VALUES (2)'
    edit = ("integration", "edit", "My DB")
    with Kernel(workspace) as kernel:
        made = kernel.run('%%sql "My DB"\nCREATE TABLE guarded (n int); INSERT INTO guarded VALUES (1)')
        assert made.error is None, made.text
        first = process_of(kernel)
        assert workspace.result(*edit, "--read-only", "--production")["marks"] == {
            "production": True,
            "readOnly": True,
        }
        assert "read-only" in workspace.underpass("integration", "list").stdout
        refused = kernel.run(insert)
        assert refused.error is not None
        assert 'Switch off "Read-only" in the integration' in refused.text
        assert process_of(kernel) != first
        assert workspace.result("test", "My DB")["ok"]
        workspace.result(*edit, "--no-read-only")
        assert workspace.result("integration", "show", "My DB")["marks"]["production"]
        allowed = kernel.run(insert)
        assert allowed.error is None, allowed.text
        dropped = kernel.run('%%sql "My DB"\nDROP TABLE guarded')
        assert dropped.error is None, dropped.text
