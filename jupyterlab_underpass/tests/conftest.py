"""A real server with the extension, and a workspace of its own for each test."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

# Here and not as a plugin of all tests: it starts something for each of them.
from pytest_jupyter.jupyter_server import *  # noqa: F403  # pyright: ignore[reportWildcardImportFromLibrary]
from tornado.httpclient import HTTPClientError

from underpass.client import ServiceClient
from underpass.paths import find_paths

#: An integration that needs no server: its port is bound at once, its session is dialled when it is used.
SSH_TUNNEL = {
    "type": "ssh-tunnel",
    "name": "My SSH tunnel",
    "fields": {
        "sshHost": "bastion.invalid",
        "sshPort": 22,
        "sshUser": "me",
        "remoteHost": "db.internal",
        "remotePort": 5432,
    },
}


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty workspace; its service ends with the test."""
    runtime = tmp_path / "underpass-runtime"
    runtime.mkdir(mode=0o700)
    monkeypatch.setenv("UNDERPASS_HOME", str(tmp_path / "underpass-home"))
    monkeypatch.setenv("UNDERPASS_RUNTIME_DIR", str(runtime))
    monkeypatch.delenv("UNDERPASS_PROJECT", raising=False)
    yield
    end_service(signal.SIGTERM)


@pytest.fixture
def jp_server_config() -> dict[str, Any]:
    return {"ServerApp": {"jpserver_extensions": {"jupyterlab_underpass": True}}}


class Browser:
    """What the front end sends."""

    def __init__(self, fetch: Any) -> None:
        self._fetch = fetch

    async def post(self, body: Any, **options: Any) -> Any:
        """The answer to any body.

        Raises:
            HTTPClientError: the server refused.
        """
        text = body if isinstance(body, str) else json.dumps(body)
        response = await self._fetch("underpass", "rpc", method="POST", body=text, **options)
        return json.loads(response.body)

    async def call(self, method: str, params: dict[str, Any] | None = None, path: str = "") -> Any:
        """The result of a request that must succeed."""
        answer = await self.post({"method": method, "params": params or {}, "path": path})
        assert "failure" not in answer, answer
        return answer["result"]

    async def refused(self, body: Any, **options: Any) -> int:
        """The HTTP status of a request that must be refused."""
        with pytest.raises(HTTPClientError) as refusal:
            await self.post(body, **options)
        return refusal.value.code


@pytest.fixture
def browser(jp_fetch: Any) -> Browser:
    return Browser(jp_fetch)


def end_service(how: signal.Signals) -> int | None:
    """End this workspace's tunnel service, and wait until it is gone. Its process id, if one ran."""
    with socket.socket(socket.AF_UNIX) as probe:
        # Of a service that was killed, the socket stays; a client would start the next one.
        if probe.connect_ex(str(find_paths().socket)) != 0:
            return None
    client = ServiceClient("test")
    try:
        pid = int(client.request("underpass/status", {})["pid"])
    finally:
        client.close()
    process = os.pidfd_open(pid)
    try:
        signal.pidfd_send_signal(process, how)
        gone, _, _ = select.select([process], [], [], 30)
    finally:
        os.close(process)
    assert gone, "the tunnel service did not end"
    return pid
