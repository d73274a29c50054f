from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from underpass import __version__
from underpass.client import ServiceClient, consumer_name
from underpass.failure import UnderpassError
from underpass.integration import Integration
from underpass.paths import find_paths


def test_it_starts_the_service_and_says_who_it_is(client: ServiceClient) -> None:
    status = client.request("underpass/status", {})
    [introduced] = status["clients"]
    assert (introduced["kind"], introduced["name"]) == ("kernel", "a test")
    assert introduced["version"] == __version__
    assert find_paths().socket.is_socket()


def test_clients_share_one_service(client: ServiceClient) -> None:
    other = ServiceClient("another test")
    pids = {each.request("underpass/status", {})["pid"] for each in (client, other)}
    other.close()
    assert len(pids) == 1


def test_a_killed_service_is_started_again(client: ServiceClient, kill_service: Callable[[], None]) -> None:
    before = client.request("underpass/status", {})["pid"]
    kill_service()
    assert client.request("underpass/status", {})["pid"] != before


def test_what_the_service_refuses_is_raised_as_its_failure(client: ServiceClient, workspace: Path) -> None:
    with pytest.raises(UnderpassError) as refusal:
        Integration(client, "No such", str(workspace)).ensure()
    assert refusal.value.failure["code"] == "unknown-integration"
    assert client.request("underpass/status", {})["pid"] > 0


def test_ensure_gives_endpoint_and_secrets(client: ServiceClient, workspace: Path, database: str) -> None:
    ready = Integration(client, database.upper(), str(workspace)).ensure()
    assert (ready.name, ready.type, ready.tunnelled, ready.generation) == (database, "postgresql", False, 0)
    assert ready.endpoint == ready.server
    assert ready.secrets["password"] not in repr(ready)


def test_threads_may_share_a_client(client: ServiceClient) -> None:
    answers: list[int] = []

    def ask() -> None:
        answers.extend(client.request("underpass/status", {})["pid"] for _ in range(20))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 80
    assert len(set(answers)) == 1


def test_a_service_that_can_not_be_started_names_its_log(
    client: ServiceClient, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = workspace / "node"
    node.write_text('#!/bin/sh\n[ "$1" = --version ] && echo v20.0.0 || { echo broken >&2; exit 1; }\n')
    node.chmod(0o755)
    monkeypatch.setenv("PATH", str(workspace), prepend=os.pathsep)
    with pytest.raises(UnderpassError) as refusal:
        client.request("underpass/status", {})
    log = find_paths().log
    assert str(log) in refusal.value.failure["fix"]
    assert log.read_text() == "broken\n"


def test_a_consumer_is_called_like_its_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JPY_SESSION_NAME", "/home/me/reports/sales.ipynb")
    assert consumer_name() == "sales.ipynb"
