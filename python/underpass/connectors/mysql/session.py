"""One login at a server, on which statements are run one after the other."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeAlias

from underpass.connectors.base import Rows
from underpass.failure import UnderpassError, fail
from underpass.fetching import UNWATCHED, Fetching

from .columns import Result
from .params import packed
from .reading import (
    IN_TRANSACTION,
    MORE_RESULTS,
    Definition,
    Done,
    ServerError,
    definition_of,
    done_of,
    error_of,
    number,
    status_of,
)
from .wire import ProtocolError, Wire

_QUIT, _QUERY, _PING, _PREPARE, _EXECUTE, _CLOSE = 0x01, 0x03, 0x0E, 0x16, 0x17, 0x19
#: First bytes of answers.
_OK, _LOCAL_FILE, _END, _ERROR = 0x00, 0xFB, 0xFE, 0xFF

Answer: TypeAlias = Rows | Done


class Unreadable(Exception):
    """The statement was executed, but its rows can not be converted; the session goes on."""


class Session:
    """The socket that a login has left behind; used by one thread at a time."""

    def __init__(self, login: Any) -> None:
        """Take over a connection of PyMySQL, with its deadline for each answer."""
        # Kept: it closes the socket when it is forgotten.
        self._login = login
        self._wire = Wire(login._sock)
        self.status: int = login.server_status
        #: What the server calls this connection.
        self.id: int = login.thread_id()
        #: How columns are announced.
        self.define: Callable[[bytes], Definition] = definition_of
        #: The session's time zone as a distance from UTC, where it is that.
        self.offset: timedelta | None = None

    @property
    def in_transaction(self) -> bool:
        return bool(self.status & IN_TRANSACTION)

    def run(
        self,
        sql: str,
        params: Sequence[Any] = (),
        *,
        limit: int | None = None,
        enough: Callable[[], None],
        fetching: Fetching = UNWATCHED,
    ) -> list[Answer]:
        """Run a statement; all its results.

        Args:
            sql: Where there are parameters, with ``?`` for each.
            params: Scalars.
            limit: Rows to keep of each result.
            enough: Called once when there are more than that: nobody wants the rest.
            fetching: Is told of each block of rows; what it raises comes when all is read.
        Raises:
            ServerError: it was refused or ended; the session goes on.
            Unreadable: see there.
            OSError, ProtocolError: the session is lost.
        """
        try:
            return self._run(sql, params, _Wanted(limit, enough, fetching))
        except (IndexError, struct.error) as error:
            raise ProtocolError(f"a packet is too short: {error}") from None

    def _run(self, sql: str, params: Sequence[Any], wanted: _Wanted) -> list[Answer]:
        if not params:
            self._wire.command(_QUERY, sql.encode())
            return self._answers(wanted, binary=False)
        values = packed(params, self.offset)
        statement = self._prepare(sql, len(params))
        try:
            self._wire.command(_EXECUTE, struct.pack("<IBI", statement, 0, 1) + values)
            return self._answers(wanted, binary=True)
        finally:
            # Has no answer.
            with suppress(OSError):
                self._wire.command(_CLOSE, struct.pack("<I", statement))

    def _prepare(self, sql: str, count: int) -> int:
        self._wire.command(_PREPARE, sql.encode())
        packet = self._packet()
        statement, columns, params = struct.unpack_from("<IHH", packet, 1)
        for definitions in (params, columns):
            for _ in range(definitions + 1 if definitions else 0):
                self._wire.packet()
        if params != count:
            self._wire.command(_CLOSE, struct.pack("<I", statement))
            raise fail(
                "invalid-request",
                "request",
                "This statement has parameters of its own (?) beside {{ }}.",
                "Use only {{ }}.",
            )
        return statement

    def _packet(self) -> bytes:
        packet = self._wire.packet()
        if not packet:
            raise ProtocolError("a packet is empty")
        if packet[0] == _ERROR:
            raise error_of(packet)
        return packet

    def _answers(self, wanted: _Wanted, *, binary: bool) -> list[Answer]:
        answers: list[Answer] = []
        failure: Exception | None = None
        while True:
            packet = self._packet()
            if packet[0] == _OK:
                done = done_of(packet)
                self.status = done.status
                answers.append(done)
            elif packet[0] == _LOCAL_FILE:
                self._refuse_file()
            else:
                try:
                    answers.append(self._rows(number(packet, 0)[0], wanted, binary=binary))
                except (Unreadable, UnderpassError) as error:
                    # Further results are read all the same.
                    failure = failure or error
            if not self.status & MORE_RESULTS:
                if failure is not None:
                    raise failure
                return answers

    def _rows(self, columns: int, wanted: _Wanted, *, binary: bool) -> Rows:
        definitions = [self.define(self._wire.packet()) for _ in range(columns)]
        self._wire.packet()
        result = Result(definitions, self.offset, binary=binary)
        limit, failure, cut = wanted.limit, None, False
        for block in self._wire.blocks():
            if limit is not None and result.count + len(block.starts) > limit:
                if not cut:
                    wanted.enough()
                cut = True
                block = block.first(limit - result.count)
            if failure is None and len(block.starts):
                try:
                    wanted.fetching.fetched(len(block.starts), result.add(block))
                except Exception as error:
                    # What comes after these rows must be read all the same.
                    failure = error
                    if isinstance(error, UnderpassError):
                        result = Result(definitions, self.offset, binary=binary)
                        wanted.enough()
                        cut = True
        packet = self._wire.packet()
        if packet[:1] == bytes([_ERROR]):
            if not cut:
                raise error_of(packet)
            self.status &= ~MORE_RESULTS
        else:
            self.status = status_of(packet)
        if isinstance(failure, UnderpassError):
            raise failure
        if failure is not None:
            raise Unreadable(f"{type(failure).__name__}: {failure}")
        return result.rows()

    def _refuse_file(self) -> None:
        """The server asks for a file of this machine: it gets nothing."""
        self._wire.send(b"")
        with suppress(ServerError):
            self.status = done_of(self._packet()).status
        raise fail(
            "invalid-request",
            "query",
            "The server asked for a file of this machine (LOAD DATA LOCAL), and was given nothing.",
            "Read the file in Python and insert its rows.",
        )

    def ask(self, sql: str, *params: Any) -> Answer:
        """Run a statement of our own; its only result."""
        return self.run(sql, params, enough=_nothing)[0]

    def ping(self) -> None:
        """Ask for a sign of life, which tells the status, too."""
        self._wire.command(_PING)
        self.status = done_of(self._packet()).status

    def wait_for_ever(self) -> None:
        """Let statements take their time."""
        self._login._sock.settimeout(None)

    def abandon(self) -> None:
        """End the connection under a statement that runs, from another thread."""
        with suppress(OSError):
            self._login._sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Say goodbye if the other side listens."""
        with suppress(Exception):
            self._wire.command(_QUIT)
        with suppress(Exception):
            self._login._force_close()


@dataclass(frozen=True)
class _Wanted:
    """See ``Session.run``."""

    limit: int | None
    enough: Callable[[], None]
    fetching: Fetching


def _nothing() -> None:
    """Every row is wanted."""
