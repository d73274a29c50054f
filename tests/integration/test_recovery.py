"""What breaks comes back: the service, the session, the bastion; always on the same local port."""

from __future__ import annotations

import socket

import pytest

from tests.database import SSL_REQUEST, connect
from tests.servers import PrivateNetwork
from tests.workspace import Workspace, forward_port


def test_a_killed_service_comes_back_with_the_same_port(
    network: PrivateNetwork, workspace: Workspace
) -> None:
    with workspace.running("forward", "My DB") as process:
        port = forward_port(process)
        workspace.kill_service()
        # The command says that its service ended, and what to do.
        assert process.wait(timeout=10) == 1
    with workspace.forward("My DB") as again:
        assert again == port
        with connect(network, port) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)


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
