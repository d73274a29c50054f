"""What packets say that are no rows."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from .wire import ProtocolError

#: Flags of the server's status.
IN_TRANSACTION = 0x0001
MORE_RESULTS = 0x0008

UNSIGNED = 0x0020
BINARY = 63


class ServerError(Exception):
    """The server refused a statement, or ended it."""

    def __init__(self, code: int, state: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.state = state
        self.message = message


@dataclass(frozen=True)
class Done:
    """A statement without rows."""

    affected: int
    status: int


@dataclass(frozen=True)
class Definition:
    """A column as the server announces it; ``length`` counts bytes, ``decimals`` digits."""

    name: str
    charset: int
    length: int
    type: int
    flags: int
    decimals: int

    @property
    def unsigned(self) -> bool:
        return bool(self.flags & UNSIGNED)

    @property
    def binary(self) -> bool:
        return self.charset == BINARY


def number(payload: bytes, position: int) -> tuple[int, int]:
    """A number of one to nine bytes, and where it ends."""
    if position >= len(payload):
        raise ProtocolError("a packet is too short")
    first = payload[position]
    if first < 251:
        return first, position + 1
    size = {252: 2, 253: 3, 254: 8}.get(first)
    if size is None:
        raise ProtocolError("a length can not be read")
    end = position + 1 + size
    return int.from_bytes(payload[position + 1 : end], "little"), end


def error_of(payload: bytes) -> ServerError:
    """Read a packet that begins with 0xFF."""
    code = int.from_bytes(payload[1:3], "little")
    text = payload[3:].decode("utf-8", "replace")
    state = ""
    if text.startswith("#"):
        state, text = text[1:6], text[6:]
    return ServerError(code, state, text)


def done_of(payload: bytes) -> Done:
    """Read a packet that begins with 0x00."""
    affected, position = number(payload, 1)
    _, position = number(payload, position)
    return Done(affected, int.from_bytes(payload[position : position + 2], "little"))


def status_of(payload: bytes) -> int:
    """The status in a packet that begins with 0xFE, at the end of rows or definitions."""
    return int.from_bytes(payload[3:5], "little")


def definition_of(payload: bytes) -> Definition:
    """Read the packet that describes a column."""
    position, texts = 0, []
    for _ in range(6):
        length, position = number(payload, position)
        texts.append(payload[position : position + length])
        position += length
    _, position = number(payload, position)
    charset, length, kind, flags, decimals = struct.unpack_from("<HIBHB", payload, position)
    return Definition(texts[4].decode("utf-8", "replace"), charset, length, kind, flags, decimals)
