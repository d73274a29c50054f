"""Packets of the MySQL protocol on a socket that is logged in, and rows in blocks of many at once."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

#: A payload of this length goes on in the next packet.
_FULL = 0xFFFFFF
#: Bytes that are read before rows are decoded: many rows, and small enough for the processor's cache.
BLOCK = 1 << 21
_HEADER = struct.Struct("<IB")

Positions: TypeAlias = npt.NDArray[np.int64]


class ProtocolError(Exception):
    """The server does not speak as expected; what it says next can not be understood."""


@dataclass(frozen=True)
class Block:
    """Rows as they came: ``buffer[starts[n]:ends[n]]`` is row ``n``. To be read before the next block is."""

    buffer: Any
    starts: Positions
    ends: Positions

    @property
    def bytes(self) -> npt.NDArray[np.uint8]:
        return np.frombuffer(self.buffer, np.uint8)

    def first(self, count: int) -> Block:
        """Only the first rows."""
        return Block(self.buffer, self.starts[:count], self.ends[:count])


class Wire:
    """Both directions of a connection. Every OSError of it is the end of the connection."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        self._buffer = bytearray(BLOCK)
        self._start = self._end = 0
        self._sequence = 0

    def command(self, code: int, payload: bytes = b"") -> None:
        """Begin a new exchange."""
        self._sequence = 0
        self.send(bytes([code]) + payload)

    def send(self, payload: bytes) -> None:
        """Send one payload, in as many packets as it takes."""
        for offset in range(0, len(payload) + 1, _FULL):
            part = payload[offset : offset + _FULL]
            self._socket.sendall(struct.pack("<I", len(part) | self._sequence << 24) + part)
            self._sequence = (self._sequence + 1) & 0xFF

    def packet(self) -> bytes:
        """The next payload."""
        parts: list[bytes] = []
        while True:
            self._fill(4)
            header = self._header(self._start)
            length, self._sequence = header & _FULL, (header >> 24) + 1 & 0xFF
            self._fill(4 + length)
            parts.append(bytes(memoryview(self._buffer)[self._start + 4 : self._start + 4 + length]))
            self._start += 4 + length
            if length < _FULL:
                break
        if len(self._buffer) > BLOCK and self._end - self._start <= BLOCK:
            self._move(BLOCK)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def blocks(self) -> Iterator[Block]:
        """Rows until something else comes, which ``packet`` gives then."""
        starts: list[int] = []
        position, more = self._start, True
        while more:
            position, more = self._scan(position, starts)
            jumbo = more and self._end - position >= 4 and self._header(position) & _FULL == _FULL
            if not more or jumbo or position - self._start >= BLOCK // 2:
                if starts:
                    yield self._block(starts, position)
                starts, self._start = [], position
            if jumbo:
                row = self.packet()
                yield Block(row, np.zeros(1, np.int64), np.array([len(row)]))
                position = self._start
            elif more:
                moved = self._receive()
                position -= moved
                starts = [start - moved for start in starts] if moved else starts

    def _scan(self, position: int, starts: list[int]) -> tuple[int, bool]:
        """Note where the complete rows from ``position`` on begin; whether more rows may follow."""
        buffer, end, found, header = self._buffer, self._end, starts.append, _HEADER.unpack_from
        while end - position > 4:
            word, first = header(buffer, position)
            length = word & _FULL
            if first >= 0xFE and (first == 0xFF or length < 9):
                return position, False
            following = position + 4 + length
            if following > end or length == _FULL:
                break
            found(position)
            position = following
        return position, True

    def _block(self, starts: list[int], end: int) -> Block:
        begins = np.array(starts, np.int64)
        return Block(self._buffer, begins + 4, np.append(begins[1:], end))

    def _header(self, position: int) -> int:
        return int.from_bytes(self._buffer[position : position + 4], "little")

    def _fill(self, count: int) -> None:
        """Have at least ``count`` bytes that are not read yet."""
        while self._end - self._start < count:
            self._receive(count)

    def _receive(self, room: int = 0) -> int:
        """Get more bytes.

        Args:
            room: Bytes, from the first unread one on, that must have a place.
        Returns:
            By how much the unread ones moved to the front.
        """
        moved, size = 0, len(self._buffer)
        if self._end == size or self._start + room > size:
            moved = self._start
            self._move(max(room, size * 2 if self._end - moved == size else size))
        received = self._socket.recv_into(memoryview(self._buffer)[self._end :])
        if not received:
            raise ConnectionAbortedError("the server closed the connection")
        self._end += received
        return moved

    def _move(self, size: int) -> None:
        """Put what is unread to the front of a buffer of ``size``."""
        unread = self._buffer[self._start : self._end]
        if size != len(self._buffer):
            self._buffer = bytearray(size)
        self._buffer[: len(unread)] = unread
        self._start, self._end = 0, len(unread)
