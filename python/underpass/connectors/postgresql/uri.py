"""How libpq is told where to go, who to be and what to check."""

from __future__ import annotations

import os
import ssl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from urllib.parse import quote, urlencode

from underpass.ready import Ready

#: Seconds for each address that the server's name has.
CONNECT_TIMEOUT = 15

_SSL_MODES = {"preferred": "prefer", "required": "require", "strict": "verify-full"}
#: Where systems keep all their certificate authorities in one file.
_SYSTEM_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)


@contextmanager
def connection_uri(ready: Ready) -> Iterator[str]:
    """URI for libpq, with the password in it: give it to the driver and to nobody else.

    An uploaded certificate authority lies in a file of the user's own while the context lasts, which must be
    until the connection stands.
    """
    mode = _SSL_MODES[ready.fields.get("sslMode") or "preferred"]
    options = {
        # Certificates are checked against this name, also where another address is dialled.
        "host": ready.server.host,
        "port": ready.endpoint.port,
        "user": ready.fields["user"],
        "dbname": ready.fields["database"],
        "sslmode": mode,
        "connect_timeout": CONNECT_TIMEOUT,
        "application_name": "underpass",
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 3,
        "tcp_user_timeout": 60_000,
    }
    if password := ready.secrets.get("password"):
        options["password"] = password
    if ready.endpoint.host != ready.server.host:
        options["hostaddr"] = _address(ready.endpoint.host)
    authority = ready.fields.get("caCertificate")
    if mode != "verify-full":
        yield _uri(options)
    elif not authority:
        yield _uri({**options, "sslrootcert": _system_authorities()})
    else:
        # Readable by this user only.
        with tempfile.NamedTemporaryFile("w", prefix="underpass-", suffix=".crt") as file:
            file.write(authority)
            file.flush()
            yield _uri({**options, "sslrootcert": file.name})


def _uri(options: dict[str, object]) -> str:
    return "postgresql://?" + urlencode(options, quote_via=quote)


def _address(host: str) -> str:
    """``hostaddr`` takes numbers only; forwards are on the loopback interface."""
    return str(ip_address(host)) if host != "localhost" else "127.0.0.1"


def _system_authorities() -> str:
    """A file with the system's authorities; else ``system``, where the driver's own OpenSSL looks."""
    candidates = (os.environ.get("SSL_CERT_FILE"), *_SYSTEM_BUNDLES, ssl.get_default_verify_paths().cafile)
    return next((path for path in candidates if path and os.path.isfile(path)), "system")
