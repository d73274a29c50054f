"""Where the server says that rows are to be fetched.

An answer of Flight's may name other hosts for its rows, and the driver would dial them, with the token in its
hand. So each answer is read before the driver goes on.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import pyarrow as pa
from pyarrow import flight

from underpass.connectors.failures import escape_refused
from underpass.ready import Ready

_SAME_CONNECTION = "arrow-flight-reuse-connection"
#: What a server that listens on all its addresses may call itself; Dremio before 24.3.4 does.
_NOWHERE = ("", "0.0.0.0", "::")


def staying(partition: bytes, ready: Ready) -> bytes:
    """The same rows, to be fetched on the connection that there is.

    Args:
        partition: A FlightInfo with one endpoint, as the driver gives it.
        ready: What was dialled.
    Raises:
        UnderpassError: they are at another server.
    """
    endpoint = flight.FlightInfo.deserialize(partition).endpoints[0]
    if not endpoint.locations:
        return partition
    elsewhere = [uri for location in endpoint.locations if not _is_here(uri := _text(location.uri), ready)]
    if len(elsewhere) == len(endpoint.locations):
        raise escape_refused(ready, _host(elsewhere[0]), "the rows of a statement")
    descriptor = flight.FlightDescriptor.for_command(b"")
    here = flight.FlightEndpoint(endpoint.ticket, [])
    return flight.FlightInfo(pa.schema([]), descriptor, [here], -1, -1).serialize()


def _is_here(uri: str, ready: Ready) -> bool:
    parts = urlsplit(uri)
    host = (parts.hostname or "").lower()
    if parts.scheme == _SAME_CONNECTION or host in _NOWHERE:
        return True
    return any((host, parts.port) == (end.host.lower(), end.port) for end in (ready.server, ready.endpoint))


def _text(uri: str | bytes) -> str:
    return uri.decode("utf-8", "replace") if isinstance(uri, bytes) else uri


def _host(uri: str) -> str:
    return urlsplit(uri).netloc or uri
