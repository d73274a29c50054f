"""How failures name a server, and what they keep to themselves."""

from __future__ import annotations

from underpass.ready import Ready


def address(ready: Ready) -> str:
    """The server as people know it, never the forward's local end."""
    host = f"[{ready.server.host}]" if ":" in ready.server.host else ready.server.host
    return f"{host}:{ready.server.port}"


def scrubbed(text: str, ready: Ready) -> str:
    """On one line and without the integration's secrets."""
    for secret in ready.secrets.values():
        if secret:
            text = text.replace(secret, "***")
    return " ".join(text.split())
