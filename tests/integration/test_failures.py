"""A failure says where it happened and what to do, on the command line and in a cell alike."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.servers import PrivateNetwork
from tests.workspace import Workspace


@pytest.fixture
def bastion_down(network: PrivateNetwork) -> Iterator[None]:
    network.bastion.stop()
    yield
    network.bastion.start()


@pytest.fixture
def database_down(network: PrivateNetwork) -> Iterator[None]:
    network.postgresql.stop()
    yield
    network.postgresql.start()


def test_a_bastion_that_refuses_the_key_is_reported_with_the_key_to_add(
    network: PrivateNetwork, workspace: Workspace
) -> None:
    network.bastion.authorize("# nobody")
    failure = workspace.failure("run", "My DB", "--", "true")
    assert (failure["code"], failure["stage"]) == ("auth-refused", "auth")
    assert workspace.result("key", "show")["publicKey"] in failure["fix"]


def test_a_bastion_that_is_down_is_reported(workspace: Workspace, bastion_down: None) -> None:
    failure = workspace.failure("run", "My DB", "--", "true")
    assert (failure["code"], failure["stage"]) == ("connection-refused", "tcp")
    assert failure["fix"]


def test_testing_a_database_that_is_down_stops_at_the_forward(
    workspace: Workspace, database_down: None
) -> None:
    failure = workspace.failure("integration", "test", "My DB")
    assert (failure["code"], failure["stage"]) == ("forward-refused", "forward")
    assert "db.internal:5432" in failure["message"]


def test_testing_a_name_the_bastion_does_not_know_stops_at_the_forward(
    network: PrivateNetwork, workspace: Workspace
) -> None:
    workspace.add_database(network, "Elsewhere", host="nowhere.internal")
    failure = workspace.failure("integration", "test", "Elsewhere")
    assert (failure["code"], failure["stage"]) == ("forward-name-not-found", "forward")
    assert "nowhere.internal" in failure["message"]


def test_testing_a_way_that_works_passes_every_stage(workspace: Workspace) -> None:
    report = workspace.result("integration", "test", "My DB")
    assert report["ok"]
    stages = [result["stage"] for result in report["stages"]]
    assert stages[-6:] == ["host-key", "auth", "forward", "tls", "login", "query"]


def test_text_for_people_has_code_stage_and_fix(workspace: Workspace, bastion_down: None) -> None:
    finished = workspace.underpass("run", "My DB", "--", "true")
    assert finished.returncode == 1
    assert "connection-refused" in finished.stderr
    assert "tcp" in finished.stderr
