"""One HTTP connection that does what it is told once: no pool, no second try, no redirect, no proxy."""

from __future__ import annotations

import base64
import http.client
import re
import select
import socket
import ssl
import time
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import urlencode

from underpass.connectors import sockets
from underpass.connectors.failures import no_tls, not_reached
from underpass.connectors.tls import Tls, is_not_tls
from underpass.ready import Ready

_KEEP_ALIVE = re.compile(r"timeout=(\d+)")
#: Seconds that a connection rests before it counts as closed, where the server does not say; those by which
#: what it says is shortened, because it may close while a request is on its way.
_UNTOLD, _MARGIN = 3, 2


class Link:
    """A connection to the integration's endpoint; ``secure`` says whether it is encrypted."""

    def __init__(self, connected: socket.socket, ready: Ready) -> None:
        self.secure = isinstance(connected, ssl.SSLSocket)
        self._connection = http.client.HTTPConnection(ready.server.host, ready.server.port)
        self._connection.sock = connected
        # Without this, one that was closed would be dialled again, past the tunnel.
        self._connection.auto_open = 0
        self._headers = _headers(ready)
        self._rested: float | None = None
        self._patience = _UNTOLD

    def post(
        self,
        query: Mapping[str, str | int],
        body: bytes,
        content_type: str = "text/plain",
        timeout: float | None = None,
    ) -> http.client.HTTPResponse:
        """Send a request and wait for the head of its answer, which must be read to its end.

        Args:
            query: What stands behind the question mark.
            body: What is posted.
            content_type: Of the body.
            timeout: Seconds for each answer of the network; None waits for ever.
        Raises:
            OSError: the connection broke; nobody knows whether the server has acted.
            HTTPException: so it did, or what answers does not speak HTTP.
        """
        if connected := self._connection.sock:
            connected.settimeout(timeout)
        headers = {**self._headers, "Content-Type": content_type}
        self._connection.request("POST", f"/?{urlencode(query)}", body, headers)
        answer = self._connection.getresponse()
        told = _KEEP_ALIVE.search(answer.headers.get("Keep-Alive", ""))
        self._patience = max(1, int(told[1]) - _MARGIN) if told else _UNTOLD
        return answer

    def rest(self) -> None:
        """Say that the answer was read: from now on the server may close the connection."""
        self._rested = time.monotonic()

    @property
    def is_stale(self) -> bool:
        """Whether the server has closed the connection, or may be about to."""
        connected = self._connection.sock
        if connected is None:
            return True
        if self._rested is None:
            return False
        readable, _, _ = select.select([connected], [], [], 0)
        return bool(readable) or time.monotonic() - self._rested > self._patience

    def abort(self) -> None:
        """Break the connection under whoever waits for an answer. May be called from another thread."""
        with suppress(OSError):
            if connected := self._connection.sock:
                connected.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Never fails."""
        with suppress(OSError):
            self._connection.close()


def dial(ready: Ready, tls: Tls, label: str, *, secure: bool | None = None) -> Link:
    """Open a connection; nothing of the integration has been sent on it but the server's name (SNI).

    Args:
        ready: Where to.
        tls: What the integration asks for.
        label: What the system is called.
        secure: Whether an earlier connection was encrypted: this one will be, too, or there is none.
    Raises:
        UnderpassError: stage ``resolve``, ``tcp``, ``forward`` or ``tls``.
    """
    try:
        if secure is False:
            return Link(sockets.dial(ready), ready)
        context = tls.context()
        plain = sockets.dial(ready)
        try:
            return Link(context.wrap_socket(plain), ready)
        except OSError as error:
            plain.close()
            if not is_not_tls(error):
                raise
            if tls.mode == "preferred" and secure is None:
                return Link(sockets.dial(ready), ready)
            if isinstance(error, ConnectionResetError):
                # Through a tunnel that may be the tunnel's end.
                raise
            raise no_tls(ready, label) from None
    except OSError as error:
        raise not_reached(ready, error) from None


def _headers(ready: Ready) -> dict[str, str]:
    user, password = str(ready.fields["user"]), ready.secrets.get("password") or ""
    if ready.fields.get("clientCertificate") and not password:
        return {"X-ClickHouse-User": user, "X-ClickHouse-SSL-Certificate-Auth": "on"}
    token = base64.b64encode(f"{user}:{password}".encode()).decode()
    return {"Authorization": f"Basic {token}"}
