"""Servers that ask a client for its password in clear text, as anybody on the way can make it seem."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from underpass.connectors.mysql import MySQL
from underpass.failure import UnderpassError
from underpass.ready import Endpoint, Ready

PASSWORD = "not for everybody"
#: Long flags, TLS not offered; ways to log in can be switched.
CAPABILITIES = 0x003FF7FF & ~0x0800 & ~0x0020


def greeting(plugin: bytes) -> bytes:
    low, high = CAPABILITIES & 0xFFFF, CAPABILITIES >> 16
    salt = b"12345678", b"901234567890\0"
    return (
        b"\x0a8.0.0\0"
        + struct.pack("<I8sBHBHHB10s", 7, salt[0], 0, low, 45, 2, high, 21, b"")
        + salt[1]
        + plugin
        + b"\0"
    )


def receive(connection: socket.socket) -> bytes:
    try:
        return connection.recv(1 << 16)
    except OSError:
        return b""


@contextmanager
def hostile(*packets: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """A server that sends these, one after the other answer; its port, and all that it was told."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                for number, packet in enumerate(packets):
                    connection.sendall(struct.pack("<I", len(packet) | 2 * number << 24) + packet)
                    heard.append(receive(connection))

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1], heard
        thread.join()


def ready(port: int) -> Ready:
    here = Endpoint("127.0.0.1", port)
    fields = {"user": "me", "sslMode": "preferred"}
    return Ready("id", "My DB", "mysql", 1, here, here, False, fields, {"password": PASSWORD})


@pytest.mark.parametrize(
    "packets",
    [
        [greeting(b"caching_sha2_password"), b"\xfemysql_clear_password\0"],
        [greeting(b"mysql_native_password"), b"\xfedialog\0\4Password: "],
        [greeting(b"mysql_clear_password"), b"\1"],
        [greeting(b"dialog"), b"\1\4Password: "],
    ],
)
def test_a_password_is_never_sent_in_clear_text_without_tls(packets: list[bytes]) -> None:
    with hostile(*packets) as (port, heard), pytest.raises(UnderpassError) as error:
        MySQL.open(ready(port))
    assert PASSWORD.encode() not in b"".join(heard)
    assert error.value.failure["code"] == "login-refused"
    assert "clear text" in error.value.failure["message"]
