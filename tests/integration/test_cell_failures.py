"""A cell that can not reach its database shows code, stage and fix, not a driver's stack."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.kernel import Kernel
from tests.servers import PrivateNetwork
from tests.workspace import Workspace

QUERY = '%%sql "My DB"\nSELECT 1'


@pytest.fixture
def kernel(workspace: Workspace) -> Iterator[Kernel]:
    with Kernel(workspace) as kernel:
        yield kernel


@pytest.fixture
def database_down(network: PrivateNetwork) -> Iterator[None]:
    network.postgresql.stop()
    yield
    network.postgresql.start()


def test_a_wrong_password(network: PrivateNetwork, workspace: Workspace, kernel: Kernel) -> None:
    workspace.add_database(network, "Wrong password", password="not-the-password")
    cell = kernel.run('%%sql "Wrong password"\nSELECT 1')
    assert cell.error is not None
    assert "login" in cell.text
    assert "not-the-password" not in cell.text
    assert "Traceback" not in cell.text


def test_a_bastion_that_refuses_the_key(
    network: PrivateNetwork, workspace: Workspace, kernel: Kernel
) -> None:
    network.bastion.authorize("# nobody")
    cell = kernel.run(QUERY)
    assert cell.error is not None
    assert "auth-refused" in cell.text
    assert workspace.result("key", "show")["publicKey"] in cell.text
    assert "Traceback" not in cell.text


def test_a_bastion_that_is_down(network: PrivateNetwork, kernel: Kernel) -> None:
    network.bastion.stop()
    try:
        cell = kernel.run(QUERY)
    finally:
        network.bastion.start()
    assert cell.error is not None
    assert "connection-refused" in cell.text
    assert "tcp" in cell.text
    assert "Traceback" not in cell.text


def test_a_database_that_is_down(kernel: Kernel, database_down: None) -> None:
    cell = kernel.run(QUERY)
    assert cell.error is not None
    assert "forward" in cell.text
    assert "db.internal" in cell.text
    assert "Traceback" not in cell.text


def test_an_integration_that_does_not_exist(kernel: Kernel) -> None:
    cell = kernel.run('%%sql "No such"\nSELECT 1')
    assert cell.error is not None
    assert "unknown-integration" in cell.text


def test_a_statement_that_the_server_refuses(kernel: Kernel) -> None:
    cell = kernel.run('%%sql "My DB"\nSELECT no_such_column')
    assert cell.error is not None
    assert "query" in cell.text
    assert "no_such_column" in cell.text
    assert "Traceback" not in cell.text
