"""Clients and services of different versions in one workspace."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

import underpass
from tests.clients import INITIALIZE, PYTHON_CLIENT, Shim, answer_of, await_gone, start
from tests.jupyterlab import JupyterLab
from tests.workspace import Workspace


class Other:
    """An installation of another version beside this one, of the same code but for its numbers."""

    def __init__(self, folder: Path, protocol: int, version: str) -> None:
        ours = Path(underpass.__file__).parent
        self.package = folder / "underpass"
        shutil.copytree(ours, self.package, ignore=shutil.ignore_patterns("__pycache__"))
        self.bundle = self.package / "_service" / "underpass.cjs"
        replace_in(self.bundle, "protocolVersion = 1;", f"protocolVersion = {protocol};")
        replace_in(self.bundle, f'"{underpass.__version__}"', f'"{version}"')
        replace_in(self.package / "client.py", "PROTOCOL_VERSION = 1\n", f"PROTOCOL_VERSION = {protocol}\n")
        replace_in(
            self.package / "__init__.py",
            f'__version__ = "{underpass.__version__}"',
            f'__version__ = "{version}"',
        )
        self._path = str(folder)

    def in_it(self, workspace: Workspace) -> Workspace:
        """The same workspace, used with this installation."""
        other = Workspace.__new__(Workspace)
        other.__dict__.update(workspace.__dict__)
        search = os.pathsep.join([self._path, workspace.environment.get("PYTHONPATH", "")])
        other.environment = {**workspace.environment, "PYTHONPATH": search}
        return other


def replace_in(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text, f"{path} has no {old!r}"
    path.write_text(text.replace(old, new))


@pytest.fixture
def newer(tmp_path: Path) -> Other:
    return Other(tmp_path / "newer", 2, "9.9.9")


def python_client(workspace: Workspace) -> Any:
    return answer_of(start(workspace, [sys.executable, "-c", PYTHON_CLIENT]))


def hello(workspace: Workspace) -> dict[str, Any]:
    with Shim(workspace) as shim:
        return shim.ask("underpass/hello", {})["result"]


def test_an_idle_service_of_another_version_makes_room_for_each_kind_of_client(
    empty_workspace: Workspace, newer: Other
) -> None:
    theirs = newer.in_it(empty_workspace)
    former = python_client(empty_workspace)
    # The command line of the newer version, then a kernel and a Jupyter server's shim of this one.
    theirs.result("key", "show")
    service = hello(theirs)
    assert (service["protocolVersion"], service["serviceVersion"]) == (2, "9.9.9")
    assert service["pid"] != former
    await_gone(former)
    again = python_client(empty_workspace)
    assert again != service["pid"]
    theirs.result("key", "show")
    assert hello(empty_workspace)["protocolVersion"] == 1


def test_a_service_of_another_version_that_is_in_use_stays_and_says_who_has_to_do_what(
    empty_workspace: Workspace, newer: Other
) -> None:
    theirs = newer.in_it(empty_workspace)
    with Shim(empty_workspace) as shim:
        pid = shim.ask(*INITIALIZE) and shim.ask("underpass/hello", {})["result"]["pid"]
        kernel = python_client(theirs)
        command = theirs.failure("key", "show")
        with Shim(theirs) as other:
            method, params = INITIALIZE
            client = {**params["client"], "version": "9.9.9"}
            server = other.ask(method, {"protocolVersion": 2, "client": client})["error"]["data"]
        for failure in (kernel, command, server):
            assert failure["code"] == "protocol-version"
            for word in (underpass.__version__, "9.9.9", "this is newer", "a server"):
                assert word in failure["message"]
            assert 'pip install --upgrade "underpass>=9.9.9"' in failure["fix"]
            assert "underpass stop" in failure["fix"]
            assert failure["detail"]["pid"] == pid
        # It goes on for those who use it, and has not been replaced in between.
        assert shim.ask("underpass/hello", {})["result"]["pid"] == pid
        assert [line["event"] for line in empty_workspace.log()].count("listening") == 1


def test_an_older_client_is_told_to_upgrade(empty_workspace: Workspace, newer: Other) -> None:
    theirs = newer.in_it(empty_workspace)
    with Shim(theirs) as shim:
        method, params = INITIALIZE
        shim.ask(method, {**params, "protocolVersion": 2})
        failure = python_client(empty_workspace)
        assert failure["code"] == "protocol-version"
        assert "the service is newer" in failure["message"]
        assert failure["fix"] == 'Upgrade here: pip install --upgrade "underpass>=9.9.9"'


def test_a_jupyter_server_replaces_an_idle_service_of_another_version(
    empty_workspace: Workspace, newer: Other
) -> None:
    newer.in_it(empty_workspace).result("key", "show")
    with JupyterLab(empty_workspace) as server:
        status = server.request("status")
        assert (status["protocolVersion"], status["serviceVersion"]) == (1, underpass.__version__)


def test_an_upgrade_under_a_running_service_is_seen_in_its_status(
    empty_workspace: Workspace, tmp_path: Path
) -> None:
    installed = Other(tmp_path / "installed", 1, "0.0.9")
    upgraded = Other(tmp_path / "upgraded", 1, "0.1.1")
    theirs = installed.in_it(empty_workspace)
    theirs.result("key", "show")
    before = theirs.result("status")
    assert before["bundle"] == {"path": str(installed.bundle), "replaced": False}
    os.replace(upgraded.bundle, installed.bundle)
    after = theirs.result("status")
    # What runs is what was started; who asks knows its own version.
    assert (after["pid"], after["serviceVersion"]) == (before["pid"], "0.0.9")
    assert after["bundle"]["replaced"] is True
    (cli,) = [client for client in after["clients"] if client["kind"] == "cli"]
    assert cli["version"] == "0.1.1"


def test_a_client_of_an_unknown_kind_and_version_may_say_hello_and_end_the_service(
    empty_workspace: Workspace,
) -> None:
    with Shim(empty_workspace) as shim:
        refused = shim.ask(
            "underpass/initialize",
            {"protocolVersion": 77, "client": {"kind": "hologram", "version": "77.0"}, "future": True},
        )["error"]["data"]
        assert refused["code"] == "protocol-version"
        assert json.dumps(refused["detail"]["usedBy"]) == "[]"
        service = shim.ask("underpass/hello", {"future": True})["result"]
        assert shim.ask("underpass/shutdown", {"onlyIdle": True, "future": 1}) == {
            "jsonrpc": "2.0",
            "id": 3,
            "result": {},
        }
    await_gone(service["pid"])
