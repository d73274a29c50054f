"""The tunnel service is started when it is needed, and again when it is gone."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from underpass.paths import find_paths

from .conftest import Browser, end_service


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
