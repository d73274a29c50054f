"""MongoDB's wire protocol, as far as a proxy has to understand it: OP_MSG with one body."""

from __future__ import annotations

import asyncio
import itertools
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import bson

_HEADER = struct.Struct("<iiii")
_OP_MSG = 2013
_numbers = itertools.count(1 << 20)


@dataclass(frozen=True)
class Message:
    """``raw`` is all of it; ``body`` its command or answer, None where it is not an OP_MSG."""

    raw: bytes
    number: int
    answers: int
    body: dict[str, Any] | None

    @property
    def command(self) -> str:
        """Name of the command: the first key."""
        return next(iter(self.body), "") if self.body else ""

    def with_body(self, body: Mapping[str, Any]) -> Message:
        """The same message with another body, without sequences of documents."""
        return message(body, self.number, self.answers)


def message(body: Mapping[str, Any], number: int, answers: int) -> Message:
    """An OP_MSG."""
    content = struct.pack("<iB", 0, 0) + bson.encode(body)
    header = _HEADER.pack(_HEADER.size + len(content), number, answers, _OP_MSG)
    return Message(header + content, number, answers, dict(body))


def answer_to(asked: Message, body: Mapping[str, Any]) -> Message:
    """A server's answer."""
    return message(body, next(_numbers), asked.number)


async def read(reader: asyncio.StreamReader) -> Message:
    """The next message.

    Raises:
        IncompleteReadError: the other side has ended.
    """
    header = await reader.readexactly(_HEADER.size)
    length, number, answers, operation = _HEADER.unpack(header)
    content = await reader.readexactly(length - _HEADER.size)
    body = None
    if operation == _OP_MSG and content[4] == 0:
        # Answers with many documents are passed on as they are.
        (size,) = struct.unpack_from("<i", content, 5)
        body = bson.decode(content[5 : 5 + size]) if size < 1 << 16 else {"": None}
    return Message(header + content, number, answers, body)
