"""A tunnel service that does not stay."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from .conftest import Browser
from .test_service import fake_node


async def test_a_service_that_ends_again_and_again_is_started_by_requests_alone(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jp_serverapp: Any
) -> None:
    """Else its losses would make front ends ask, which would start it, and so on."""
    hints: list[str] = []

    async def listen(logger: Any, schema_id: str, data: dict[str, Any]) -> None:
        hints.append(data["topic"])

    jp_serverapp.event_logger.add_listener(listener=listen)
    introduced = '{"jsonrpc":"2.0","id":1,"result":{}}'
    starts = tmp_path / "starts"
    message = f"Content-Length: {len(introduced)}\\r\\n\\r\\n{introduced}"
    script = f"echo >> {starts}; printf '{message}'; exec sleep 0.1"
    fake_node(tmp_path / "bin", script, monkeypatch)
    for _ in range(3):
        answer = await browser.post({"method": "underpass/status", "params": {}, "path": ""})
        assert answer["failure"]["code"] == "service-unavailable"
    # Once for the request, and once more as it may be repeated.
    count = len(starts.read_text())
    assert 3 <= count <= 6
    await asyncio.sleep(1)
    assert len(starts.read_text()) == count
    assert hints == []
