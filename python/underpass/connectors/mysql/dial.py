"""From an integration to a login: the address, TLS and who one is."""

from __future__ import annotations

import socket
import struct
from typing import Any

# Not used here, but needed to log in to MySQL 8 and later: it is missed in time.
import cryptography  # noqa: F401
import pymysql
from pymysql.constants import CLIENT

from underpass.connectors.sockets import dial
from underpass.connectors.tls import CONNECT_TIMEOUT, Tls
from underpass.failure import UnderpassError
from underpass.ready import Ready

from .errors import clear_password_refused, login_failure
from .options import split_options

#: Ways to log in that send the password as it is: a server may ask for one of them at any time.
_CLEAR = ("mysql_clear_password", "dialog")


#: Length and number of the packet in front of it.
_HEADER = struct.Struct("<I")
#: Our side of an agreement on TLS; packets may be as large as they get, text is utf8mb4.
_SSL_REQUEST = struct.pack("<IIB23x", CLIENT.SSL | CLIENT.PROTOCOL_41 | CLIENT.SECURE_CONNECTION, 1 << 24, 45)


def begin_tls(plain: socket.socket) -> bool:
    """Hear the server's greeting and ask for TLS; False if it has none. Nobody logs in.

    Raises:
        OSError: what answers is no such server.
    """
    with plain.makefile("rb") as answers:
        header = answers.read(_HEADER.size)
        if len(header) < _HEADER.size:
            raise ConnectionResetError("it hung up")
        greeting = answers.read(_HEADER.unpack(header)[0] & 0xFFFFFF)
    # Behind the version: the connection's number, eight bytes and a zero, then what the server can do.
    at = greeting.find(b"\0") + 1 + 4 + 8 + 1
    if greeting[:1] != b"\x0a" or len(greeting) < at + 2:
        raise ConnectionAbortedError("it refused")
    if not int.from_bytes(greeting[at : at + 2], "little") & CLIENT.SSL:
        return False
    plain.sendall(_HEADER.pack(len(_SSL_REQUEST) | 1 << 24) + _SSL_REQUEST)
    return True


def log_in(ready: Ready, label: str) -> Any:
    """Dial, agree upon TLS, log in.

    Returns:
        PyMySQL's connection.
    Raises:
        UnderpassError: stage ``resolve``, ``tcp``, ``forward``, ``tls`` or ``login``.
    """

    def clear_allowed(login: Any) -> None:
        """Let PyMySQL do it, but not on every connection."""
        if not login._secure:
            raise clear_password_refused(ready, label)

    options, _ = split_options(ready)
    tls = Tls.of(ready)
    # Its stub is of an older one.
    connect: Any = pymysql.Connection
    connection = connect(
        **{"program_name": "underpass", **options},
        host=ready.server.host,
        user=ready.fields["user"],
        # Text would be sent in Latin-1, which no server expects.
        password=ready.secrets.get("password", "").encode(),
        database=ready.fields.get("database") or None,
        charset="utf8mb4",
        autocommit=True,
        ssl=tls.context(),
        # A hostile server could ask for any file.
        local_infile=False,
        auth_plugin_map=dict.fromkeys(_CLEAR, clear_allowed),
        read_timeout=CONNECT_TIMEOUT,
        write_timeout=CONNECT_TIMEOUT,
        defer_connect=True,
    )
    if tls.mode == "preferred":
        # Then the server's greeting decides.
        connection._ssl_required = False
        connection.client_flag &= ~CLIENT.SSL
    try:
        connection.connect(dial(ready))
    except UnderpassError:
        raise
    except Exception as error:
        raise login_failure(error, ready, label) from None
    return connection
