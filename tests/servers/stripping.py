"""Proxies that strip a server of its TLS: each changes its first words so that it seems to have none.

For protocols in which TLS is agreed upon in clear text. Where the port decides (HTTP, gRPC, MongoDB) there is
nothing to change: such a proxy ends TLS itself and shows the client a plain port.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Stripper(Protocol):
    """Changes what the server says before the client gets it; a new one for each connection."""

    def __call__(self, content: bytes, /) -> bytes: ...


def mysql() -> Stripper:
    """Clears CLIENT_SSL among the capabilities of the greeting, which comes in one piece."""
    first = True

    def change(down: bytes) -> bytes:
        nonlocal first
        if first and down[4:5] == b"\x0a":
            # Behind the version: connection id, half of the salt and a zero, then the lower capabilities.
            flags = down.index(b"\0", 5) + 1 + 4 + 8 + 1
            down = down[: flags + 1] + bytes([down[flags + 1] & ~0x08]) + down[flags + 2 :]
        first = False
        return down

    return change


def tds() -> Stripper:
    """Says of either side in its PRELOGIN, which comes in one piece, that it knows no encryption."""
    first = True

    def change(content: bytes) -> bytes:
        nonlocal first
        if first and content[:1] in (b"\x12", b"\x04"):
            at = 8
            while content[at] not in (0x01, 0xFF):
                at += 5
            if content[at] == 0x01:
                value = 8 + int.from_bytes(content[at + 1 : at + 3], "big")
                content = content[:value] + b"\x02" + content[value + 1 :]
        first = False
        return content

    return change


def plain_port() -> Stripper:
    """Changes nothing: the port behind it is the plain one that such a proxy shows."""
    return bytes


STRIPPERS: dict[str, Callable[[], Stripper]] = {
    "plain-port": plain_port,
    "mysql": mysql,
    "tds": tds,
}

#: Where the client asks first: its question, which the server never hears, and the proxy's answer.
ANSWERED: dict[str, tuple[bytes, bytes]] = {
    "postgresql": (bytes.fromhex("00000008 04d2162f"), b"N"),
}

#: Changes what the client says before the server gets it.
ASKED: dict[str, Callable[[], Stripper]] = {"tds": tds}
