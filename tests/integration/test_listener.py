"""Credentials go to a forward only when it is this user's own, on this network."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time

import pytest

from tests.neighbour import NOBODY, listening_as_nobody
from tests.workspace import Workspace
from underpass.failure import UnderpassError
from underpass.listener import require_own_listener

#: In a network of its own, with the same files: as in another container of the same user.
ELSEWHERE = ["unshare", "--net", "--"]
ENSURE = """
import json, os
from underpass.client import ServiceClient
from underpass.failure import UnderpassError
from underpass.integration import Integration
from underpass.pool import Pool
integration = Integration(ServiceClient("elsewhere"), "My DB", os.getcwd())
try:
    with Pool().connection(integration, integration.ensure()):
        print("connected")
except UnderpassError as error:
    print(json.dumps(error.failure))
"""


def test_a_kernel_in_another_network_is_told_why_and_sends_nothing(workspace: Workspace) -> None:
    finished = subprocess.run(
        [*ELSEWHERE, sys.executable, "-c", ENSURE],
        cwd=workspace.project,
        env=workspace.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert '"listener-missing"' in finished.stdout, finished.stdout
    assert "another container" in finished.stdout
    assert "UNDERPASS_RUNTIME_DIR" in finished.stdout


def test_a_command_in_another_network_is_told_why(workspace: Workspace) -> None:
    finished = subprocess.run(
        [*ELSEWHERE, sys.executable, "-m", "underpass.command", "forward", "My DB"],
        cwd=workspace.project,
        env=workspace.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 1
    assert "listener-missing" in finished.stderr


def test_our_own_listener_is_found_among_thousands_of_connections_in_no_time() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listener:
        address = listener.getsockname()
        ends = [end for _ in range(300) for end in (socket.create_connection(address), listener.accept()[0])]
        begin = time.perf_counter()
        for _ in range(100):
            require_own_listener(*address)
        seconds = (time.perf_counter() - begin) / 100
        for end in ends:
            end.close()
    # Measured: 0.15 ms.
    assert seconds < 0.01


def test_a_listener_on_all_addresses_counts_where_there_is_no_other() -> None:
    with socket.create_server(("0.0.0.0", 0)) as listener:
        require_own_listener("127.0.0.1", listener.getsockname()[1])


def test_another_users_listener_is_refused_by_its_uid() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with listening_as_nobody(port) as nobody:
        with pytest.raises(UnderpassError) as refused:
            require_own_listener("127.0.0.1", port)
        assert refused.value.failure["code"] == "listener-foreign"
        assert f"uid {NOBODY}" in str(refused.value)
        assert str(port) in str(refused.value)
        assert nobody.accepted() == 0


def test_a_connection_that_only_has_the_port_at_its_own_end_is_no_listener() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        socket.create_connection(listener.getsockname()) as connection,
        pytest.raises(UnderpassError) as refused,
    ):
        require_own_listener("127.0.0.1", connection.getsockname()[1])
    assert refused.value.failure["code"] == "listener-missing"


def test_root_is_another_user_too() -> None:
    script = f"""
import os, socket, sys
from underpass.failure import UnderpassError
from underpass.listener import require_own_listener
os.setuid({NOBODY})
try:
    require_own_listener("127.0.0.1", int(sys.argv[1]))
except UnderpassError as error:
    print(error.failure["code"], error.failure["detail"]["uid"])
"""
    assert os.getuid() == 0
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
        finished = subprocess.run(
            [sys.executable, "-c", script, port], capture_output=True, text=True, check=True
        )
    assert finished.stdout == "listener-foreign 0\n"
