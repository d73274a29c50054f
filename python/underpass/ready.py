"""What the service answers when an integration can be dialled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Endpoint:
    host: str
    port: int


@dataclass(frozen=True)
class Ready:
    """Everything a driver needs to reach one integration, now.

    ``endpoint`` is what to dial (a local forward where ``tunnelled``); ``server`` carries the database's
    own name, for TLS. ``generation`` grows each time the SSH session was established anew: connections of an
    older one are dead.
    """

    id: str
    name: str
    type: str
    generation: int
    endpoint: Endpoint
    server: Endpoint
    tunnelled: bool
    fields: Mapping[str, Any]
    secrets: Mapping[str, str] = field(repr=False)

    @classmethod
    def parse(cls, answer: Mapping[str, Any]) -> Ready:
        """Read the result of ``underpass/ensure``."""
        integration = answer["integration"]
        return cls(
            id=integration["id"],
            name=integration["name"],
            type=integration["type"],
            generation=answer["generation"],
            endpoint=Endpoint(answer["endpoint"]["host"], answer["endpoint"]["port"]),
            server=Endpoint(answer["server"]["host"], answer["server"]["port"]),
            tunnelled=answer["tunnelled"],
            fields=answer["fields"],
            secrets=answer["secrets"],
        )
