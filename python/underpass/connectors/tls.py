"""TLS as an integration asks for it, for drivers that take Python's own SSLContext or files.

``preferred`` encrypts if the server offers it, ``required`` encrypts or fails, ``strict`` also checks the
certificate's authority and name: the database's own name, also where a forward on 127.0.0.1 is dialled.
"""

from __future__ import annotations

import os
import socket
import ssl
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast

from underpass.failure import fail
from underpass.ready import Ready

Mode = Literal["preferred", "required", "strict"]

#: Seconds for dialling and for each answer until the connection stands.
CONNECT_TIMEOUT = 15
#: Where systems keep all their certificate authorities in one file.
_SYSTEM_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)


@dataclass(frozen=True)
class Tls:
    """What an integration says about TLS. Certificates are PEM text; no ``authority`` means the system's."""

    mode: Mode
    #: Name that strict checks, and that the server is told (SNI).
    server_name: str
    authority: str | None = None
    certificate: str | None = None
    key: str | None = field(default=None, repr=False)

    @classmethod
    def of(cls, ready: Ready, default: Mode = "preferred") -> Tls:
        """Read the fields ``sslMode``, ``caCertificate``, ``clientCertificate`` and ``clientKey``."""
        return cls(
            mode=cast("Mode", ready.fields.get("sslMode") or default),
            # The dot that ends a name in the DNS stands in no certificate.
            server_name=ready.server.host.removesuffix("."),
            authority=ready.fields.get("caCertificate") or None,
            certificate=ready.fields.get("clientCertificate") or None,
            key=ready.secrets.get("clientKey") or None,
        )

    @property
    def verified(self) -> bool:
        return self.mode == "strict"

    def context(self) -> ssl.SSLContext:
        """Checks what the mode asks for, against ``server_name`` whatever name a driver gives."""
        context = NamedContext(ssl.PROTOCOL_TLS_CLIENT)
        context.server_name = self.server_name
        if self.verified:
            if self.authority:
                # Bundles have remarks between their certificates.
                context.load_verify_locations(cadata=self.authority.encode("ascii", "ignore").decode())
            else:
                context.load_default_certs()
        else:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if self.certificate:
            with self.client_file() as path:
                try:
                    context.load_cert_chain(path)
                except ssl.SSLError as error:
                    raise fail(
                        "invalid-field",
                        "tls",
                        f"The client certificate and its key do not fit together: {error.reason}",
                        "Give both as PEM text, the key without a passphrase.",
                        field="clientKey",
                    ) from None
        return context

    @contextmanager
    def client_file(self) -> Iterator[str]:
        """Path of a PEM file with certificate and key while the context lasts, for this user alone."""
        with secret_file(f"{self.certificate or ''}\n{self.key or ''}\n", ".pem") as path:
            yield path

    @contextmanager
    def authority_file(self) -> Iterator[str | None]:
        """Path of a PEM file of the authorities to trust while the context lasts; None if there is none."""
        if self.authority:
            with private_file(self.authority, ".crt") as path:
                yield path
        else:
            yield system_authorities()


#: Is shown each handshake that was done; set only where one connection is tested, in a process of its own.
observer: Callable[[ssl.SSLSocket], None] | None = None


class NamedContext(ssl.SSLContext):
    """Uses one name for SNI and check: drivers give the name that they dial, which is the forward's."""

    server_name: str | None = None

    def wrap_socket(self, sock: socket.socket, *args: Any, **kwargs: Any) -> ssl.SSLSocket:
        kwargs["server_hostname"] = self.server_name
        secured = super().wrap_socket(sock, *args, **kwargs)
        if observer is not None:
            observer(secured)
        return secured

    def wrap_bio(self, incoming: Any, outgoing: Any, *args: Any, **kwargs: Any) -> ssl.SSLObject:
        kwargs["server_hostname"] = self.server_name
        return super().wrap_bio(incoming, outgoing, *args, **kwargs)


def speaks_tls(host: str, port: int, tls: Tls) -> bool:
    """Whether what listens answers a TLS handshake with TLS, for protocols where the port decides.

    Args:
        host: What to dial.
        port: What to dial.
        tls: Its name is sent (SNI); its certificate is shown if asked for; nothing is verified.
    Raises:
        OSError: nothing answers; not an answer to the question.
    """
    context = Tls("required", tls.server_name, None, tls.certificate, tls.key).context()
    with socket.create_connection((host, port), CONNECT_TIMEOUT) as plain:
        try:
            context.wrap_socket(plain).close()
        except OSError as error:
            if is_not_tls(error):
                return False
            if not isinstance(error, ssl.SSLError):
                raise
    return True


def is_not_tls(error: OSError) -> bool:
    """Whether a handshake failed in the way it does with somebody who does not speak TLS."""
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError | ConnectionResetError):
        # It hung up on words that it does not know.
        return True
    # Alerts (handshake failure, certificate required) are spoken by who knows TLS.
    return isinstance(error, ssl.SSLError) and error.reason in (
        "WRONG_VERSION_NUMBER",
        "HTTP_REQUEST",
        "RECORD_LAYER_FAILURE",
        "INVALID_LENGTH",
    )


@contextmanager
def private_file(text: str, suffix: str) -> Iterator[str]:
    """Path of a file with ``text`` that only this user can read, while the context lasts."""
    descriptor, path = tempfile.mkstemp(prefix="underpass-", suffix=suffix)
    try:
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        yield path
    finally:
        Path(path).unlink(missing_ok=True)


@contextmanager
def secret_file(text: str, suffix: str) -> Iterator[str]:
    """The same, in memory alone where the system can do that: no disk keeps it, no crash leaves it behind.

    The path is good in this process alone.
    """
    if not os.path.exists("/proc/self/fd") or not hasattr(os, "memfd_create"):
        with private_file(text, suffix) as path:
            yield path
        return
    with open(os.memfd_create("underpass"), "w", encoding="utf-8") as file:
        # libpq refuses a key that others could read.
        os.fchmod(file.fileno(), 0o600)
        file.write(text)
        file.flush()
        yield f"/proc/self/fd/{file.fileno()}"


def system_authorities() -> str | None:
    """A file with the system's certificate authorities, where it has them in one."""
    candidates = (os.environ.get("SSL_CERT_FILE"), *_SYSTEM_BUNDLES, ssl.get_default_verify_paths().cafile)
    return next((path for path in candidates if path and os.path.isfile(path)), None)
