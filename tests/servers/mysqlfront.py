"""TLS of one's own in front of a server of MySQL's protocol: another certificate, or none.

``python -m tests.servers.mysqlfront HOST:PORT HOST:PORT [CERTIFICATE KEY]`` greets like the server at the
second address, but decides about TLS itself, and talks to the server without.
"""

from __future__ import annotations

import contextlib
import socket
import socketserver
import ssl
import struct
import sys
import threading
from pathlib import Path

from .certificates import Certificate
from .namespace import Namespace

_SSL = 0x0800
#: What a client sends to ask for TLS is as long as this.
_REQUEST = 32


class MySQLFront:
    """One such process in the namespace."""

    def __init__(
        self, namespace: Namespace, listen: str, dial: str, certificate: Certificate | None, log: Path
    ) -> None:
        files = [str(certificate.certificate), str(certificate.key)] if certificate else []
        argv = [sys.executable, "-m", "tests.servers.mysqlfront", listen, dial, *files]
        self._process = namespace.start(argv, log)
        self._process.wait_until(lambda: "listening" in log.read_text())

    def stop(self) -> None:
        """End it and its connections."""
        self._process.stop()


class _Front(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    dial: tuple[str, int]
    context: ssl.SSLContext | None = None


class _Relay(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        front = self.server
        assert isinstance(front, _Front)
        with contextlib.suppress(OSError, EOFError), socket.create_connection(front.dial) as far:
            near = _log_in(self.request, far, front.context)
            back = threading.Thread(target=_copy, args=(far, near))
            back.start()
            _copy(near, far)
            back.join()


def _log_in(near: socket.socket, far: socket.socket, context: ssl.SSLContext | None) -> socket.socket:
    """Pass the login on; behind a request for TLS, its packets have other numbers here and there."""
    number, greeting = _packet(far)
    _send(near, number, _with_tls(greeting, context is not None))
    number, answer = _packet(near)
    shift = 0
    if len(answer) == _REQUEST and context is not None:
        near = context.wrap_socket(near, server_side=True)
        number, answer = _packet(near)
        shift = 1
    (flags,) = struct.unpack_from("<I", answer)
    _send(far, number - shift, struct.pack("<I", flags & ~_SSL) + answer[4:])
    while True:
        number, payload = _packet(far)
        _send(near, number + shift, payload)
        if payload[0] in (0x00, 0xFF):
            return near
        number, answer = _packet(near)
        _send(far, number - shift, answer)


def _with_tls(greeting: bytes, offered: bool) -> bytes:
    """The greeting, with the flag set or cleared that offers TLS."""
    place = greeting.index(b"\0", 1) + 1 + 4 + 8 + 1
    (flags,) = struct.unpack_from("<H", greeting, place)
    flags = flags | _SSL if offered else flags & ~_SSL
    return greeting[:place] + struct.pack("<H", flags) + greeting[place + 2 :]


def _packet(connection: socket.socket) -> tuple[int, bytes]:
    """Number and payload of the next packet."""
    header = _exactly(connection, 4)
    return header[3], _exactly(connection, int.from_bytes(header[:3], "little"))


def _exactly(connection: socket.socket, count: int) -> bytes:
    received = b""
    while len(received) < count:
        block = connection.recv(count - len(received))
        if not block:
            raise EOFError
        received += block
    return received


def _send(connection: socket.socket, number: int, payload: bytes) -> None:
    connection.sendall(len(payload).to_bytes(3, "little") + bytes([number & 0xFF]) + payload)


def _copy(source: socket.socket, target: socket.socket) -> None:
    """Copy until one of them ends, which ends both."""
    with contextlib.suppress(OSError):
        while block := source.recv(1 << 16):
            target.sendall(block)
    for end in (source, target):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


def main(listen: str, dial: str, *files: str) -> None:
    """Pass every connection on."""
    host, _, port = listen.rpartition(":")
    with _Front((host, int(port)), _Relay) as front:
        front.dial = dial.rpartition(":")[0], int(dial.rpartition(":")[2])
        if files:
            front.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            front.context.load_cert_chain(*files)
        print("listening", flush=True)
        front.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
