"""Requests that are too much: too long, too many, or with nobody who waits for the answer."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from jupyterlab_underpass.relay import LONGEST_BODY

from .conftest import DATABASE, Browser

MEGABYTE = 1024 * 1024


class Wire:
    """Requests to the relay, written by hand."""

    def __init__(self, port: int, base_url: str, authorization: str) -> None:
        self.authorization = f"Authorization: {authorization}"
        self._port = port
        self._base_url = base_url

    @asynccontextmanager
    async def open(
        self, *fields: str, body: bytes = b""
    ) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        """Begin a request: its header fields, and as much of its body."""
        reader, writer = await asyncio.open_connection("localhost", self._port)
        start = f"POST {self._base_url}underpass/rpc HTTP/1.1"
        lines = [start, "Host: localhost", "Content-Type: application/json", *fields, "", ""]
        writer.write("\r\n".join(lines).encode() + body)
        try:
            yield reader, writer
        finally:
            writer.close()


@pytest.fixture
def wire(
    http_server_client: Any, jp_http_port: int, jp_base_url: str, jp_auth_header: dict[str, str]
) -> Wire:
    """The server listens once it has a client."""
    return Wire(jp_http_port, jp_base_url, jp_auth_header["Authorization"])


def resident() -> int:
    """Bytes of memory that this process, which is the server, has in use."""
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGESIZE")


async def send_without_end(writer: asyncio.StreamWriter) -> int:
    """Send chunks until the server has enough of it; bytes that it took, and the system's buffers with it."""
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    sent = 0
    try:
        while sent < 400 * MEGABYTE:
            writer.write(chunk)
            await writer.drain()
            sent += len(chunk)
    except ConnectionError:
        pass
    return sent


async def test_a_long_body_is_refused_by_its_announcement(wire: Wire) -> None:
    for length in (LONGEST_BODY + 1, 10**10):
        async with wire.open(wire.authorization, f"Content-Length: {length}") as (reader, _):
            answer = await asyncio.wait_for(reader.read(), 10)
            assert answer.startswith(b"HTTP/1.1 413 "), answer


async def test_a_body_without_an_end_is_not_kept(wire: Wire) -> None:
    before = resident()
    async with wire.open(wire.authorization, "Transfer-Encoding: chunked") as (_, writer):
        sent = await send_without_end(writer)
    assert LONGEST_BODY < sent < 50 * MEGABYTE
    assert resident() - before < 30 * MEGABYTE


async def test_nothing_is_read_of_a_body_by_somebody_unknown(wire: Wire) -> None:
    # Not a byte of it is sent.
    async with wire.open(f"Content-Length: {LONGEST_BODY}") as (reader, _):
        answer = await asyncio.wait_for(reader.read(), 10)
        assert answer.startswith(b"HTTP/1.1 403 "), answer


async def test_a_form_with_large_certificates_gets_through(browser: Browser) -> None:
    fields = {**DATABASE["fields"], "caCertificate": "x" * (LONGEST_BODY - 1000)}
    answer = await browser.post(
        {"method": "underpass/integrations/add", "params": {**DATABASE, "fields": fields}, "path": ""}
    )
    assert answer["failure"]["detail"]["field"] == "caCertificate"


async def test_a_hundred_requests_at_once_are_all_answered(browser: Browser) -> None:
    await asyncio.gather(
        *(browser.call("underpass/integrations/add", {**DATABASE, "name": f"DB {n}"}) for n in range(50)),
        *(browser.call("underpass/types/list") for _ in range(50)),
    )
    assert len((await browser.call("underpass/integrations/list"))["integrations"]) == 50


class SilentServer:
    """Takes connections and says nothing. Knows when the first one came and when it went."""

    def __init__(self) -> None:
        self.came, self.went = asyncio.Event(), asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.came.set()
        await reader.read()
        self.went.set()
        writer.close()


async def test_a_test_ends_when_the_browser_goes_away(browser: Browser, wire: Wire) -> None:
    silent = SilentServer()
    server = await asyncio.start_server(silent.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    ssh = {"sshHost": "127.0.0.1", "sshPort": port, "sshUser": "me", "remoteHost": "db", "remotePort": 1}
    tunnel = {"type": "ssh-tunnel", "name": "Silent", "fields": ssh}
    added = await browser.call("underpass/integrations/add", tunnel)
    call = {"method": "underpass/integrations/test", "params": {"integration": added["id"]}, "path": ""}
    body = json.dumps(call).encode()
    async with wire.open(wire.authorization, f"Content-Length: {len(body)}", body=body):
        await asyncio.wait_for(silent.came.wait(), 10)
        assert not silent.went.is_set()
    # Long before the handshake would be given up.
    await asyncio.wait_for(silent.went.wait(), 3)
    await browser.call("underpass/status")
    server.close()
