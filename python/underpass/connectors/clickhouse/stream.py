"""The body of an answer: a table in Arrow's stream format, or what went wrong while it was written.

The server begins to answer before it knows whether the statement will succeed. If it does not, the exception
stands in the middle of the body, which then ends before its announced end.
"""

from __future__ import annotations

import http.client
import re
from collections import deque

import pyarrow as pa

from underpass.fetching import Fetching

#: How Arrow's stream format ends.
_END = b"\xff\xff\xff\xff\x00\x00\x00\x00"
#: An exception's text is not longer.
_KEPT = 1 << 16
#: Newer servers put their exception between marks; in older ones it is what comes last.
_MARKED = re.compile(rb"__exception__\r?\n\w*\r?\n(.*?)(?:\r?\n\d+ \w*\r?\n__exception__|\Z)", re.DOTALL)
_UNMARKED = re.compile(rb"Code: \d+\. DB::(?:Exception|NetException): .*\Z", re.DOTALL)


class Broken(Exception):
    """The body is not whole; ``text`` is the server's exception, None if it did not say any more."""

    def __init__(self, text: str | None, reason: str) -> None:
        super().__init__(reason)
        self.text = text


class Body:
    """The body as a file for Arrow; remembers what was read last."""

    closed = False

    def __init__(self, answer: http.client.HTTPResponse) -> None:
        self._answer = answer
        self._last: deque[bytes] = deque(maxlen=16)
        self.is_empty = True

    def read(self, count: int = -1) -> bytes:
        """At most ``count`` bytes; fewer only at the end."""
        try:
            block = self._answer.read(None if count < 0 else count)
        except http.client.IncompleteRead as error:
            self._remember(error.partial)
            raise
        self._remember(block)
        return block

    def readable(self) -> bool:
        return True

    def _remember(self, block: bytes) -> None:
        if block:
            self.is_empty = False
            self._last.append(block[-_KEPT:])

    def last(self) -> bytes:
        """The end of what was read so far."""
        return b"".join(self._last)[-_KEPT:]

    def finish(self) -> None:
        """Read what is left, and make sure that it was all.

        Raises:
            Broken: it was not.
        """
        try:
            while self.read(1 << 20):
                pass
        except (OSError, http.client.HTTPException) as error:
            raise Broken(exception_in(self.last()), str(error) or type(error).__name__) from None


def read_text(body: Body, fetching: Fetching) -> bytes:
    """All of a body that is no table; ``fetching`` is told of its pieces, which make no rows."""
    pieces: list[bytes] = []
    while piece := body.read(1 << 20):
        pieces.append(piece)
        fetching.fetched(0, len(piece))
    return b"".join(pieces)


def read_table(body: Body, limit: int | None, fetching: Fetching) -> tuple[pa.Table, bool]:
    """The rows, and whether these are all; if not, the rest of the body is still to come.

    Args:
        body: Read from its beginning.
        limit: Rows at most.
        fetching: Is told of each batch.
    Raises:
        Broken: the body is not whole.
        pa.ArrowException: it is, but not what Arrow reads.
    """
    batches, count = [], 0
    try:
        with pa.ipc.open_stream(body) as reader:
            for batch in reader:
                batches.append(batch if limit is None else batch[: limit - count])
                fetching.arrived(batches[-1])
                count += batch.num_rows
                if limit is not None and count > limit:
                    return pa.Table.from_batches(batches, reader.schema), False
            schema = reader.schema
    except (OSError, http.client.HTTPException, pa.ArrowException) as error:
        body.finish()
        if text := exception_in(body.last()):
            raise Broken(text, "") from None
        if isinstance(error, pa.ArrowException):
            raise
        raise Broken(None, str(error) or type(error).__name__) from None
    ended = body.last().endswith(_END)
    body.finish()
    if not ended or not body.last().endswith(_END):
        raise Broken(exception_in(body.last()), "the answer ends before its last row")
    return pa.Table.from_batches(batches, schema), True


def exception_in(text: bytes) -> str | None:
    """The server's exception at the end of a body, if there is one."""
    found = _MARKED.search(text)
    words = found[1] if found else None
    if words is None and (unmarked := _UNMARKED.search(text)):
        words = unmarked[0]
    return words.decode("utf-8", "replace").strip() if words else None
