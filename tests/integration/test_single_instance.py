"""However many clients of whatever kind come at once, there is one service."""

from __future__ import annotations

import time

import pytest

from tests.clients import (
    INITIALIZE,
    STATUS,
    Shim,
    answer_of,
    files_of,
    service_processes,
    start_command,
    start_python_client,
)
from tests.workspace import Workspace


@pytest.mark.timeout(240)
def test_fifty_clients_of_all_kinds_that_start_at_once_get_one_service(empty_workspace: Workspace) -> None:
    begin = time.monotonic()
    clients = [start_python_client(empty_workspace) for _ in range(25)]
    # A command that only looks would start none.
    commands = [start_command(empty_workspace, "--json", "key", "show") for _ in range(15)]
    shims = [Shim(empty_workspace) for _ in range(10)]
    pids: set[int] = set()
    for shim in shims:
        with shim:
            shim.ask(*INITIALIZE)
            pids.add(shim.ask(*STATUS)["result"]["pid"])
    pids.update(answer_of(client) for client in clients)
    keys = {answer_of(command)["fingerprint"] for command in commands}
    seconds = time.monotonic() - begin
    assert len(pids) == 1
    assert len(keys) == 1
    assert service_processes(empty_workspace) == list(pids)
    assert [line["event"] for line in empty_workspace.log()].count("listening") == 1
    assert files_of(empty_workspace) == {"sock", "pid", "log"}
    # Fifty times the time that one process needs to start, on two processors that others use as well.
    assert seconds < 60
