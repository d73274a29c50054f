"""However many clients of whatever kind come at once, and whatever the dead left: there is one service."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.workspace import Workspace
from underpass.framing import Decoder, encode

#: Asks for the status and prints the service's process id.
PYTHON_CLIENT = """
from underpass.client import ServiceClient
print(ServiceClient("one of many").request("underpass/status", {})["pid"])
"""


def service_processes(workspace: Workspace) -> list[int]:
    """Ids of the processes that are, or want to be, this workspace's service."""
    found: list[int] = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            command = (folder / "cmdline").read_bytes().split(b"\0")
            environment = (folder / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if command[-2:-1] == [b"serve"] and f"UNDERPASS_HOME={workspace.home}".encode() in environment:
            found.append(int(folder.name))
    return found


def files_of(workspace: Workspace) -> set[str]:
    """The kinds of files in the runtime folder."""
    return {name.partition(".")[2] for name in os.listdir(workspace.runtime)}


def await_gone(pid: int, seconds: float = 10) -> None:
    """Wait until a process has ended."""
    deadline = time.monotonic() + seconds
    while os.path.exists(f"/proc/{pid}"):
        assert time.monotonic() < deadline, f"process {pid} still runs"
        time.sleep(0.02)


def start_python_client(workspace: Workspace) -> subprocess.Popen[str]:
    return start(workspace, [sys.executable, "-c", PYTHON_CLIENT])


def start_command(workspace: Workspace) -> subprocess.Popen[str]:
    return start(workspace, [sys.executable, "-m", "underpass.command", "--json", "status"])


def start_shim(workspace: Workspace) -> subprocess.Popen[str]:
    return start(workspace, [sys.executable, "-m", "underpass.command", "serve", "--stdio"])


def start(workspace: Workspace, argv: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        argv,
        cwd=workspace.project,
        env=workspace.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ask_shim(shim: subprocess.Popen[str], *methods: tuple[str, dict[str, object]]) -> list[dict[str, object]]:
    """Send requests to a shim, one after the other, and end it."""
    assert shim.stdin is not None
    assert shim.stdout is not None
    decoder, answers = Decoder(), []
    with shim:
        for number, (method, params) in enumerate(methods):
            request = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
            shim.stdin.buffer.write(encode(request))
            shim.stdin.buffer.flush()
            answer = None
            while answer is None:
                piece = shim.stdout.buffer.read1(65536)
                assert piece, shim.stderr.read() if shim.stderr else ""
                answer = next((m for m in decoder.feed(piece) if m.get("id") == number), None)
            answers.append(answer)
        shim.stdin.close()
    return answers


INITIALIZE = (
    "underpass/initialize",
    {"protocolVersion": 1, "client": {"kind": "jupyterlab", "name": "a server", "approves": True}},
)


@pytest.mark.timeout(240)
def test_fifty_clients_of_all_kinds_that_start_at_once_get_one_service(empty_workspace: Workspace) -> None:
    begin = time.monotonic()
    clients = [start_python_client(empty_workspace) for _ in range(25)]
    commands = [start_command(empty_workspace) for _ in range(15)]
    shims = [start_shim(empty_workspace) for _ in range(10)]
    pids: set[int] = set()
    for shim in shims:
        _, status = ask_shim(shim, INITIALIZE, ("underpass/status", {}))
        result = status["result"]
        assert isinstance(result, dict)
        pids.add(result["pid"])
    for process in [*clients, *commands]:
        printed, complaints = process.communicate(timeout=120)
        assert process.returncode == 0, complaints
        status = json.loads(printed)
        pids.add(status if isinstance(status, int) else status["pid"])
    seconds = time.monotonic() - begin
    assert len(pids) == 1
    assert service_processes(empty_workspace) == list(pids)
    assert [line["event"] for line in empty_workspace.log()].count("listening") == 1
    assert files_of(empty_workspace) == {"sock", "pid", "log"}
    # Fifty times the time that one process needs to start, on two processors.
    assert seconds < 60
    print(f"{seconds:.1f} s")
