"""``underpass test``: the way to a database, told stage by stage, and where it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients import await_gone, start
from tests.servers import PrivateNetwork
from tests.workspace import Workspace

#: For documentation (RFC 5737): no route leads there.
NOBODY = "198.51.100.7"
WAY = ["resolve", "tcp", "ssh-handshake", "host-key", "auth", "forward", "tls", "login", "query"]
#: A server whose queue is full: it answers nobody, and refuses nobody.
FULL = """
import socket, sys
server = socket.create_server((sys.argv[1], 0), backlog=0)
callers = []
for _ in range(8):
    caller = socket.socket()
    caller.setblocking(False)
    caller.connect_ex(server.getsockname())
    callers.append(caller)
print(server.getsockname()[1], flush=True)
sys.stdin.read()
"""


@pytest.fixture
def full_port(network: PrivateNetwork) -> Iterator[int]:
    """A port of the database's host that does not answer."""
    host = network.database("postgresql").address
    argv = network.namespace.command([sys.executable, "-c", FULL, host])
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        yield int(process.stdout.readline())
        process.stdin.close()


def test_stages_are_told_as_they_pass(workspace: Workspace) -> None:
    finished = workspace.underpass("test", "My DB")
    assert finished.returncode == 0, finished.stderr
    told = [line.split() for line in finished.stdout.splitlines()]
    assert [line[:2] for line in told[: len(WAY)]] == [["ok", stage] for stage in WAY]
    assert finished.stdout.endswith('"My DB" works.\n')


def test_the_report_is_json_when_asked(workspace: Workspace) -> None:
    report = workspace.result("test", "My DB")
    assert [stage["stage"] for stage in report["stages"]] == WAY
    assert report["stages"][6]["detail"]["certificate"]["names"] == ["db.internal"]
    assert report["skipped"] == []


def test_a_test_ends_where_it_was_told_to(workspace: Workspace) -> None:
    report = workspace.result("test", "My DB", "--until", "auth")
    assert [stage["stage"] for stage in report["stages"]] == WAY[:5]
    assert [stage["stage"] for stage in report["skipped"]] == WAY[5:]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"password": "wrong"}, ("login-refused", "login")),
        ({"database": "nonesuch"}, ("database-not-found", "login")),
        ({"sslMode": "strict"}, ("tls-untrusted", "tls")),
        ({"port": "1"}, ("forward-refused", "forward")),
        ({"host": "nowhere.invalid"}, ("forward-name-not-found", "forward")),
        ({"sshUser": "nonesuch"}, ("auth-refused", "auth")),
        ({"sshPort": "1"}, ("connection-refused", "tcp")),
        ({"sshHost": "nowhere.invalid"}, ("name-not-found", "resolve")),
    ],
)
def test_what_is_wrong_is_told_with_its_code_and_stage(
    network: PrivateNetwork, workspace: Workspace, fields: dict[str, str], expected: tuple[str, str]
) -> None:
    workspace.add_database(network, "Wrong", **fields)
    failure = workspace.failure("test", "Wrong")
    assert (failure["code"], failure["stage"]) == expected
    assert failure["fix"]


def test_a_person_reads_the_fix_at_the_failing_stage(network: PrivateNetwork, workspace: Workspace) -> None:
    workspace.add_database(network, "Wrong", password="wrong")
    finished = workspace.underpass("test", "Wrong")
    assert finished.returncode == 1
    assert "FAILED  login" in finished.stdout
    assert "A stage before this one failed." in finished.stdout
    assert "Check user and password" in finished.stderr


def test_a_server_that_the_bastion_has_no_route_to(network: PrivateNetwork, workspace: Workspace) -> None:
    workspace.add_database(network, "Nowhere", host=NOBODY)
    failure = workspace.failure("test", "Nowhere")
    assert (failure["code"], failure["stage"]) == ("forward-unreachable", "forward")


def test_a_server_that_answers_nobody(network: PrivateNetwork, workspace: Workspace, full_port: int) -> None:
    host = network.database("postgresql").address
    workspace.add_database(network, "Full", host=host, port=full_port)
    failure = workspace.failure("test", "Full")
    assert (failure["code"], failure["stage"]) == ("forward-timed-out", "forward")


def test_without_the_database_s_driver_the_command_that_installs_it_is_for_this_python(
    workspace: Workspace, tmp_path: Path
) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "bare"], check=True)
    python = tmp_path / "bare" / "bin" / "python"
    client = {**workspace.environment, "UNDERPASS_PYTHON": str(python), "PYTHONPATH": ""}
    bundle = Path(__file__).parents[2] / "python" / "underpass" / "_service" / "underpass.cjs"
    finished = subprocess.run(
        ["node", str(bundle), "test", "My DB"],
        cwd=workspace.project,
        env=client,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 1
    assert "driver-missing at tls" in finished.stderr
    assert f"{python} -m pip install --upgrade 'underpass[postgresql]'" in finished.stderr


#: Wants a test by a Python of its choice.
ASK = """
import sys
from underpass.client import ServiceClient
params = {"integration": "My DB", "python": sys.argv[1]}
ServiceClient("asking").request("underpass/integrations/test", params)
"""


def test_a_driver_that_hangs_ends_with_the_service(workspace: Workspace) -> None:
    python, found = workspace.project / "python", workspace.project / "pid"
    python.write_text(f"#!/bin/sh\necho $$ > {found}.new && mv {found}.new {found}\nexec sleep 600\n")
    python.chmod(0o700)
    with start(workspace, [sys.executable, "-c", ASK, str(python)]) as asking:
        deadline = time.monotonic() + 30
        while not found.exists():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        service = workspace.service()
        assert service is not None
        # Who asked does not hear of the end.
        asking.send_signal(signal.SIGSTOP)
        try:
            os.kill(service, signal.SIGTERM)
            await_gone(service)
            await_gone(int(found.read_text()))
        finally:
            asking.kill()
