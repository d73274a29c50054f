"""What can be said of TLS while a connection is opened: for "Test connection", never for a cell.

Connectors that use Python's own TLS are watched at the handshake. Others say what they know, and the
certificate is asked for on a connection of its own.
"""

from __future__ import annotations

import ssl
import time
from contextlib import suppress

from underpass.ready import Ready

from . import tls
from .base import Connector, Encryption
from .sockets import dial


class Watch:
    """Looks at the handshakes of this process; a context manager."""

    def __init__(self, connector: type[Connector], ready: Ready) -> None:
        self._connector = connector
        self._ready = ready
        self._seen: Encryption | None = None
        self._certificate: bytes | None = None
        #: From the beginning to the end of the handshake, where one was seen.
        self.seconds_until_encrypted: float | None = None

    def __enter__(self) -> Watch:
        self._began = time.monotonic()
        tls.observer = self._observe
        return self

    def __exit__(self, *exception: object) -> None:
        tls.observer = None

    def _observe(self, secured: ssl.SSLSocket) -> None:
        cipher = secured.cipher()
        # A handshake that only asks whether there is TLS checks nothing; the one of the driver does as told.
        verified = self._connector.tls_mode(self._ready) == "strict"
        self._seen = Encryption(
            encrypted=True,
            verified=verified,
            version=secured.version(),
            cipher=cipher[0] if cipher else None,
        )
        self._certificate = secured.getpeercert(binary_form=True)
        if self.seconds_until_encrypted is None:
            self.seconds_until_encrypted = time.monotonic() - self._began

    def encryption(self, connector: Connector | None) -> Encryption | None:
        """Of a connection that was opened, or of one whose login failed; None where nobody says."""
        said = connector.encryption() if connector else None
        if said is not None and not said.encrypted:
            self.seconds_until_encrypted = None
            return said
        if self._seen or said:
            return self._seen or said
        return Encryption(encrypted=False) if self._connector.tls_of_python else self._as_told()

    def _as_told(self) -> Encryption | None:
        """Modes that a connector keeps, whatever its driver: it would not have come to a login otherwise."""
        mode = self._connector.tls_mode(self._ready)
        return None if mode == "preferred" else Encryption(encrypted=True, verified=mode == "strict")

    def presented(self) -> bytes | None:
        """The server's certificate (DER): of the handshake that was seen, else asked for once more."""
        if self._certificate is None:
            with suppress(OSError, ValueError):
                self._certificate = self._asked()
        return self._certificate

    def _asked(self) -> bytes | None:
        wanted = tls.Tls.of(self._ready)
        context = tls.Tls("required", wanted.server_name, None, wanted.certificate, wanted.key).context()
        observer, tls.observer = tls.observer, None
        try:
            with dial(self._ready) as plain:
                if not self._connector.begin_tls(plain):
                    return None
                with context.wrap_socket(plain) as secured:
                    return secured.getpeercert(binary_form=True)
        finally:
            tls.observer = observer

    def sentence(self, encryption: Encryption | None) -> str:
        """For people."""
        if encryption is None:
            return "The driver does not say whether the connection is encrypted (TLS: preferred)"
        if not encryption.encrypted:
            return "Not encrypted: the server offers no TLS"
        version = encryption.version or "Encrypted with TLS"
        if encryption.verified:
            return f"{version}, certificate and name were checked"
        return f"{version}, the certificate was not checked (TLS: {self._connector.tls_mode(self._ready)})"
