"""Hints on the event bus."""

from __future__ import annotations

import asyncio
import json
import signal
from typing import Any

from .conftest import SSH_TUNNEL, Browser, end_service

SCHEMA_ID = "https://underpass.readthedocs.io/events/changed/v1"


async def next_hint(socket: Any, topic: str) -> dict[str, Any]:
    """The next hint about ``topic`` that a browser gets."""
    while True:
        event = json.loads(await asyncio.wait_for(socket.read_message(), 20))
        if event["schema_id"] == SCHEMA_ID and event["topic"] == topic:
            return event


async def test_a_new_integration_is_hinted_at(browser: Browser, jp_ws_fetch: Any) -> None:
    socket = await jp_ws_fetch("api", "events", "subscribe")
    added = await browser.call("underpass/integrations/add", SSH_TUNNEL)
    hint = await next_hint(socket, "integrations")
    assert hint["id"] == added["id"]
    listed = await browser.call("underpass/integrations/list")
    assert 1 <= hint["revision"] <= listed["revision"]
    socket.close()


async def test_the_loss_of_the_service_is_hinted_at(
    browser: Browser, jp_ws_fetch: Any, monkeypatch: Any
) -> None:
    # However young it is.
    monkeypatch.setattr("jupyterlab_underpass.service.STABLE", 0)
    socket = await jp_ws_fetch("api", "events", "subscribe")
    await browser.call("underpass/integrations/list")
    end_service(signal.SIGKILL)
    for topic in ("integrations", "forwards", "prompts", "hostKeys"):
        hint = await next_hint(socket, topic)
        assert (hint["id"], hint["revision"]) == ("", 0)
    socket.close()
