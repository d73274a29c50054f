"""What a browser asks for, read strictly: the tunnel service gets what was checked here, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tornado import web


@dataclass(frozen=True)
class Call:
    """One request. Its parameters may hold secrets: nothing of them goes into a log or an error."""

    method: str
    params: dict[str, Any]
    #: Contents path of the notebook that it is about; '' for none.
    path: str

    def __repr__(self) -> str:
        return f"Call({self.method!r}, …)"

    @classmethod
    def parse(cls, body: bytes) -> Call:
        """
        Raises:
            HTTPError: 400, without a word of the body.
        """
        # Not get_json_body: it logs a body that it can not parse.
        try:
            # Decoded here: json takes UTF-16 and a byte order mark, too.
            call = json.loads(body.decode(), object_pairs_hook=_without_duplicates)
            # What Python reads is not always JSON again: NaN, 1e999, half of a surrogate pair.
            json.dumps(call, ensure_ascii=False, allow_nan=False).encode()
        except (ValueError, RecursionError):
            raise web.HTTPError(400, reason="The body is not JSON") from None
        if not isinstance(call, dict):
            raise web.HTTPError(400, reason="The body is not an object")
        method, params, path = call.get("method"), call.get("params", {}), call.get("path", "")
        if not (isinstance(method, str) and isinstance(params, dict) and isinstance(path, str)):
            raise web.HTTPError(400, reason="The body needs method, params and path")
        return cls(method, params, path)


def _without_duplicates(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Readers differ in which of two members of one name they take."""
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError
    return members
