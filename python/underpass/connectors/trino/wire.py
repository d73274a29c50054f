"""HTTP to one Trino server: what is dialled is the endpoint, what is named and checked is the server.

No proxy and nothing else from the environment has a say, no redirect is followed and nothing is sent twice.
"""

from __future__ import annotations

import gzip
import http.client
import selectors
import socket
import time
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from underpass.connectors.failures import escape_refused
from underpass.connectors.tls import CONNECT_TIMEOUT
from underpass.ready import Ready

from .encoding import Encodings

if TYPE_CHECKING:
    import ssl

#: Seconds that the server may be silent within an answer; it promises one a second.
SILENCE = 120


@dataclass(frozen=True)
class Answer:
    """One response; ``body`` is not compressed any more."""

    status: int
    reason: str
    headers: http.client.HTTPMessage
    body: bytes

    def words(self) -> str:
        """What went wrong, from a response that is not the protocol's own."""
        kind = self.headers.get_content_type()
        text = self.body[:500].decode("utf-8", "replace").strip() if kind == "text/plain" else ""
        return text or f"{self.status} {self.reason}"


class Wire:
    """A kept connection to the server of ``ready``; dialled when first used, and again if it was dropped.

    Args:
        ready: Where to.
        context: For TLS; None is without.
        compress: The server may be asked to compress.
    """

    def __init__(self, ready: Ready, context: ssl.SSLContext | None, *, compress: bool = True) -> None:
        self._ready = ready
        self.context = context
        self.compress = compress
        self._connection = _Connection(ready, context)
        self._encodings = Encodings(compress=compress)

    def request(
        self, method: str, path: str, headers: Mapping[str, str | bytes], body: bytes | None = None
    ) -> Answer:
        """Ask and wait for all of the answer.

        Raises:
            OSError: the connection broke, or could not be opened; HTTPException: this is no HTTP.
            UnderpassError: the server refers to another one, which was not asked.
        """
        connection = self._connection
        if connection.is_dropped():
            connection.close()
        start = time.perf_counter()
        try:
            connection.request(method, path, body, {**headers, "Accept-Encoding": self._encodings.current})
            response = connection.getresponse()
            content = response.read()
        except BaseException:
            connection.close()
            raise
        seconds = time.perf_counter() - start
        packed = response.headers.get("Content-Encoding") == "gzip"
        if packed:
            try:
                content = gzip.decompress(content)
            except (zlib.error, EOFError) as error:
                raise OSError("compressed rows are damaged") from error
        self._encodings.measured("gzip" if packed else "identity", len(content), seconds)
        if location := response.headers.get("Location"):
            raise escape_refused(self._ready, host_of(location), "its answers")
        return Answer(response.status, response.reason, response.headers, content)

    def path_of(self, uri: str) -> str:
        """Path and query of an address that the server gave, which has to be its own: that of this wire.

        The scheme may be another: behind a proxy that ends TLS, few servers know what they are called by.

        Raises:
            UnderpassError: it is another server's.
        """
        parts, server = urlsplit(uri), self._ready.server
        if (parts.hostname or "").lower() != server.host.lower() or parts.port not in (None, server.port):
            raise escape_refused(self._ready, host_of(uri), "the rows of a statement")
        return f"{parts.path}?{parts.query}" if parts.query else parts.path

    def another(self) -> Wire:
        """A connection of its own to the same server."""
        return Wire(self._ready, self.context, compress=self.compress)

    def close(self) -> None:
        """End the connection. Never fails."""
        with suppress(OSError):
            self._connection.close()


class _Connection(http.client.HTTPConnection):
    """Called by the server's name, which goes into the requests, and dialled at the endpoint."""

    def __init__(self, ready: Ready, context: ssl.SSLContext | None) -> None:
        self.default_port = 443 if context else 80
        super().__init__(ready.server.host, ready.server.port)
        self._ready = ready
        self._context = context

    def connect(self) -> None:
        self._ready.require_own_listener()
        endpoint = self._ready.endpoint
        sock = socket.create_connection((endpoint.host, endpoint.port), CONNECT_TIMEOUT)
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            if self._context is not None:
                sock = self._context.wrap_socket(sock)
            sock.settimeout(SILENCE)
        except BaseException:
            sock.close()
            raise
        self.sock = sock

    def is_dropped(self) -> bool:
        """Whether the other side ended it while it rested: that is all that there can be to read."""
        if self.sock is None:
            return False
        with selectors.DefaultSelector() as selector:
            selector.register(self.sock, selectors.EVENT_READ)
            return bool(selector.select(0))


def host_of(uri: str) -> str:
    """Host and port of an address, without a user's name."""
    return urlsplit(uri).netloc.rpartition("@")[2] or uri
