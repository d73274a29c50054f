"""Hints on the server's event bus that something changed. State is fetched by request."""

from __future__ import annotations

import pathlib
from typing import Any

from jsonschema import ValidationError
from jupyter_events import EventLogger

SCHEMA_ID = "https://underpass.readthedocs.io/events/changed/v1"
SCHEMA = pathlib.Path(__file__).parent / "events" / "changed.yaml"
TOPICS = ("integrations", "forwards", "prompts", "hostKeys")


class Hints:
    """What the tunnel service says, said again to browsers."""

    def __init__(self, event_logger: EventLogger) -> None:
        self._event_logger = event_logger
        event_logger.register_event_schema(SCHEMA)

    def forward(self, method: str, params: dict[str, Any]) -> None:
        """Pass on a notification of the service if it is a hint."""
        if method == "underpass/changed":
            self._emit({field: params.get(field) for field in ("topic", "id", "revision")})

    def everything(self) -> None:
        """Say that anything may have changed: the service was lost, and counts its revisions anew."""
        for topic in TOPICS:
            self._emit({"topic": topic, "id": "", "revision": 0})

    def _emit(self, data: dict[str, Any]) -> None:
        try:
            self._event_logger.emit(schema_id=SCHEMA_ID, data=data)
        except ValidationError:
            # Of a newer service, about something that the front ends of this version do not show.
            return
