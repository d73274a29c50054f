"""What a person sees in JupyterLab who may not do everything: nothing that is refused when it is used."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, expect

from tests.authorizer import RIGHTS
from tests.jupyterlab import JupyterLab
from tests.lab import Lab
from tests.servers import PrivateNetwork
from tests.servers.process import PROJECT_FOLDER
from tests.workspace import Workspace

AUTHORIZER = "--ServerApp.authorizer_class=tests.authorizer.SomeRights"
#: Of an integration that is connected, and the right that each needs.
MENU = {
    "How to use": "read",
    "Insert SQL cell": "read",
    "Copy variable names": "read",
    "Test connection": "execute",
    "Open tunnel": "execute",
    "Disconnect": "execute",
    "Edit…": "write",
    "Duplicate": "write",
    "Delete…": "write",
}


@pytest.fixture
def log_in(empty_workspace: Workspace, chromium: Browser) -> Iterator[Callable[..., Lab]]:
    """A page of somebody with these rights, on a server of the workspace."""
    with ExitStack() as stack:

        def log_in(*rights: str) -> Lab:
            environment = empty_workspace.environment
            environment[RIGHTS] = " ".join(rights)
            paths = (str(PROJECT_FOLDER), os.environ.get("PYTHONPATH", ""))
            environment["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
            server = stack.enter_context(
                JupyterLab(empty_workspace, (AUTHORIZER, "--LabApp.expose_app_in_browser=True"))
            )
            context = chromium.new_context(viewport={"width": 1280, "height": 800})
            stack.callback(context.close)
            lab = Lab(context.new_page())
            lab.open(server.address, server.token)
            return lab

        yield log_in


def menu(lab: Lab, name: str) -> list[str]:
    """What the menu of an integration offers."""
    lab.sidebar.get_by_role("button", name=f"More actions for {name}").click()
    items = lab.page.get_by_role("menu").get_by_role("menuitem")
    expect(items.first).to_be_visible()
    offered = [text for item in items.all() if item.is_visible() for text in [item.inner_text().strip()]]
    lab.page.keyboard.press("Escape")
    return [text for text in offered if text]


def test_a_reader_sees_integrations_and_nothing_to_change_them(
    empty_workspace: Workspace, network: PrivateNetwork, log_in: Callable[..., Lab]
) -> None:
    empty_workspace.add_database(network)
    lab = log_in("read")
    expect(lab.item("My DB")).to_be_visible()
    expect(lab.sidebar.get_by_role("button", name="Add integration")).to_have_count(0)
    assert menu(lab, "My DB") == [item for item, right in MENU.items() if right == "read"]
    lab.choose("My DB", "How to use")
    expect(lab.dialog).to_contain_text("LOCAL_PORT")
    lab.close()
    assert not lab.offers("underpass:add-integration")
    assert lab.refused == []


def test_a_reader_is_told_of_a_host_key_and_not_asked(
    empty_workspace: Workspace, network: PrivateNetwork, log_in: Callable[..., Lab]
) -> None:
    empty_workspace.add_database(network)
    lab = log_in("read")
    expect(lab.item("My DB")).to_be_visible()
    with empty_workspace.running("test", "My DB"):
        read_the_question(lab, network)
    assert lab.refused == []


def read_the_question(lab: Lab, network: PrivateNetwork) -> None:
    """While something waits for the answer."""
    question = lab.sidebar.get_by_role("status").filter(has_text="host key")
    expect(question).to_contain_text("approval of somebody who may change integrations")
    expect(lab.dialog).to_have_count(0)
    question.get_by_role("button", name="Show…").click()
    expect(lab.dialog).to_contain_text(network.bastion.fingerprint)
    expect(lab.dialog).to_contain_text("You may not approve host keys")
    expect(lab.dialog.get_by_role("button", name="Approve")).to_have_count(0)
    expect(lab.dialog.get_by_role("button", name="Reject")).to_have_count(0)
    lab.close()


def test_a_reader_of_an_empty_workspace_is_not_told_to_add_something(log_in: Callable[..., Lab]) -> None:
    lab = log_in("read")
    expect(lab.sidebar).to_contain_text("No integrations yet")
    expect(lab.sidebar.get_by_role("button", name="Add integration")).to_have_count(0)
    assert lab.refused == []


def test_who_may_use_but_not_change_can_test_and_connect(
    empty_workspace: Workspace, network: PrivateNetwork, log_in: Callable[..., Lab]
) -> None:
    empty_workspace.add_database(network)
    empty_workspace.authorize(network)
    empty_workspace.approve_host_key(network)
    lab = log_in("read", "execute")
    assert menu(lab, "My DB") == [item for item, right in MENU.items() if right != "write"]
    lab.choose("My DB", "Disconnect")
    expect(lab.item("My DB")).to_contain_text("Not in this project")
    lab.choose("My DB", "Connect")
    expect(lab.item("My DB")).to_contain_text("Connected since")
    assert not lab.offers("underpass:add-integration")
    assert lab.refused == []


def test_who_may_do_everything_is_offered_everything(
    empty_workspace: Workspace, network: PrivateNetwork, log_in: Callable[..., Lab]
) -> None:
    empty_workspace.add_database(network)
    lab = log_in("read", "write", "execute")
    assert menu(lab, "My DB") == list(MENU)
    assert lab.offers("underpass:add-integration")
    with empty_workspace.running("test", "My DB"):
        expect(lab.dialog).to_contain_text("Approve this host key?")
        expect(lab.dialog.get_by_role("button", name="Approve")).to_be_visible()


def test_who_may_nothing_is_told_so(
    empty_workspace: Workspace, network: PrivateNetwork, log_in: Callable[..., Lab]
) -> None:
    empty_workspace.add_database(network)
    lab = log_in()
    expect(lab.sidebar).to_contain_text("You may not do this on this Jupyter server.")
    expect(lab.sidebar).not_to_contain_text("My DB")
    expect(lab.sidebar.get_by_role("button", name="Add integration")).to_have_count(0)
