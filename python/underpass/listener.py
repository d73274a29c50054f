"""Who listens on a local port: credentials go to a forward only when it is this user's own.

While the service was away, another user of the machine may have taken a port that was handed out. Linux says
who listens where; on other systems nobody is asked.
"""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

from .failure import UnderpassError, fail

TABLE = Path("/proc/net/tcp")
#: How the table says that a socket listens.
LISTENING = b"0A"
ANY = "0.0.0.0"


def require_own_listener(host: str, port: int) -> None:
    """Make sure that it is this user who listens there; costs some ten microseconds.

    Root counts as another user, unless we are root.

    Raises:
        UnderpassError: ``listener-foreign`` or ``listener-missing``; nothing was sent.
    """
    if sys.platform != "linux":
        return
    try:
        uid = _listener(host, port)
    except FileNotFoundError:
        # A system that does not say.
        return
    except OSError as error:
        raise _missing(f"It can not be seen who listens on {host}:{port} ({error.strerror}).", port) from None
    if uid is None:
        raise _missing(
            f"Nobody listens on {host}:{port} of this network, where the tunnel service should.", port
        )
    if uid != os.getuid():
        raise fail(
            "listener-foreign",
            "forward",
            f"Another user of this machine (uid {uid}) listens on {host}:{port}, which was a port of yours. "
            "Nothing was sent there.",
            "Run it again: the forward gets another port. Tell the administrator of this machine.",
            port=port,
            uid=uid,
        )


def _listener(host: str, port: int) -> int | None:
    """Uid of whoever would get a connection to that address."""
    exact, wildcard = _address(host, port), _address(ANY, port)
    fallback: int | None = None
    # Columns: sl local_address rem_address st tx:rx tr:tm retrnsmt uid … Those that listen stand first: with
    # thousands of connections, too, only the beginning is read, and not much of it at once.
    with TABLE.open("rb", buffering=8192) as table:
        for line in table:
            if (exact not in line and wildcard not in line) or LISTENING not in line:
                continue
            columns = line.split()
            if columns[3] != LISTENING:
                continue
            if columns[1] == exact:
                return int(columns[7])
            if columns[1] == wildcard:
                fallback = int(columns[7])
    return fallback


def _address(host: str, port: int) -> bytes:
    """As in the table: ``0100007F:1F90`` for 127.0.0.1:8080, the address in this machine's order of bytes."""
    number = int.from_bytes(socket.inet_aton(host), sys.byteorder)
    return f"{number:08X}:{port:04X}".encode()


def _missing(message: str, port: int) -> UnderpassError:
    return fail(
        "listener-missing",
        "forward",
        message,
        "Run it again. If this is another container than the one of the service, set UNDERPASS_RUNTIME_DIR "
        "to a folder of its own here: it gets a service of its own.",
        port=port,
    )
