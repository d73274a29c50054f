"""What the DNS says of a deployment: the members and options behind ``mongodb+srv://name``."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl

import dns.exception
import dns.resolver

from underpass.connectors import failures
from underpass.connectors.tls import CONNECT_TIMEOUT
from underpass.failure import UnderpassError, fail
from underpass.ready import Ready

from .dial import Address
from .seeds import address_of

_DNS_PORT = 53
#: Options that the TXT record may set.
_TXT = {"authsource": "authSource", "replicaset": "replicaSet", "loadbalanced": "loadBalanced"}


def seeds_behind(ready: Ready, name: str) -> tuple[list[Address], dict[str, str]]:
    """The servers behind a name, and the options that the DNS adds.

    Raises:
        UnderpassError: the DNS does not know it, or names hosts of another domain.
    """
    options: Mapping[str, str] = ready.fields.get("options") or {}
    service = options.get("srvServiceName", "mongodb")
    resolver = _resolver(ready)
    query = f"_{service}._tcp.{name}"
    try:
        records = list(resolver.resolve(query, "SRV", tcp=bool(ready.fields.get("dnsServer"))))
    except (dns.exception.DNSException, OSError) as error:
        raise fail(
            "name-not-found",
            "resolve",
            f"The DNS does not say which servers are behind {name}: {failures.scrubbed(str(error), ready)}",
            "Check the name. If only the private network knows it, fill in its DNS server.",
        ) from None
    addresses = [(record.target.to_text(omit_final_dot=True).lower(), record.port) for record in records]
    _check_domain(ready, name, addresses)
    most = str(options.get("srvMaxHosts") or 0)
    if not most.isdecimal():
        raise fail(
            "invalid-field",
            "request",
            "srvMaxHosts must be a whole number.",
            'Correct the field "options".',
            field="options",
        )
    return addresses[: int(most)] if int(most) else addresses, _txt(resolver, ready, name)


def _check_domain(ready: Ready, name: str, addresses: Iterable[Address]) -> None:
    """Who can change an SRV record must not lead clients, and their logins, elsewhere."""
    labels = name.lower().removesuffix(".").split(".")
    domain = ".".join(labels[1:] if len(labels) > 2 else labels)
    for host, port in addresses:
        if not host.endswith(f".{domain}"):
            raise failures.escape_refused(ready, f"{host}:{port}", f"a member of {name}")


def _txt(resolver: dns.resolver.Resolver, ready: Ready, name: str) -> dict[str, str]:
    try:
        records = list(resolver.resolve(name, "TXT", tcp=bool(ready.fields.get("dnsServer"))))
    except (dns.exception.DNSException, OSError):
        return {}
    text = b"".join(records[0].strings).decode(errors="replace") if len(records) == 1 else ""
    return {_TXT[key.lower()]: value for key, value in parse_qsl(text) if key.lower() in _TXT}


def _resolver(ready: Ready) -> dns.resolver.Resolver:
    """This machine's, or one that asks the integration's own DNS server, by TCP: UDP has no tunnel."""
    server: Any = ready.fields.get("dnsServer")
    resolver = dns.resolver.Resolver(configure=not server)
    resolver.lifetime = CONNECT_TIMEOUT
    if server:
        host, port = address_of(str(server), _DNS_PORT)
        endpoint = ready.peer(host, port)
        try:
            found = socket.getaddrinfo(endpoint.host, endpoint.port, type=socket.SOCK_STREAM)
        except OSError:
            raise _unknown(host) from None
        resolver.nameservers = [str(found[0][4][0])]
        resolver.port = endpoint.port
    return resolver


def _unknown(host: str) -> UnderpassError:
    return fail("name-not-found", "resolve", f"There is no host called {host}.", "Check the DNS server.")
