"""A statement as the body of a request: alone, or with its parameters as the fields of a form."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import NamedTuple

#: Bytes of a field of a form; a longer statement is the body, and its parameters stand in the address.
_FIELD = 120_000


class Request(NamedTuple):
    """What goes into the address, and what is posted."""

    query: dict[str, str | bytes]
    body: bytes
    content_type: str


def request_of(sql: str, fields: Sequence[tuple[str, bytes]]) -> Request:
    """Put a statement and the values of its parameters together.

    Values stand in the address, which servers in between may write down, only if there is no other way.
    """
    statement = sql.encode(errors="replace")
    if not fields:
        return Request({}, statement, "text/plain; charset=utf-8")
    named = [(f"param_{name}", content) for name, content in fields]
    if len(statement) > _FIELD:
        return Request(dict(named), statement, "text/plain; charset=utf-8")
    boundary = secrets.token_hex(16)
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + content + b"\r\n"
        for name, content in [*named, ("query", statement)]
    ]
    body = b"".join([*parts, f"--{boundary}--\r\n".encode()])
    return Request({}, body, f"multipart/form-data; boundary={boundary}")
