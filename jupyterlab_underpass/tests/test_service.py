"""The tunnel service is started when it is needed, and again when it is gone."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from jupyterlab_underpass import service as service_module
from jupyterlab_underpass.events import SCHEMA_ID, TOPICS
from underpass.client import ServiceClient
from underpass.paths import find_paths

from .conftest import SSH_TUNNEL, Browser, end_service


def fake_node(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a ``node`` first on the PATH that claims to be one."""
    folder.mkdir()
    node = folder / "node"
    node.write_text(f'#!/bin/sh\n[ "$1" = --version ] && echo v20.0.0 && exit\n{script}\n')
    node.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


async def test_the_server_starts_without_the_service(jp_serverapp: Any) -> None:
    assert not find_paths().socket.exists()


async def test_the_first_requests_share_one_connection(browser: Browser) -> None:
    await asyncio.gather(*(browser.call("underpass/types/list") for _ in range(5)))
    status = await browser.call("underpass/status")
    assert [client["kind"] for client in status["clients"]] == ["jupyterlab"]


async def test_a_service_that_was_killed_is_started_by_the_next_request(browser: Browser) -> None:
    await browser.call("underpass/status")
    killed = end_service(signal.SIGKILL)
    status = await browser.call("underpass/status")
    assert status["pid"] != killed


async def test_a_service_that_was_stopped_is_started_when_it_is_needed_and_not_to_show_its_state(
    browser: Browser, jp_serverapp: Any, caplog: pytest.LogCaptureFixture
) -> None:
    integration = await browser.call("underpass/integrations/add", {**SSH_TUNNEL, "connect": False})
    events: asyncio.Queue[str] = asyncio.Queue()

    async def heard(logger: Any, schema_id: str, data: dict[str, Any]) -> None:
        events.put_nowait(data["topic"])

    jp_serverapp.event_logger.add_listener(schema_id=SCHEMA_ID, listener=heard)
    assert end_service(signal.SIGTERM)
    # Pages are told, so that they ask: the last topic of all.
    while await asyncio.wait_for(events.get(), 30) != TOPICS[-1]:
        pass
    for method in ("underpass/integrations/list", "underpass/status", "underpass/prompts/list"):
        answer = await browser.post({"method": method, "params": {}, "path": ""})
        assert answer["failure"]["code"] == "service-stopped"
        assert answer["failure"]["fix"]
    assert end_service(signal.SIGTERM) is None
    await browser.call("underpass/integrations/connect", {"integration": integration["id"]})
    # And from then on, everything is as before.
    listed = await browser.call("underpass/integrations/list")
    assert [kept["connected"] for kept in listed["integrations"]] == [True]


async def test_the_sidebar_can_start_a_service_that_was_stopped(browser: Browser) -> None:
    await browser.call("underpass/status")
    assert end_service(signal.SIGTERM)
    assert await browser.call("underpass/start") == {}
    assert await browser.call("underpass/status")


async def test_a_service_that_somebody_else_started_after_a_stop_is_found(browser: Browser) -> None:
    await browser.call("underpass/status")
    assert end_service(signal.SIGTERM)
    kernel = ServiceClient("a kernel")
    try:
        # Blocks, so not on the loop that reads what the shim says.
        status = await asyncio.to_thread(kernel.request, "underpass/status", {})
        assert (await browser.call("underpass/status"))["pid"] == status["pid"]
    finally:
        kernel.close()


async def test_a_service_that_hangs_is_a_failure_that_names_it_while_a_page_is_connected(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert service_module.PATIENCE * 2 <= 30
    pid = (await browser.call("underpass/status"))["pid"]
    monkeypatch.setattr(service_module, "PATIENCE", 0.5)
    os.kill(pid, signal.SIGSTOP)
    try:
        answer = await browser.post({"method": "underpass/status", "params": {}, "path": ""})
    finally:
        os.kill(pid, signal.SIGCONT)
    assert answer["failure"]["code"] == "service-unresponsive"
    assert answer["failure"]["detail"] == {"pid": pid}
    # It goes on, and is used again.
    assert (await browser.call("underpass/status"))["pid"] == pid


async def test_a_request_that_takes_long_is_waited_for_while_the_service_lives(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    await browser.call("underpass/status")
    monkeypatch.setattr(service_module, "PATIENCE", 0.2)

    async def say_nothing_for_a_while(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(1)
        writer.close()

    async with await asyncio.start_server(say_nothing_for_a_while, "127.0.0.1") as slow:
        host, port = slow.sockets[0].getsockname()
        scan = {"method": "underpass/hostKeys/scan", "params": {"host": host, "port": port}, "path": ""}
        answer = await browser.post(scan)
    assert answer["failure"]["code"] == "closed-before-greeting"


async def test_a_failing_node_is_a_failure_that_says_what_to_do(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        fake_node(tmp_path / "bin", "exit 1", broken)
        answer = await browser.post({"method": "underpass/status", "params": {}, "path": ""})
        assert answer["failure"]["code"] == "service-unavailable"
        assert answer["failure"]["fix"]
    # And once it is repaired, so is this.
    await browser.call("underpass/status")


async def test_what_the_service_says_before_it_ends_is_the_failure(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = '{"code":"storage-damaged","stage":"request","message":"Damaged.","fix":"Restore it."}'
    fake_node(tmp_path / "bin", f"echo '{said}' >&2; exit 1", monkeypatch)
    answer = await browser.post({"method": "underpass/status", "params": {}, "path": ""})
    assert answer["failure"]["code"] == "storage-damaged"


def children() -> set[str]:
    """Process ids of what this process started and still runs."""
    return set(Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split())


async def test_nothing_is_left_when_the_server_stops(browser: Browser, jp_serverapp: Any) -> None:
    before = children()
    await browser.call("underpass/status")
    assert len(children() - before) == 1
    await jp_serverapp.cleanup_extensions()
    assert children() == before
