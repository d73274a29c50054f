"""How the driver is told where to go, who to be and what to check."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, urlencode

from underpass.connectors.libpq import as_switches, connection_options, split_options
from underpass.ready import Ready

from .read_only import SETTING


@contextmanager
def uri_options(ready: Ready) -> Iterator[dict[str, Any]]:
    """libpq's options without the TLS mode; the files that they name live while the context lasts."""
    words, settings = split_options(ready)
    if ready.read_only:
        # The last one counts.
        settings = {name: value for name, value in settings.items() if name.lower() not in SETTING} | SETTING
    if settings:
        words["options"] = f"{words.get('options', '')} {as_switches(settings)}".strip()
    with connection_options(ready, words) as options:
        yield options


def uri(options: dict[str, Any], mode: str) -> str:
    """URI with the password in it: give it to the driver and to nobody else."""
    return "postgresql://?" + urlencode({**options, "sslmode": mode}, quote_via=quote)
