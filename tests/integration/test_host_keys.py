"""Whom to trust is decided by a person, also where nobody is there to be asked."""

from __future__ import annotations

import shlex

import pytest

from tests.servers import PrivateNetwork
from tests.workspace import Workspace


@pytest.fixture
def untrusting(empty_workspace: Workspace, network: PrivateNetwork) -> Workspace:
    """A workspace that the bastion knows, but that does not know the bastion."""
    empty_workspace.authorize(network)
    empty_workspace.add_database(network)
    return empty_workspace


@pytest.fixture
def changed_host_key(network: PrivateNetwork, workspace: Workspace) -> None:
    """The bastion shows another key than the one that the workspace approved."""
    network.bastion.stop()
    network.bastion.replace_host_key()
    network.bastion.start()


def test_an_unattended_run_refuses_an_unknown_host_key_and_names_the_command_that_approves(
    network: PrivateNetwork, untrusting: Workspace
) -> None:
    bastion = network.bastion.description
    finished = untrusting.underpass("run", "My DB", "--", "true")
    assert finished.returncode == 1
    approve = f"underpass hostkey approve {bastion['host']}:{bastion['port']} {bastion['hostKeyFingerprint']}"
    assert approve in finished.stderr

    assert untrusting.underpass(*shlex.split(approve)[1:]).returncode == 0
    assert untrusting.underpass("run", "My DB", "--", "true").returncode == 0


def test_another_fingerprint_than_the_servers_is_not_approved(
    network: PrivateNetwork, untrusting: Workspace
) -> None:
    bastion = network.bastion.description
    wrong = "SHA256:" + "A" * 43
    failure = untrusting.failure("hostkey", "approve", f"{bastion['host']}:{bastion['port']}", wrong)
    assert failure["stage"] == "host-key"
    assert untrusting.underpass("run", "My DB", "--", "true").returncode == 1


@pytest.mark.usefixtures("changed_host_key")
def test_a_changed_host_key_is_refused(network: PrivateNetwork, workspace: Workspace) -> None:
    logins = network.bastion.logins()
    failure = workspace.failure("run", "My DB", "--", "true")
    assert failure["code"] == "host-key-changed"
    assert failure["stage"] == "host-key"
    assert network.bastion.fingerprint in failure["message"]
    assert network.bastion.logins() == logins


@pytest.mark.usefixtures("changed_host_key")
def test_a_changed_host_key_is_approved_only_after_the_old_one_was_removed(
    network: PrivateNetwork, workspace: Workspace
) -> None:
    bastion = network.bastion.description
    address = f"{bastion['host']}:{bastion['port']}"
    failure = workspace.failure("hostkey", "approve", address, bastion["hostKeyFingerprint"])
    assert failure["code"] == "host-key-changed"

    workspace.result("hostkey", "remove", address)
    workspace.result("hostkey", "approve", address, bastion["hostKeyFingerprint"])
    assert workspace.underpass("run", "My DB", "--", "true").returncode == 0
