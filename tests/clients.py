"""Clients of every kind as processes of their own, and what they find and leave."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.workspace import Workspace
from underpass.framing import Decoder, encode

#: Asks for the status and prints the service's process id, or the failure.
PYTHON_CLIENT = """
import json
from underpass.client import ServiceClient
from underpass.failure import UnderpassError
try:
    print(ServiceClient("one of many").request("underpass/status", {})["pid"])
except UnderpassError as error:
    print(json.dumps(error.failure))
"""

INITIALIZE = (
    "underpass/initialize",
    {"protocolVersion": 1, "client": {"kind": "jupyterlab", "name": "a server", "approves": True}},
)
STATUS = ("underpass/status", {})


def start_python_client(workspace: Workspace) -> subprocess.Popen[bytes]:
    return start(workspace, [sys.executable, "-c", PYTHON_CLIENT])


def start_command(workspace: Workspace, *arguments: str) -> subprocess.Popen[bytes]:
    return start(workspace, [sys.executable, "-m", "underpass.command", *arguments])


def start(workspace: Workspace, argv: Sequence[str], keep: Sequence[int] = ()) -> subprocess.Popen[bytes]:
    """Start a process in a workspace, with pipes and the file descriptors to keep."""
    return subprocess.Popen(
        argv,
        cwd=workspace.project,
        env=workspace.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        pass_fds=keep,
    )


def answer_of(process: subprocess.Popen[bytes]) -> Any:
    """What a client printed in JSON, once it has ended."""
    printed, complaints = process.communicate(timeout=120)
    assert process.returncode == 0, complaints.decode()
    return json.loads(printed)


class Shim:
    """What connects its stdio to the service, as a Jupyter server starts it; a context manager."""

    def __init__(self, workspace: Workspace) -> None:
        self.process = start_command(workspace, "serve", "--stdio", "--json")
        self._decoder = Decoder()
        self._count = 0

    def __enter__(self) -> Shim:
        return self

    def __exit__(self, *exception: object) -> None:
        self.process.communicate(timeout=30)

    def ask(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """Send a request; gives the answer, a result or an error."""
        stdin, stdout = self.process.stdin, self.process.stdout
        assert stdin is not None
        assert stdout is not None
        self._count += 1
        request = {"jsonrpc": "2.0", "id": self._count, "method": method, "params": params}
        stdin.write(encode(request))
        stdin.flush()
        while True:
            piece = os.read(stdout.fileno(), 65536)
            assert piece, self.process.stderr.read() if self.process.stderr else b""
            for message in self._decoder.feed(piece):
                if message.get("id") == self._count:
                    return message


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
    """The kinds of files in the runtime folder: ``sock``, ``pid``, ``log``, ``ports.json``."""
    return {name.partition(".")[2] for name in os.listdir(workspace.runtime)}


def await_gone(pid: int, seconds: float = 10) -> None:
    """Wait until a process has ended."""
    deadline = time.monotonic() + seconds
    while os.path.exists(f"/proc/{pid}"):
        assert time.monotonic() < deadline, f"process {pid} still runs"
        time.sleep(0.02)
