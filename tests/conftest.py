"""What the tests share: one private network, and for each test a workspace of its own."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.lab import CHROMIUM
from tests.missing import deselect, missing_servers
from tests.servers import PrivateNetwork
from tests.workspace import Workspace


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "server(name): needs that server; see tests/missing.py")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    deselect(config, items)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for name in sorted(missing_servers()):
        line = f"server {name}: could not be installed, its tests were not run"
        terminalreporter.write_line(line, red=True)


@pytest.fixture(scope="session")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateNetwork]:
    """The servers. Who stops one starts it again."""
    with PrivateNetwork(tmp_path_factory.mktemp("network")) as network:
        yield network


@pytest.fixture
def empty_workspace() -> Iterator[Workspace]:
    """A workspace without integrations, and no bastion that knows its key."""
    # The path of a socket has to be short, which that of ``tmp_path`` is not.
    with tempfile.TemporaryDirectory(prefix="underpass-") as folder:
        workspace = Workspace(Path(folder))
        yield workspace
        workspace.close()


@pytest.fixture
def workspace(empty_workspace: Workspace, network: PrivateNetwork) -> Workspace:
    """A workspace that is ready to use: "My DB" behind the bastion, which knows the key and is trusted."""
    empty_workspace.authorize(network)
    empty_workspace.approve_host_key(network)
    empty_workspace.add_database(network)
    return empty_workspace


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser that can have many people in it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()
