"""What a client sees of Amazon Redshift that is not PostgreSQL, in front of a real PostgreSQL.

``python -m tests.servers.redshift_proxy FILE`` reads JSON: ``backend`` (PostgreSQL's Unix socket, where every
user is trusted), ``users`` (passwords by name) and ``doors`` (``address``, ``port``, ``demanded``, and
``certificate`` and ``key`` where the door has TLS).

Like Redshift it logs in by MD5, takes start-up parameters that PostgreSQL does not know, calls itself version
8.0.2 and its encoding UNICODE (unless another was asked for), has no COPY TO STDOUT, and not more than two
extra digits of numbers. The dialect, the planner and the types behind it are PostgreSQL's.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import select
import socket
import socketserver
import ssl
import struct
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

VERSION = (
    "PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2 20041017 (Red Hat 3.4.2-6.fc3), "
    "Redshift 1.0.77467"
)
CANCEL, TLS, GSS = 80877102, 80877103, 80877104
#: Start-up parameters that are PostgreSQL's, too.
KNOWN = {"user", "database", "application_name", "client_encoding", "options", "datestyle", "timezone"}
_VERSION = re.compile(rb"\bversion\(\)", re.IGNORECASE)
_UNKNOWN = (
    (re.compile(rb"\s*copy\b.*\bto\s+stdout", re.IGNORECASE | re.DOTALL), b"COPY TO STDOUT is not supported"),
    (
        re.compile(rb"\s*set\s+extra_float_digits\s*(?:=|to)\s*(?:[3-9]|\d\d)", re.IGNORECASE),
        b'outside the valid range for parameter "extra_float_digits" (-15 .. 2)',
    ),
)


class Closed(Exception):
    """The other side has gone."""


class Client(socketserver.BaseRequestHandler):
    """One connection."""

    @property
    def _door(self) -> Door:
        assert isinstance(self.server, Door)
        return self.server

    def handle(self) -> None:
        with contextlib.suppress(Closed, OSError):
            self._serve(self.request)

    def _serve(self, client: socket.socket) -> None:
        encrypted = False
        while True:
            (size, code) = struct.unpack("!II", _exactly(client, 8))
            body = _exactly(client, size - 8)
            if code == CANCEL:
                with self._dial() as backend:
                    backend.sendall(struct.pack("!II", size, code) + body)
                    backend.recv(1)
                if isinstance(client, ssl.SSLSocket):
                    client.settimeout(5)
                    client.unwrap()
                return
            if code not in (TLS, GSS):
                break
            if code == GSS or self._door.tls is None:
                client.sendall(b"N")
                continue
            client.sendall(b"S")
            client = self._door.tls.wrap_socket(client, server_side=True)
            encrypted = True
        words = [word.decode() for word in body.rstrip(b"\0").split(b"\0")]
        parameters = dict(zip(words[::2], words[1::2], strict=True))
        if self._door.demanded and not encrypted:
            host, user, database = self.client_address[0], parameters["user"], parameters.get("database")
            _refuse(
                client,
                f'no pg_hba.conf entry for host "{host}", user "{user}", database "{database}", SSL off',
            )
        elif self._knows(client, parameters["user"]):
            with self._dial() as backend:
                _start(client, backend, parameters)
                _relay(client, backend)
        else:
            _refuse(client, f'password authentication failed for user "{parameters["user"]}"')

    def _dial(self) -> socket.socket:
        backend = socket.socket(socket.AF_UNIX)
        backend.connect(self._door.backend)
        return backend

    def _knows(self, client: socket.socket, user: str) -> bool:
        salt = os.urandom(4)
        client.sendall(_message(b"R", struct.pack("!I", 5) + salt))
        _, answer = _receive(client)
        inner = hashlib.md5((self._door.users.get(user, "") + user).encode()).hexdigest()
        digest = hashlib.md5(inner.encode() + salt).hexdigest()
        return user in self._door.users and answer.rstrip(b"\0") == b"md5" + digest.encode()


class Door(socketserver.ThreadingTCPServer):
    """One address, with one attitude to TLS."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, door: Mapping[str, Any], users: Mapping[str, str], backend: str) -> None:
        self.users, self.backend, self.demanded = users, backend, bool(door["demanded"])
        self.tls: ssl.SSLContext | None = None
        if door.get("certificate"):
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(door["certificate"], door["key"])
        super().__init__((door["address"], door["port"]), Client)


