"""Sockets for drivers that take one: with a deadline for dialling, and found dead when the other end is."""

from __future__ import annotations

import socket

from underpass.ready import Ready

from .tls import CONNECT_TIMEOUT

#: Seconds of silence until the first probe, between probes; probes that may be lost.
_KEEPALIVE = (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3))
#: Milliseconds for what was sent to be acknowledged.
_USER_TIMEOUT = 60_000


def dial(ready: Ready) -> socket.socket:
    """Connect to the integration's endpoint.

    Raises:
        OSError: see ``failures.not_reached``.
        UnderpassError: somebody else listens there.
    """
    ready.require_own_listener()
    connected = socket.create_connection((ready.endpoint.host, ready.endpoint.port), CONNECT_TIMEOUT)
    connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (*_KEEPALIVE, ("TCP_USER_TIMEOUT", _USER_TIMEOUT)):
        # Not every system has them all.
        if option := getattr(socket, name, None):
            connected.setsockopt(socket.IPPROTO_TCP, option, value)
    return connected
