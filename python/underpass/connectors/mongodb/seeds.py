"""The servers that a client begins with: one, several of a connection string, or those that the DNS names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from underpass.ready import Ready

from .dial import Address

PORT = 27017


@dataclass(frozen=True)
class Seeds:
    """``options`` are those that the DNS adds; what the integration says goes before them."""

    addresses: list[Address]
    #: One server, whatever it says of others.
    direct: bool
    options: Mapping[str, str] = field(default_factory=dict)


def seeds_of(ready: Ready) -> Seeds:
    """Read the integration's fields.

    Raises:
        UnderpassError: stage ``resolve``: the DNS does not know the name, or names hosts of another domain.
    """
    text = ready.fields.get("connectionString")
    if not text:
        own = ready.server
        return Seeds([(own.host, own.port)], direct=not ready.fields.get("replicaSet"))
    scheme, _, hosts = str(text).partition("://")
    if scheme == "mongodb+srv":
        # Importing what asks the DNS takes a while; few need it.
        from .names import seeds_behind

        addresses, options = seeds_behind(ready, hosts.rstrip("/"))
        return Seeds(addresses, direct=False, options=options)
    return Seeds([address_of(host) for host in hosts.rstrip("/").split(",")], direct=False)


def address_of(text: str, port: int = PORT) -> Address:
    """``host:port``, ``[v6]:port`` or a host alone."""
    host, colon, own = text.rpartition(":")
    if not colon or own.endswith("]"):
        return text.strip("[]"), port
    return host.strip("[]"), int(own)
