"""What the service answers when an integration can be dialled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .failure import fail
from .listener import require_own_listener


@dataclass(frozen=True)
class Endpoint:
    host: str
    port: int


def _no_peers(host: str, port: int) -> Endpoint:
    raise fail(
        "forward-refused",
        "forward",
        f"{host}:{port} is not behind this tunnel and was not dialled.",
        "Use an integration that leads there.",
        address=f"{host}:{port}",
    )


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
    #: The integration is marked "Read-only": its connector refuses what writes.
    read_only: bool = False
    #: Says what to dial for a further server that this one names, such as a member of its replica set; raises
    #: UnderpassError where that can not be forwarded.
    peer: Callable[[str, int], Endpoint] = field(default=_no_peers, compare=False, repr=False)

    def require_own_listener(self) -> None:
        """Make sure, before anything is sent, that the forward is this user's own.

        Raises:
            UnderpassError: ``listener-foreign`` or ``listener-missing``
        """
        if self.tunnelled:
            require_own_listener(self.endpoint.host, self.endpoint.port)

    @classmethod
    def parse(cls, answer: Mapping[str, Any], peer: Callable[[str, int], Endpoint] = _no_peers) -> Ready:
        """Read the result of ``underpass/ensure``; ``peer`` asks for what only the tunnel leads to."""
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
            read_only=answer.get("readOnly", False),
            peer=peer if answer["tunnelled"] else Endpoint,
        )
