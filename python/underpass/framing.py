"""Messages on a stream of bytes: a ``Content-Length`` header, an empty line, UTF-8 JSON (as in LSP)."""

from __future__ import annotations

import json
from typing import Any

#: A header longer than this is not one: the other side speaks something else.
LONGEST_HEADER = 4096


def encode(message: dict[str, Any]) -> bytes:
    """One message, ready to be written."""
    body = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


class Decoder:
    """Cuts a stream into messages, however it was cut into pieces on its way."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._length: int | None = None

    def feed(self, piece: bytes) -> list[dict[str, Any]]:
        """Take the next bytes.

        Returns:
            The messages that are complete now, in order.
        Raises:
            ValueError: this is no stream of messages; nothing after it can be read.
        """
        self._buffer += piece
        messages: list[dict[str, Any]] = []
        while (message := self._next()) is not None:
            messages.append(message)
        return messages

    def _next(self) -> dict[str, Any] | None:
        if self._length is None:
            self._length = self._header()
        if self._length is None or len(self._buffer) < self._length:
            return None
        body = bytes(self._buffer[: self._length])
        del self._buffer[: self._length]
        self._length = None
        message = json.loads(body)
        if not isinstance(message, dict):
            raise ValueError("A message is not a JSON object.")
        return message

    def _header(self) -> int | None:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            if len(self._buffer) > LONGEST_HEADER:
                raise ValueError("There is no header.")
            return None
        fields = bytes(self._buffer[:end]).decode("ascii").split("\r\n")
        del self._buffer[: end + 4]
        for name, _, value in (field.partition(":") for field in fields):
            if name.strip().lower() == "content-length":
                return int(value)
        raise ValueError("A header has no Content-Length.")