def _start(client: socket.socket, backend: socket.socket, parameters: Mapping[str, str]) -> None:
    """Start the session behind, and tell the client about it as Redshift would."""
    known = {name: value for name, value in parameters.items() if name.lower() in KNOWN}
    encoding = known.get("client_encoding", "UNICODE").upper()
    known["client_encoding"] = "UTF8" if encoding == "UNICODE" else encoding
    words = b"".join(f"{name}\0{value}\0".encode() for name, value in known.items()) + b"\0"
    backend.sendall(struct.pack("!II", len(words) + 8, 196608) + words)
    while True:
        kind, body = _receive(backend)
        if kind == b"S":
            name, value = body.decode().split("\0")[:2]
            said = {"server_version": "8.0.2", "client_encoding": encoding}
            body = f"{name}\0{said.get(name, value)}\0".encode()
        client.sendall(_message(kind, body))
        if kind == b"Z":
            return


def _relay(client: socket.socket, backend: socket.socket) -> None:
    """Pass on what the server says as it is, and what the client says with changes."""
    buffer = b""
    while True:
        waiting = isinstance(client, ssl.SSLSocket) and client.pending() > 0
        readable = [client] if waiting else select.select([client, backend], [], [])[0]
        if backend in readable:
            client.sendall(_some(backend))
        if client in readable:
            buffer += _some(client)
            while len(buffer) >= 5 and len(buffer) > (size := struct.unpack("!I", buffer[1:5])[0]):
                backend.sendall(_changed(buffer[:1], buffer[5 : size + 1]))
                buffer = buffer[size + 1 :]


def _changed(kind: bytes, body: bytes) -> bytes:
    """A message of the client with statements that PostgreSQL understands."""
    if kind not in (b"Q", b"P"):
        return _message(kind, body)
    # Parse: name, statement, types of parameters.
    name, statement = (b"", body) if kind == b"Q" else body.split(b"\0", 1)
    text, _, rest = statement.partition(b"\0")
    text = _VERSION.sub(f"'{VERSION}'::text".encode(), text)
    for pattern, reason in _UNKNOWN:
        if pattern.match(text):
            text = b"DO $$BEGIN RAISE feature_not_supported USING MESSAGE = '" + reason + b"'; END$$"
    return _message(kind, (b"" if kind == b"Q" else name + b"\0") + text + b"\0" + rest)


def _refuse(client: socket.socket, reason: str) -> None:
    client.sendall(_message(b"E", b"SFATAL\0C28000\0M" + reason.encode() + b"\0\0"))


def _message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!I", len(body) + 4) + body


def _receive(connection: socket.socket) -> tuple[bytes, bytes]:
    kind, size = struct.unpack("!cI", _exactly(connection, 5))
    return kind, _exactly(connection, size - 4)


def _exactly(connection: socket.socket, count: int) -> bytes:
    received = b""
    while len(received) < count:
        block = connection.recv(count - len(received))
        if not block:
            raise Closed
        received += block
    return received


def _some(connection: socket.socket) -> bytes:
    block = connection.recv(1 << 18)
    if not block:
        raise Closed
    return block


if __name__ == "__main__":
    configuration = json.loads(Path(sys.argv[1]).read_text())
    doors = [Door(door, configuration["users"], configuration["backend"]) for door in configuration["doors"]]
    for door in doors:
        threading.Thread(target=door.serve_forever).start()
    print("listening", flush=True)
