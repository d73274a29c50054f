"""What is on the internet for the tests: an end of TLS that is reached at a port of ``localhost``."""

from __future__ import annotations

import socket
import sys

from .certificates import Flaw
from .databases.base import Site
from .tlsfront import TlsFront

NAME = "localhost"


class Published:
    """A port of the namespace's own loopback, with TLS in front, without the bastion. ``port`` is outside."""

    def __init__(self, site: Site, plain: int, encrypted: int, flaw: Flaw | None = None) -> None:
        log = site.folder / f"tls-{encrypted}.log"
        inside = f"127.0.0.1:{encrypted}"
        certificate = site.authority.server(NAME, flaw)
        self._front = TlsFront(site.namespace, inside, f"127.0.0.1:{plain}", certificate, log)
        with socket.create_server(("127.0.0.1", 0)) as outside:
            self.port: int = outside.getsockname()[1]
            argv = [sys.executable, "-m", "tests.servers.relay", str(outside.fileno()), inside]
            log = site.folder / f"relay-{encrypted}.log"
            self._relay = site.namespace.start(argv, log, keep=(outside.fileno(),))

    def stop(self) -> None:
        """End both."""
        self._relay.stop()
        self._front.stop()
