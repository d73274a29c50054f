"""A real server with the extension, and a workspace of its own for each test."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
from collections.abc import Iterator
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest

# Here and not as a plugin of all tests: it starts something for each of them.
from pytest_jupyter.jupyter_server import *  # noqa: F403  # pyright: ignore[reportWildcardImportFromLibrary]
from tornado.httpclient import HTTPClientError, HTTPResponse

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

DATABASE = {
    "type": "postgresql",
    "name": "My DB",
    "fields": {"host": "db.internal", "user": "me", "database": "shop"},
    "secrets": {"password": "correct horse"},
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
        text = body if isinstance(body, (str, bytes)) else json.dumps(body)
        headers = {"Content-Type": "application/json", **options.pop("headers", {})}
        response = await self._fetch("underpass", "rpc", method="POST", body=text, headers=headers, **options)
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

    async def send(self, text: str) -> str:
        """The body of the answer, whatever it is."""
        try:
            return json.dumps(await self.post(text))
        except HTTPClientError as refusal:
            return refusal.response.body.decode() if refusal.response else ""

    async def status(self, body: Any, **options: Any) -> int:
        """The HTTP status of a request that may be refused."""
        try:
            await self.post(body, **options)
        except HTTPClientError as refusal:
            return refusal.code
        return 200


@pytest.fixture
def browser(jp_fetch: Any) -> Browser:
    return Browser(jp_fetch)


class Page:
    """A web page with what a browser sends by itself: cookies once somebody logged in, and never a token."""

    def __init__(self, client: Any, base_url: str, token: str) -> None:
        self._client = client
        self._base_url = base_url
        self._token = token
        self._cookies: SimpleCookie = SimpleCookie()

    async def log_in(self) -> None:
        for page in ("login", f"login?token={self._token}"):
            answer = await self._client.fetch(
                f"{self._base_url}{page}", follow_redirects=False, raise_error=False
            )
            for header in answer.headers.get_list("Set-Cookie"):
                self._cookies.load(header)

    @property
    def xsrf(self) -> str:
        """What a page of the server's own origin can read, and sends as a header."""
        return self._cookies["_xsrf"].value

    async def send(
        self, verb: str, body: str | None, path: str = "underpass/rpc", **headers: str
    ) -> HTTPResponse:
        """The answer, whatever it is. A path with a slash at its front is not below the base URL."""
        url = path if path.startswith("/") else f"{self._base_url}{path}"
        cookie = "; ".join(f"{name}={morsel.coded_value}" for name, morsel in self._cookies.items())
        sent = {"Content-Type": "application/json", "Cookie": cookie, **headers}
        return await self._client.fetch(
            url, method=verb, body=body, headers=sent, follow_redirects=False, raise_error=False
        )

    async def status(self, body: Any, **headers: str) -> int:
        """The HTTP status of a request to the service."""
        return (await self.send("POST", json.dumps(body), **headers)).code


@pytest.fixture
def page(jp_serverapp: Any, http_server_client: Any, jp_base_url: str) -> Page:
    return Page(http_server_client, jp_base_url, jp_serverapp.identity_provider.token)


@pytest.fixture
def asked(jp_serverapp: Any, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The methods that are relayed, in order, while the test runs."""
    (extension,) = jp_serverapp.extension_manager.extension_apps["jupyterlab_underpass"]
    request = extension.service.request
    methods: list[str] = []

    async def noting(method: str, *args: Any, **kwargs: Any) -> Any:
        methods.append(method)
        return await request(method, *args, **kwargs)

    monkeypatch.setattr(extension.service, "request", noting)
    return methods


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
