"""``underpass doctor`` finds what is wrong, and works when nothing else does."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import underpass
from tests.servers import PrivateNetwork
from tests.workspace import Workspace


def examine(workspace: Workspace, *arguments: str) -> dict[str, list[dict[str, Any]]]:
    """What was found, by check."""
    finished = workspace.underpass("--json", "doctor", *arguments)
    answer = json.loads(finished.stdout)
    failed = any(finding["outcome"] == "failed" for finding in answer["findings"])
    assert answer["ok"] is not failed
    assert finished.returncode == int(failed)
    found: dict[str, list[dict[str, Any]]] = {}
    for finding in answer["findings"]:
        assert finding["outcome"] == "ok" or finding["outcome"] == "skipped" or finding["fix"]
        found.setdefault(finding["check"], []).append(finding)
    return found


def outcome(findings: list[dict[str, Any]]) -> str:
    """The worst of them."""
    outcomes = {finding["outcome"] for finding in findings}
    return next(worst for worst in ("failed", "warning", "skipped", "ok") if worst in outcomes)


@contextlib.contextmanager
def stopped(pid: int) -> Iterator[None]:
    """A process that does not answer."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def test_a_healthy_workspace_is_well(workspace: Workspace) -> None:
    workspace.environment.pop("http_proxy", None)
    found = examine(workspace, "My DB")
    assert {check: outcome(findings) for check, findings in found.items()} == dict.fromkeys(found, "ok")
    assert len(found) >= 14
    said = " ".join(finding["message"] for finding in found["versions"])
    assert underpass.__version__ in said
    assert sys.executable in said
    assert '"My DB" works' in found["integrations"][0]["message"]
    assert "All is well." in workspace.underpass("doctor").stdout


def test_all_that_is_connected_is_tested_each_on_its_own(
    network: PrivateNetwork, workspace: Workspace
) -> None:
    workspace.add_database(network, "Wrong password", password="wrong")
    workspace.add_database(network, "No such host", host="nowhere.internal")
    findings = examine(workspace, "--all")["integrations"]
    assert [finding["outcome"] for finding in findings] == ["ok", "failed", "failed"]
    assert '"Wrong password" at login' in findings[1]["message"]
    assert '"No such host" at forward' in findings[2]["message"]


def test_a_runtime_folder_that_can_not_be_used_is_found_where_nothing_starts(workspace: Workspace) -> None:
    workspace.close()
    workspace.environment["UNDERPASS_RUNTIME_DIR"] = "/dev/null/runtime"
    assert workspace.underpass("integration", "list").returncode == 1
    found = examine(workspace)
    assert outcome(found["folders"]) == "failed"
    assert "UNDERPASS_RUNTIME_DIR" in found["folders"][0]["fix"]
    assert outcome(found["service"]) == "failed"
    assert outcome(found["key"]) == "skipped"
    assert outcome(found["versions"]) == "ok"
    workspace.environment["UNDERPASS_RUNTIME_DIR"] = str(workspace.runtime)


def test_a_service_that_hangs_is_found_with_the_way_to_end_it(workspace: Workspace) -> None:
    pid = workspace.service()
    assert pid is not None
    with stopped(pid):
        found = examine(workspace)
    [finding] = found["service"]
    assert finding["outcome"] == "failed"
    assert f"kill -9 {pid}" in finding["fix"]
    assert outcome(found["disk space"]) == "ok"


def test_damaged_files_are_named(workspace: Workspace) -> None:
    workspace.close()
    (workspace.home / "workspace.json").write_text('{"version": 1, "integ')
    found = examine(workspace)
    assert outcome(found["workspace"]) == "failed"
    assert "workspace.json" in found["workspace"][0]["message"]


def test_secrets_that_can_not_be_read_are_found(workspace: Workspace) -> None:
    workspace.close()
    (workspace.home / "master.key").unlink()
    assert outcome(examine(workspace)["vault"]) == "failed"


def test_folders_and_files_that_others_can_read_are_found(workspace: Workspace, tmp_path: Path) -> None:
    workspace.close()
    workspace.home.chmod(0o755)
    [finding] = [found for found in examine(workspace)["folders"] if found["outcome"] == "warning"]
    assert finding["fix"] == f'chmod 700 "{workspace.home.resolve()}"'


def test_a_forward_that_had_to_take_another_port_is_well(workspace: Workspace) -> None:
    with workspace.forward("My DB") as port:
        pass
    workspace.close()
    with socket.create_server(("127.0.0.1", port)):
        found = examine(workspace)
        status = workspace.result("status")
    # The service has taken another port, and says which is its own.
    assert outcome(found["ports"]) == "ok"
    assert [forward["localPort"] for forward in status["forwards"]] != [port]


def test_a_proxy_without_exceptions_and_missing_files_are_found(workspace: Workspace) -> None:
    workspace.environment.pop("no_proxy", None)
    workspace.environment.pop("NO_PROXY", None)
    workspace.environment["HTTP_PROXY"] = "http://me:hunter2@proxy.example.org:3128"
    workspace.environment["UNDERPASS_PROJECT"] = "/no/such/folder"
    finished = workspace.underpass("doctor")
    assert "no_proxy" in finished.stdout
    assert "/no/such/folder, which does not exist" in finished.stdout
    assert "hunter2" not in finished.stdout


@pytest.mark.parametrize("anonymous", [False, True])
def test_a_report_has_no_secret_and_on_request_no_names(
    network: PrivateNetwork, workspace: Workspace, anonymous: bool
) -> None:
    workspace.environment["HOME"] = str(workspace.home.parent)
    workspace.result("test", "My DB")
    database = network.postgresql.description
    text = workspace.underpass("doctor", "My DB", "--report", *(["--anonymous"] if anonymous else [])).stdout
    assert "integration-added" in text
    assert str(workspace.home.parent) not in text
    assert database["password"] not in text
    assert "PRIVATE KEY" not in text
    for name in ("My DB", database["host"]):
        assert (name in text) is not anonymous, name
