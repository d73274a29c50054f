"""Where one client's sockets lead: every member of a deployment by the tunnel, under its own name in TLS.

PyMongo dials the names that the servers give themselves and has no option for another address or another name
in TLS. So its pool is given with one function changed: the one that opens a socket. That holds for this one
client (``_pool_class`` is PyMongo's own way to have another pool) and for nothing else in the process.
"""

from __future__ import annotations

import dataclasses
import ssl
import types
from collections.abc import Callable
from typing import Any

from pymongo.synchronous.pool import Pool

from underpass.connectors.failures import escape_refused
from underpass.connectors.tls import Tls
from underpass.failure import UnderpassError, fail
from underpass.ready import Endpoint, Ready

Address = tuple[str, int]
#: Names of PyMongo's function that opens a socket for an address, the newest first.
_OPENERS = ("_configured_socket_interface", "_configured_socket")
#: What to install where PyMongo has none of them.
_KNOWN = "pymongo>=4.9,<4.21"


class Dialler:
    """Knows what to dial for each server and what certificate it must show.

    ``failures`` holds why each address could not be reached the last time; PyMongo keeps only its text.
    """

    def __init__(self, ready: Ready, tls: Tls) -> None:
        self._ready = ready
        self._tls = tls
        self._contexts: dict[str, ssl.SSLContext] = {}
        #: Decided before the first client is made.
        self.encrypted = True
        self.failures: dict[Address, Exception] = {}

    def endpoint(self, host: str, port: int) -> Endpoint:
        """What to dial for a server.

        Raises:
            UnderpassError: no tunnel leads there, or it is no address.
        """
        own = self._ready.server
        if (host.lower(), port) == (own.host.lower(), own.port):
            # PyMongo dials again by itself, at any time.
            self._ready.require_own_listener()
            return self._ready.endpoint
        if "/" in host or host.endswith(".sock"):
            # PyMongo would open that socket of this machine's.
            raise escape_refused(self._ready, host, "a member")
        return self._ready.peer(host, port)

    def tls(self, host: str) -> Tls:
        """As the integration says, for a server of this name."""
        # The dot that ends a name in the DNS stands in no certificate.
        return dataclasses.replace(self._tls, server_name=host.removesuffix("."))

    def context(self, host: str) -> ssl.SSLContext:
        """One for each name: it also keeps that server's TLS sessions apart."""
        if host not in self._contexts:
            self._contexts[host] = self.tls(host).context()
        return self._contexts[host]

    def pool_class(self) -> type[Pool]:
        """PyMongo's pool, dialling by this.

        Raises:
            UnderpassError: this version of PyMongo opens its sockets in another way.
        """
        connect = Pool.connect
        opener = next((name for name in _OPENERS if name in connect.__code__.co_names), None)
        if opener is None or connect.__closure__ is not None or opener not in connect.__globals__:
            raise fail(
                "driver-missing",
                "request",
                "This version of PyMongo opens its connections in a way that is not known here.",
                f"Run this in a cell, then restart the kernel: %pip install '{_KNOWN}'",
                requirement=_KNOWN,
            )
        original: Callable[..., Any] = connect.__globals__[opener]

        def open_socket(address: Address, options: Any, *more: Any) -> Any:
            try:
                endpoint = self.endpoint(*address)
                opened = original((endpoint.host, endpoint.port), options, *more)
            except Exception as error:
                cause = error.__cause__
                self.failures[address] = cause if isinstance(cause, OSError) else error
                raise
            self.failures.pop(address, None)
            return opened

        dialler = self

        class TunnelPool(Pool):
            def __init__(self, address: Address, options: Any, *arguments: Any, **named: Any) -> None:
                context = dialler.context(address[0]) if dialler.encrypted else None
                own: Any = _WithContext(options, context)
                super().__init__(address, own, *arguments, **named)

        changed = {**connect.__globals__, opener: open_socket}
        TunnelPool.connect = types.FunctionType(connect.__code__, changed, "connect", connect.__defaults__)
        return TunnelPool


class _WithContext:
    """A pool's options, with the TLS of one server."""

    def __init__(self, options: Any, context: ssl.SSLContext | None) -> None:
        self._options = options
        self._ssl_context = context

    def __getattr__(self, name: str) -> Any:
        return getattr(self._options, name)


def first_reason(failures: dict[Address, Exception]) -> Exception | None:
    """Of several servers' failures the one to tell: what a person can mend before what may pass."""
    reasons = list(failures.values())
    for kind in (UnderpassError, ssl.SSLError, OSError):
        for reason in reasons:
            if isinstance(reason, kind):
                return reason
    return reasons[0] if reasons else None
