"""The service as a process: what it takes over from whoever starts it, what it leaves, and how it ends."""

from __future__ import annotations

import os
import resource
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.clients import (
    PYTHON_CLIENT,
    Shim,
    answer_of,
    await_gone,
    files_of,
    start,
)
from tests.database import SSL_REQUEST
from tests.servers import PrivateNetwork
from tests.workspace import Workspace, forward_port, until_line

#: What a notebook's environment may hold, and must not change the service or be found in it.
POISON = {
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI",
    "PYTHONPATH_OF_SOMEBODY": "/nowhere",
    "HTTPS_PROXY": "http://user:hunter2@proxy:3128",
    "NODE_OPTIONS": "--max-old-space-size=64 --title=poisoned",
    "NODE_EXTRA_CA_CERTS": "/nowhere.pem",
    "PGPASSWORD": "hunter2",
    "LD_PRELOAD_OF_SOMEBODY": "/nowhere.so",
    "UNDERPASS_PROJECT": "/somewhere",
}
COMMAND = [sys.executable, "-m", "underpass.command", "--json", "key", "show"]
CLIENT = [sys.executable, "-c", PYTHON_CLIENT]


@pytest.fixture(params=["a kernel", "the command line"])
def launched(request: pytest.FixtureRequest, empty_workspace: Workspace) -> int:
    """A service started by either launcher, in a poisoned environment and with an open file of secrets."""
    argv = CLIENT if request.param == "a kernel" else COMMAND
    secrets = empty_workspace.project / "secrets"
    secrets.write_text("of the notebook")
    former = dict(empty_workspace.environment)
    empty_workspace.environment.update(POISON)
    # As where core files are wanted.
    limit = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (limit[1], limit[1]))
    mask = os.umask(0)
    try:
        with secrets.open() as file:
            os.set_inheritable(file.fileno(), True)
            answer_of(start(empty_workspace, argv, keep=[file.fileno()]))
    finally:
        os.umask(mask)
        resource.setrlimit(resource.RLIMIT_CORE, limit)
        empty_workspace.environment = former
    pid = empty_workspace.service()
    assert pid is not None
    return pid


def environment_of(pid: int) -> dict[str, str]:
    lines = Path(f"/proc/{pid}/environ").read_text().split("\0")
    return dict(line.split("=", 1) for line in lines if line)


def test_the_service_takes_nothing_over_from_whoever_starts_it(
    launched: int, empty_workspace: Workspace
) -> None:
    environment = environment_of(launched)
    assert not POISON.keys() & environment.keys()
    assert environment["UNDERPASS_HOME"] == str(empty_workspace.home)
    process = Path(f"/proc/{launched}")
    assert os.readlink(process / "cwd") == "/"
    assert os.getsid(launched) != os.getsid(0)
    opened = [os.readlink(link) for link in (process / "fd").iterdir()]
    assert not [path for path in opened if "secrets" in path]
    assert Path(f"/proc/{launched}/cmdline").read_text().split("\0")[0].endswith("node")


def test_both_launchers_give_the_service_the_same_environment(empty_workspace: Workspace) -> None:
    empty_workspace.environment.update(POISON)
    found: list[dict[str, str]] = []
    for argv in (CLIENT, COMMAND):
        answer_of(start(empty_workspace, argv))
        pid = empty_workspace.service()
        assert pid is not None
        # What the shell between them says of itself is about nothing.
        found.append(
            {k: v for k, v in environment_of(pid).items() if k not in ("PWD", "_", "OLDPWD", "SHLVL")}
        )
        os.kill(pid, signal.SIGTERM)
        await_gone(pid)
    assert found[0] == found[1]


@pytest.mark.parametrize("number", [signal.SIGABRT, signal.SIGSEGV])
def test_a_crash_leaves_no_core_file_though_they_are_wanted(
    launched: int, empty_workspace: Workspace, number: signal.Signals
) -> None:
    limits = Path(f"/proc/{launched}/limits").read_text()
    (line,) = [line for line in limits.splitlines() if line.startswith("Max core file size")]
    # One byte: so little that no program is started to take one either.
    assert line.split()[4:6] == ["1", "1"]
    before = set(Path("/").iterdir())
    os.kill(launched, number)
    await_gone(launched)
    assert set(Path("/").iterdir()) == before
    assert not [name for name in os.listdir(empty_workspace.runtime) if "core" in name or "report" in name]


def test_the_user_signal_opens_no_debugger(launched: int, empty_workspace: Workspace) -> None:
    before = listening(launched)
    os.kill(launched, signal.SIGUSR1)
    # It has seen the signal once it has answered after it.
    assert empty_workspace.service() == launched
    assert listening(launched) == before == 1


def listening(pid: int) -> int:
    """How many sockets of a process listen, of whatever kind."""
    inodes = {
        target[8:-1]
        for link in Path(f"/proc/{pid}/fd").iterdir()
        if (target := os.readlink(link)).startswith("socket:[")
    }
    tcp = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    unix = [line.split() for line in Path("/proc/net/unix").read_text().splitlines()[1:]]
    return sum(columns[3] == "0A" and columns[9] in inodes for columns in tcp) + sum(
        columns[3] == "00010000" and columns[6] in inodes for columns in unix
    )


