"""What a server says about TLS before anybody logs in ([MS-TDS] 2.2.6.5), asked on a connection of its own.

The driver has no mode that takes TLS where it is offered, and tells little of what was wrong with a
certificate. So the server is asked first. For strict the handshake takes place, too, with the integration's
own authorities only; it is wrapped in packets, so no ordinary TLS client can do it.
"""

from __future__ import annotations

import socket
import ssl
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from underpass.connectors.sockets import dial
from underpass.connectors.tls import CONNECT_TIMEOUT, Tls
from underpass.ready import Ready

PRELOGIN, REPLY = 0x12, 0x04
_HEADER = struct.Struct(">BBHHBB")
_OPTION = struct.Struct(">BHH")
_VERSION, _ENCRYPTION, _END = 0x00, 0x01, 0xFF
_LAST = 0x01
#: Bytes of a packet before the two sides have agreed upon more.
_SIZE = 4096


class Encryption(IntEnum):
    OFF = 0
    ON = 1
    NOT_SUPPORTED = 2
    REQUIRED = 3


class NotUnderstood(OSError):
    """The answer is not one of SQL Server's protocol."""


@dataclass(frozen=True)
class Answer:
    encryption: Encryption
    #: Azure SQL Database says 12, like SQL Server 2014.
    version: int


class Greeting:
    """A connection to the server on which nobody has logged in."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._tls: ssl.SSLObject | None = None
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()

    def ask(self) -> Answer:
        """Offer encryption of everything, as the driver will.

        Raises:
            OSError: no answer, or not one of SQL Server.
        """
        encryption = _ENCRYPTION, bytes([Encryption.ON])
        # Then an instance, a thread and MARS, all nameless.
        options = [(_VERSION, bytes(6)), encryption, (2, b"\0"), (3, bytes(4)), (4, b"\0")]
        table, content = b"", b""
        start = _OPTION.size * len(options) + 1
        for token, value in options:
            table += _OPTION.pack(token, start + len(content), len(value))
            content += value
        self.send(PRELOGIN, table + bytes([_END]) + content)
        found = _options(self.receive())
        try:
            return Answer(Encryption(found[_ENCRYPTION][0]), found.get(_VERSION, b"\0")[0])
        except (KeyError, IndexError, ValueError):
            raise NotUnderstood("it does not speak SQL Server's protocol") from None

    def secure(self, tls: Tls) -> None:
        """Do the handshake, and check what the mode asks for.

        Raises:
            OSError: also ssl.SSLCertVerificationError.
        """
        secured = tls.context().wrap_bio(self._incoming, self._outgoing)
        while True:
            try:
                secured.do_handshake()
                break
            except ssl.SSLWantReadError:
                self._flush()
                self._incoming.write(self.receive())
            except ssl.SSLError:
                # The alert, so that the server's log tells why.
                self._flush()
                raise
        self._flush()
        self._tls = secured

    def _flush(self) -> None:
        if self._outgoing.pending:
            self.send(PRELOGIN, self._outgoing.read())

    def send(self, kind: int, content: bytes) -> None:
        """Send one message; protected once the handshake is done."""
        room = _SIZE - _HEADER.size
        packets = b""
        for number, at in enumerate(range(0, len(content), room)):
            piece = content[at : at + room]
            last = _LAST if at + room >= len(content) else 0
            packets += _HEADER.pack(kind, last, len(piece) + _HEADER.size, 0, number & 255, 0) + piece
        if self._tls is not None:
            self._tls.write(packets)
            packets = self._outgoing.read()
        self._socket.sendall(packets)

    def receive(self) -> bytes:
        """The content of the next message."""
        content = b""
        while True:
            kind, status, length, *_ = _HEADER.unpack(self._read(_HEADER.size))
            if kind not in (PRELOGIN, REPLY) or length < _HEADER.size:
                raise NotUnderstood("it does not speak SQL Server's protocol")
            content += self._read(length - _HEADER.size)
            if status & _LAST:
                return content

    def _read(self, count: int) -> bytes:
        content = b""
        while len(content) < count:
            piece = self._some(count - len(content))
            if not piece:
                raise ConnectionResetError("it hung up")
            content += piece
        return content

    def _some(self, count: int) -> bytes:
        if self._tls is None:
            return self._socket.recv(count)
        with suppress(ssl.SSLWantReadError):
            return self._tls.read(count)
        received = self._socket.recv(1 << 16)
        self._incoming.write(received)
        return self._some(count) if received else b""


@contextmanager
def greeting(ready: Ready) -> Iterator[Greeting]:
    """Such a connection, closed at the end.

    Raises:
        OSError: the server is not reached.
    """
    with dial(ready) as connection:
        connection.settimeout(CONNECT_TIMEOUT)
        yield Greeting(connection)


def _options(content: bytes) -> dict[int, bytes]:
    found: dict[int, Any] = {}
    at = 0
    try:
        while content[at] != _END:
            token, start, length = _OPTION.unpack_from(content, at)
            found[token] = content[start : start + length]
            at += _OPTION.size
    except (IndexError, struct.error):
        raise NotUnderstood("it does not speak SQL Server's protocol") from None
    return found
