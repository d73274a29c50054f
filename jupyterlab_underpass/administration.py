"""What the administrator of a Jupyter server decides for its users, as traits of its configuration.

The tunnel service knows what follows from it; here it is only taken and passed on. A value that makes no
sense must not stop the server, and must not let through what was to be switched off: so these traits take
every value.
"""

from __future__ import annotations

import ipaddress
import json
import logging
from collections.abc import Iterator
from typing import Any

from traitlets import Bool, HasTraits, List

#: Names of the traits, and how the tunnel service calls them.
MEMBERS = {
    "egress_addresses": "egressAddresses",
    "egress": "egress",
    "ssh_tunnels": "sshTunnels",
    "generic_tunnel": "genericTunnel",
    "ca_upload": "caUpload",
}
SWITCHES = tuple(name for name in MEMBERS if name != "egress_addresses")


class Switch(Bool):
    """True or False; what is neither stays as it is, for the message about it."""

    def validate(self, obj: Any, value: Any) -> Any:
        return value

    def from_string(self, s: str) -> Any:
        try:
            return super().from_string(s)
        except ValueError:
            return s


class Addresses(List[Any]):
    """A list of anything, or what was given in its place."""

    def validate(self, obj: Any, value: Any) -> Any:
        return list(value) if isinstance(value, (list, tuple, set, frozenset)) else value


class Administration(HasTraits):
    """The traits, for the extension's application."""

    egress_addresses = Addresses(
        config=True,
        help="""IP addresses and CIDR blocks with which databases see this server, for example
        ``["198.51.100.7", "198.51.100.64/28"]``. Users are shown them with guides of how to authorize them,
        and can not give others.""",
    )
    egress = Switch(True, config=True, help="Show the egress addresses and their guides.")
    ssh_tunnels = Switch(
        True,
        config=True,
        help="""Allow SSH tunnels. False: integrations that use SSH can not be added or used; databases that
        need no tunnel still can.""",
    )
    generic_tunnel = Switch(
        True,
        config=True,
        help="""Allow integrations of the type "SSH tunnel", which lead to any TCP service behind a bastion.
        False: databases may still use SSH.""",
    )
    ca_upload = Switch(
        True,
        config=True,
        help="""Allow CA certificates in integrations. False: strict TLS checks against the authorities of the
        system alone.""",
    )

    def decisions(
        self, *, readable: bool, log: logging.Logger | logging.LoggerAdapter[Any]
    ) -> dict[str, Any]:
        """What was configured, as the tunnel service takes it; empty where nothing was.

        Args:
            readable: False if the configuration could not be read to its end: what it wanted is not known, so
                everything is switched off.
            log: Told what makes no sense, and what becomes of it.
        """
        if not readable:
            log.error(
                "The configuration of UnderpassExtension can not be read: until it can, "
                "all that it may switch off is switched off."
            )
            return {MEMBERS[name]: False for name in SWITCHES}
        for problem in self._problems():
            log.warning("c.UnderpassExtension.%s", problem)
        given = {name: getattr(self, name) for name in MEMBERS}
        decided = {
            MEMBERS[name]: value for name, value in given.items() if value != self.trait_defaults(name)
        }
        # What is no JSON is as wrong as before, but can be sent.
        return json.loads(json.dumps(decided, default=repr))

    def _problems(self) -> Iterator[str]:
        for name in SWITCHES:
            value = getattr(self, name)
            if not isinstance(value, bool):
                yield f"{name} must be True or False, not {value!r}: it is taken as False."
        entries = self.egress_addresses
        if not isinstance(entries, list):
            yield f"egress_addresses must be a list of addresses, not {entries!r}: it is left out."
            return
        for entry in entries:
            if not is_block(entry):
                yield f"egress_addresses: {entry!r} is no IP address or CIDR block: it is left out."


def is_block(entry: object) -> bool:
    try:
        return isinstance(entry, str) and bool(ipaddress.ip_network(entry.strip(), strict=False))
    except ValueError:
        return False
