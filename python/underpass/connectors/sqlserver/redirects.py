"""Servers that send those who log in to another one: Azure's gateways, and replicas for reading.

The driver follows at once, past any tunnel, and tells nobody. So where a tunnel leads to a server that may
do so, the login is tried here first ([MS-TDS] 2.2.6.4); nothing follows, and the driver only gets to log in
where it is not sent away.
"""

from __future__ import annotations

import struct
from typing import Any

from underpass.connectors.failures import escape_refused, login_refused
from underpass.ready import Ready

from .dsn import login_name, option
from .prelogin import Answer, Greeting

LOGIN = 0x10
#: Azure SQL Database, its managed instances and Fabric all call themselves that, as SQL Server 2014 does.
_AZURE_VERSION = 12
_ERROR, _INFO, _ACK, _FEATURES, _CHANGE, _DONE = 0xAA, 0xAB, 0xAD, 0xAE, 0xE3, 0xFD
_ROUTING = 20
_TDS_74 = 0x74000004
_FIXED = 94


def may_redirect(ready: Ready, answer: Answer) -> bool:
    """Whether a login has to be tried: only where there is a tunnel that it could leave."""
    return ready.tunnelled and (answer.version == _AZURE_VERSION or _reads_only(ready))


def refuse_redirect(server: Greeting, ready: Ready, label: str) -> None:
    """Log in, on a connection that is used for nothing else.

    Raises:
        UnderpassError: the server names another one, or refuses the login.
        OSError: the connection broke.
    """
    server.send(LOGIN, _login(ready))
    content, at = server.receive(), 0
    while at < len(content) and content[at] in (_ERROR, _INFO, _ACK, _CHANGE):
        kind = content[at]
        (length,) = struct.unpack_from("<H", content, at + 1)
        body = content[at + 3 : at + 3 + length]
        at += 3 + length
        if kind == _ERROR:
            number, message = _message(body)
            raise login_refused(ready, label, message, number)
        if kind == _CHANGE and body[0] == _ROUTING:
            raise escape_refused(ready, _routed_to(body), "the login (a redirect)")


def _login(ready: Ready) -> bytes:
    texts: list[Any] = [
        "",
        login_name(ready),
        ready.secrets.get("password", ""),
        "underpass",
        ready.server.host,
        "",
        "underpass",
        "",
        str(ready.fields.get("database") or ""),
    ]
    encoded = [text.encode("utf-16-le") for text in texts]
    encoded[2] = bytes(((byte << 4 | byte >> 4) & 0xFF) ^ 0xA5 for byte in encoded[2])
    pairs, content = b"", b""
    for text in encoded:
        pairs += struct.pack("<HH", _FIXED + len(content), len(text) // 2)
        content += text
    end = struct.pack("<HH", _FIXED + len(content), 0)
    # The database must be there; the language may fail; reading only is a wish.
    flags = struct.pack("<BBBB", 0xE0, 0x03, 0x20 if _reads_only(ready) else 0, 0)
    head = (
        struct.pack("<IIIIII", _FIXED + len(content), _TDS_74, 4096, 7, 0, 0)
        + flags
        + struct.pack("<iI", 0, 0x409)
    )
    return head + pairs + bytes(6) + end * 3 + bytes(4) + content


def _reads_only(ready: Ready) -> bool:
    return option(ready, "ApplicationIntent").lower() == "readonly"


def _message(body: bytes) -> tuple[int, str]:
    number, _, _, length = struct.unpack_from("<IBBH", body)
    return number, body[8 : 8 + 2 * length].decode("utf-16-le", "replace")


def _routed_to(body: bytes) -> str:
    port, length = struct.unpack_from("<HH", body, 4)
    return f"{body[8 : 8 + 2 * length].decode('utf-16-le', 'replace')}:{port}"
