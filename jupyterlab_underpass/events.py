"""Hints on the server's event bus that something changed. State is fetched by request.

Everybody with the right to listen to the bus hears them, also who may not see integrations: so nothing is in
them but topics, numbers and ids that mean nothing to others.
"""

from __future__ import annotations

import asyncio
import pathlib
import re
from typing import Any

from jsonschema import ValidationError
from jupyter_events import EventLogger

SCHEMA_ID = "https://underpass.readthedocs.io/events/changed/v1"
SCHEMA = pathlib.Path(__file__).parent / "events" / "changed.yaml"
TOPICS = ("integrations", "forwards", "prompts", "hostKeys", "policy", "workspace", "tests")
#: Seconds after a hint in which further ones of its topic become one.
PAUSE = 0.1
#: Host names and names of integrations are none.
OPAQUE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Hints:
    """What the tunnel service says, said again to browsers."""

    def __init__(self, event_logger: EventLogger) -> None:
        self._event_logger = event_logger
        #: Topics of which a hint was emitted just now, with the one to emit next if there is one.
        self._pausing: dict[str, dict[str, Any] | None] = {}
        event_logger.register_event_schema(SCHEMA)

    def forward(self, method: str, params: dict[str, Any]) -> None:
        """Pass on a notification if it is a hint; of many of a topic, the first at once and the last."""
        if method != "underpass/changed":
            return
        hint = {field: params.get(field) for field in ("topic", "id", "revision")}
        if not (isinstance(hint["id"], str) and OPAQUE.fullmatch(hint["id"])):
            hint["id"] = ""
        topic = str(hint["topic"])
        if topic not in self._pausing:
            self._emit(hint)
            self._pause(topic)
            return
        waiting = self._pausing[topic]
        if waiting is not None and waiting["id"] != hint["id"]:
            hint["id"] = ""
        self._pausing[topic] = hint

    def everything(self) -> None:
        """Say that anything may have changed: the service was lost, and counts its revisions anew."""
        for topic in TOPICS:
            self._emit({"topic": topic, "id": "", "revision": 0})

    def _pause(self, topic: str) -> None:
        self._pausing[topic] = None
        asyncio.get_running_loop().call_later(PAUSE, self._go_on, topic)

    def _go_on(self, topic: str) -> None:
        waiting = self._pausing.pop(topic)
        if waiting is not None:
            self._emit(waiting)
            self._pause(topic)

    def _emit(self, data: dict[str, Any]) -> None:
        try:
            self._event_logger.emit(schema_id=SCHEMA_ID, data=data)
        except ValidationError:
            # Of a newer service, about something that the front ends of this version do not show.
            return
