"""What breaks comes back: the service, the session, the bastion; always on the same local port."""

from __future__ import annotations

import signal
import socket
import sys

import pytest

from tests.database import SSL_REQUEST, connect
from tests.neighbour import NOBODY, listening_as_nobody
from tests.person import Person
from tests.servers import PrivateNetwork
from tests.workspace import Workspace, forward_port, until_line
from underpass.failure import UnderpassError
from underpass.pool import Pool


def test_a_killed_service_comes_back_for_a_forward_that_is_held_with_the_same_port(
    network: PrivateNetwork, workspace: Workspace
) -> None:
    with workspace.running("forward", "My DB") as process:
        port = forward_port(process)
        former = workspace.service()
        workspace.kill_service()
        assert process.stderr is not None
        until_line(process.stderr, "is back")
        with connect(network, port) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        assert process.poll() is None
        assert workspace.service() not in (None, former)
        (forward,) = workspace.result("status")["forwards"]
        assert forward["localPort"] == port
        assert [holder["name"] for holder in forward["heldBy"]] == ["underpass forward"]


def test_a_command_with_forwards_goes_on_when_the_service_is_killed(
    network: PrivateNetwork, workspace: Workspace
) -> None:
    script = "import os, sys; print(os.environ['MY_DB_LOCAL_PORT'], flush=True); sys.exit(int(input()))"
    process = workspace.popen("run", "My DB", "--", sys.executable, "-c", script)
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        port = int(process.stdout.readline())
        workspace.kill_service()
        until_line(process.stderr, "is back")
        with connect(network, port) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        process.stdin.write("7\n")
        process.stdin.flush()
        # It ends with its command, whatever it was connected to in between.
        assert process.wait(timeout=10) == 7


def test_a_port_that_another_user_took_is_replaced_and_everybody_is_told(
    network: PrivateNetwork, workspace: Workspace
) -> None:
    with workspace.running("forward", "My DB") as process:
        port = forward_port(process)
        # The command must not be faster than the other user.
        process.send_signal(signal.SIGSTOP)
        workspace.kill_service()
        with listening_as_nobody(port) as nobody:
            process.send_signal(signal.SIGCONT)
            now = forward_port(process)
            assert now != port
            assert process.stderr is not None
            until_line(process.stderr, f"instead of {port}")
            with connect(network, now) as connection:
                assert connection.execute("SELECT 1").fetchone() == (1,)
            (line,) = [line for line in workspace.log() if line["event"] == "forward-moved"]
            assert (line["formerPort"], line["localPort"]) == (port, now)
        assert nobody.accepted() == 0


def test_a_kernel_sends_nothing_to_another_user_who_took_the_port_of_its_forward(
    network: PrivateNetwork, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("UNDERPASS_HOME", "UNDERPASS_RUNTIME_DIR"):
        monkeypatch.setenv(name, workspace.environment[name])
    with Person(workspace.project) as person:
        ready = person.ensure("My DB")
        workspace.kill_service()
        with listening_as_nobody(ready.endpoint.port) as nobody:
            pool = Pool()
            with (
                pytest.raises(UnderpassError) as refused,
                pool.connection(person.integration("My DB"), ready),
            ):
                raise AssertionError("it was opened")
            assert refused.value.failure["code"] == "listener-foreign"
            assert refused.value.failure.get("detail") == {"port": ready.endpoint.port, "uid": NOBODY}
            # The next cell asks anew, and gets another port.
            result = person.cell("My DB", "SELECT 1 AS one")
            assert result.frame is not None
        assert nobody.accepted() == 0


def test_a_lost_session_resets_open_sockets_and_serves_new_ones_on_the_same_port(
    network: PrivateNetwork, workspace: Workspace
) -> None:
    with workspace.forward("My DB") as port:
        with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
            connection.sendall(SSL_REQUEST)
            assert connection.recv(1) == b"S"
            network.bastion.kill_sessions()
            with pytest.raises(ConnectionResetError):
                connection.recv(1)
        with connect(network, port) as fresh:
            assert fresh.execute("SELECT 1").fetchone() == (1,)


def test_a_socket_accepted_while_the_bastion_is_away_is_served_once_it_is_back(
    network: PrivateNetwork, workspace: Workspace
) -> None:
    with workspace.forward("My DB") as port:
        network.bastion.stop()
        try:
            parked = socket.create_connection(("127.0.0.1", port), timeout=30)
            parked.sendall(SSL_REQUEST)
        finally:
            network.bastion.start()
        with parked:
            assert parked.recv(1) == b"S"
