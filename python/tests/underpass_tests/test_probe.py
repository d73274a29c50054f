"""The process that logs in to test a connection: told by its input, and gone when that ends."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

READY: dict[str, Any] = {
    "integration": {"id": "1", "name": "It", "type": "postgresql"},
    "generation": 0,
    "tunnelled": False,
    "fields": {"user": "me", "database": "x"},
    "secrets": {"password": "correct horse"},
}


@pytest.fixture
def silent() -> Iterator[dict[str, Any]]:
    """A server that accepts and never says a word, as an endpoint."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        host, port = server.getsockname()
        yield {"host": host, "port": port}


def start(ready: dict[str, Any], *arguments: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "underpass.probe", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(ready) + "\n")
    process.stdin.flush()
    return process


def lines(process: subprocess.Popen[str]) -> list[dict[str, Any]]:
    """What it says until it ends by itself; nothing of that is the password."""
    assert process.stdout is not None
    assert process.stderr is not None
    said = process.stdout.read()
    assert process.wait() == 0
    assert "correct horse" not in said + process.stderr.read()
    return [json.loads(line) for line in said.splitlines()]


def test_a_driver_that_hangs_ends_with_who_asked(silent: dict[str, Any]) -> None:
    with start({**READY, "endpoint": silent, "server": silent}) as probe:
        assert probe.stdout is not None
        assert probe.stdin is not None
        assert json.loads(probe.stdout.readline()) == {"stage": "tls", "state": "began"}
        probe.stdin.close()
        assert probe.wait(10) == 1


def test_a_server_that_is_away_fails_before_the_login() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        endpoint = dict(zip(("host", "port"), server.getsockname(), strict=True))
    with start({**READY, "endpoint": endpoint, "server": endpoint}) as probe:
        *_, last = lines(probe)
    assert (last["stage"], last["state"]) == ("tls", "failed")
    assert last["failure"]["code"] == "connection-refused"


def test_a_type_without_a_driver_here_is_told_with_the_command_for_this_python() -> None:
    endpoint = {"host": "127.0.0.1", "port": 1}
    unknown = {**READY["integration"], "type": "nonesuch"}
    with start({**READY, "integration": unknown, "endpoint": endpoint, "server": endpoint}) as probe:
        *_, last = lines(probe)
    assert last["failure"]["code"] == "not-a-database"


def test_a_driver_that_dials_further_servers_is_told_where_they_are(silent: dict[str, Any]) -> None:
    ready = {
        **READY,
        "integration": {"id": "1", "name": "It", "type": "mongodb"},
        "fields": {"connectionString": f"mongodb://other.internal:27017,127.0.0.1:{silent['port']}"},
        "endpoint": silent,
        "server": {"host": "127.0.0.1", "port": silent["port"]},
        "tunnelled": True,
    }
    with start(ready) as probe, socket.create_server(("127.0.0.1", 0)) as other:
        assert probe.stdout is not None
        assert probe.stdin is not None
        assert json.loads(probe.stdout.readline())["state"] == "began"
        assert json.loads(probe.stdout.readline()) == {"peer": {"host": "other.internal", "port": 27017}}
        host, port = other.getsockname()
        probe.stdin.write(json.dumps({"endpoint": {"host": host, "port": port}}) + "\n")
        probe.stdin.flush()
        other.settimeout(10)
        other.accept()[0].close()
        probe.stdin.close()
        assert probe.wait(10) == 1