def test_files_are_the_users_alone_whatever_the_umask_is(launched: int, empty_workspace: Workspace) -> None:
    assert launched
    for path in [*empty_workspace.runtime.iterdir(), *empty_workspace.home.rglob("*"), empty_workspace.home]:
        assert path.stat().st_mode & 0o077 == 0, path


def test_the_end_of_the_terminal_is_not_the_end_of_the_service(empty_workspace: Workspace) -> None:
    empty_workspace.result("key", "show")
    pid = empty_workspace.service()
    assert pid is not None
    os.kill(pid, signal.SIGHUP)
    assert empty_workspace.service() == pid


def test_a_service_that_is_told_to_end_resets_sockets_and_tells_those_who_hold_forwards(
    network: PrivateNetwork, workspace: Workspace
) -> None:
    with workspace.running("forward", "My DB") as process:
        port = forward_port(process)
        pid = workspace.service()
        assert pid is not None
        with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
            connection.sendall(SSL_REQUEST)
            assert connection.recv(1) == b"S"
            os.kill(pid, signal.SIGTERM)
            with pytest.raises(ConnectionResetError):
                connection.recv(1)
        assert process.stderr is not None
        until_line(process.stderr, "The tunnel service was stopped.")
        assert process.wait(timeout=10) == 1
        await_gone(pid)
    # Nobody started it again, and nothing lies about but what the next one needs.
    assert workspace.service() is None
    assert files_of(workspace) == {"log", "ports.json"}
    last = workspace.log()[-1]
    assert (last["event"], last["why"]) == ("ended", "SIGTERM")


def test_a_service_ends_after_its_last_client_but_not_while_a_forward_is_used(
    network: PrivateNetwork, workspace: Workspace
) -> None:
    pid = workspace.service()
    assert pid is not None
    os.kill(pid, signal.SIGTERM)
    await_gone(pid)
    workspace.environment["UNDERPASS_LINGER"] = "0.5"
    with workspace.forward("My DB") as port:
        pid = workspace.service()
        assert pid is not None
        connection = socket.create_connection(("127.0.0.1", port), timeout=30)
        connection.sendall(SSL_REQUEST)
        assert connection.recv(1) == b"S"
    # Whoever dialled the port, psql say, is no client of the service.
    with connection:
        waited_for(lambda: last_left(workspace))
        time.sleep(2)
        connection.sendall(b"\0\0\0\x08\x04\xd2\x16\x2f")
        assert os.path.exists(f"/proc/{pid}")
    await_gone(pid, seconds=5)
    last = workspace.log()[-1]
    assert (last["event"], last["why"]) == ("ended", "unused")


def last_left(workspace: Workspace) -> bool:
    events = [line["event"] for line in workspace.log()]
    return events.count("client-came") == events.count("client-left")


def waited_for(condition: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_client_that_dies_lets_go_and_the_other_one_goes_on_holding(workspace: Workspace) -> None:
    with workspace.running("forward", "My DB") as first, workspace.running("forward", "My DB") as second:
        assert forward_port(first) == forward_port(second)
        (forward,) = workspace.result("status")["forwards"]
        assert len(forward["heldBy"]) == 2
        assert {holder["kind"] for holder in forward["heldBy"]} == {"cli"}
        first.kill()
        first.wait()

        def one_holds() -> bool:
            (forward,) = workspace.result("status")["forwards"]
            return len(forward["heldBy"]) == 1

        waited_for(one_holds)
        (forward,) = workspace.result("status")["forwards"]
        assert forward["state"]["kind"] == "up"


def test_the_shim_ends_when_the_service_does(empty_workspace: Workspace) -> None:
    with Shim(empty_workspace) as shim:
        pid = shim.ask("underpass/hello", {})["result"]["pid"]
        os.kill(pid, signal.SIGKILL)
        assert shim.process.wait(timeout=10) == 0


def test_a_socket_that_was_cleaned_up_is_made_again_by_the_service_that_runs(
    empty_workspace: Workspace,
) -> None:
    empty_workspace.result("key", "show")
    pid = empty_workspace.service()
    assert pid is not None
    (path,) = empty_workspace.runtime.glob("*.sock")
    path.unlink()
    # Who comes in between waits for it, as the process lives.
    assert empty_workspace.result("key", "show")["fingerprint"]
    assert empty_workspace.service() == pid
    os.kill(pid, signal.SIGTERM)
    await_gone(pid)
    assert files_of(empty_workspace) == {"log"}


def test_a_service_whose_place_another_one_has_taken_ends_and_leaves_that_one_alone(
    empty_workspace: Workspace,
) -> None:
    with Shim(empty_workspace) as shim:
        former = shim.ask("underpass/hello", {})["result"]["pid"]
        for path in [*empty_workspace.runtime.glob("*.sock"), *empty_workspace.runtime.glob("*.pid")]:
            path.unlink()
        empty_workspace.result("key", "show")
        await_gone(former, seconds=20)
    assert empty_workspace.service() not in (None, former)
    assert empty_workspace.result("key", "show")["fingerprint"]
    ended = [line["why"] for line in empty_workspace.log() if line["event"] == "ended"]
    assert ended == ["another service has taken the place"]
