"""A tunnel that a person shuts down ends what runs, and is there again when it is used."""

from __future__ import annotations

import pytest

from tests.kernel import Kernel
from tests.person import Person
from tests.servers import PrivateNetwork
from tests.workspace import Workspace

RUN = '%%sql "My DB" -o df\nSELECT 1 AS one'


@pytest.fixture
def person(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Person:
    for name in ("UNDERPASS_HOME", "UNDERPASS_RUNTIME_DIR"):
        monkeypatch.setenv(name, workspace.environment[name])
    return Person(workspace.project)


def test_the_next_cell_after_a_tunnel_was_shut_down_works_on_the_same_port(
    network: PrivateNetwork, workspace: Workspace, person: Person
) -> None:
    with person, Kernel(workspace) as kernel:
        assert kernel.run(RUN).error is None
        (before,) = workspace.result("status")["forwards"]
        logins = network.bastion.logins()
        person.request("tunnels/close", integration="My DB")
        (shut,) = workspace.result("status")["forwards"]
        assert (shut["state"], shut["consumers"]) == ({"kind": "idle"}, [])
        cell = kernel.run(RUN)
        assert cell.error is None, cell.text
        (after,) = workspace.result("status")["forwards"]
        assert after["localPort"] == before["localPort"]
        assert network.bastion.logins() == logins + 1
        assert "forward-shut-down" in [line["event"] for line in workspace.log()]


def test_the_next_cell_works_too_where_another_tunnel_keeps_the_session(
    network: PrivateNetwork, workspace: Workspace, person: Person
) -> None:
    workspace.add_database(network, "Other")
    with person, workspace.forward("Other"), Kernel(workspace) as kernel:
        assert kernel.run(RUN).error is None
        logins = network.bastion.logins()
        person.request("tunnels/close", integration="My DB")
        cell = kernel.run(RUN)
        assert cell.error is None, cell.text
        assert network.bastion.logins() == logins


def test_a_transaction_that_a_shut_down_ended_is_said_to_be_lost(
    workspace: Workspace, person: Person
) -> None:
    with person, Kernel(workspace) as kernel:
        assert kernel.run('%%sql "My DB"\nBEGIN').error is None
        person.request("tunnels/close", integration="My DB")
        lost = kernel.run(RUN)
        assert lost.error is not None
        assert "is rolled back; nothing was run" in lost.text
