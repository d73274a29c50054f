"""How the driver is told where to go, who to be and what to check."""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import mssql_python

from underpass.connectors.failures import option_refused, scrubbed
from underpass.connectors.tls import CONNECT_TIMEOUT, Tls, private_file
from underpass.failure import fail
from underpass.ready import Ready

#: Words of the driver's that fields decide, and the field. The form refuses them, too.
_DECIDED = {
    "server": "host",
    "address": "host",
    "addr": "host",
    "uid": "user",
    "pwd": "password",
    "authentication": "user",
    "trusted_connection": "user",
    "database": "database",
    "encrypt": "sslMode",
    "trustservercertificate": "sslMode",
    "trust_server_certificate": "sslMode",
    "hostnameincertificate": "sslMode",
    "servercertificate": "caCertificate",
    # A connection that is made anew silently has lost its temporary tables.
    "connectretrycount": "",
    "connectretryinterval": "",
    "driver": "",
    "app": "",
}
_AZURE = ".database.windows.net"
_FILE, _FOLDER = "SSL_CERT_FILE", "SSL_CERT_DIR"
_environment = threading.Lock()


def connect(ready: Ready, tls: Tls, *, encrypted: bool) -> mssql_python.Connection:
    """Log in.

    Raises:
        UnderpassError: an option that must not be set, or that the driver does not know.
        mssql_python.Error: the driver's reason; it does not repeat what it was given.
    """
    text = connection_string(ready, tls, encrypted=encrypted)
    try:
        if tls.verified and tls.authority:
            with only_authority(tls.authority):
                return _connect(text)
        return _connect(text)
    except mssql_python.ConnectionStringParseError as error:
        raise fail(
            "invalid-field",
            "request",
            f"The driver does not understand an option of the integration: {scrubbed(str(error), ready)}",
            'Correct "More options of the driver".',
            field="options",
        ) from None


class Unpooled(mssql_python.Connection):
    """Never one that the driver's pool has left over from another tunnel; others may use the pool."""

    _pooling = property(lambda _: False, lambda _self, _value: None)


def _connect(text: str) -> mssql_python.Connection:
    return Unpooled(text, autocommit=True, timeout=CONNECT_TIMEOUT)


def connection_string(ready: Ready, tls: Tls, *, encrypted: bool) -> str:
    """With the password in it: give it to the driver and to nobody else."""
    words: dict[str, Any] = {
        "Server": f"tcp:{ready.endpoint.host},{ready.endpoint.port}",
        "UID": login_name(ready),
        "PWD": ready.secrets.get("password", ""),
        "Encrypt": "yes" if encrypted else "no",
        "ConnectRetryCount": 0,
        "KeepAlive": 30,
        "KeepAliveInterval": 10,
        **_options(ready.fields.get("options") or {}),
    }
    if database := ready.fields.get("database"):
        words["Database"] = database
    if encrypted and tls.verified:
        words |= {"TrustServerCertificate": "no", "HostnameInCertificate": tls.server_name}
    elif encrypted:
        words["TrustServerCertificate"] = "yes"
    return ";".join(f"{word}={{{str(value).replace('}', '}}')}}}" for word, value in words.items())


def login_name(ready: Ready) -> str:
    """Azure finds the database by a server's name behind the user's, as it is told 127.0.0.1 for a host."""
    user = str(ready.fields["user"])
    host = ready.server.host.lower()
    if host.endswith(_AZURE) and "@" not in user:
        return f"{user}@{host.removesuffix(_AZURE)}"
    return user


def option(ready: Ready, name: str) -> str:
    """An option of the driver that the integration sets, or nothing."""
    options: Mapping[str, str] = ready.fields.get("options") or {}
    return next((value for key, value in options.items() if key.strip().lower() == name.lower()), "").strip()


def _options(options: Mapping[str, str]) -> Mapping[str, str]:
    for name in options:
        if name.strip().lower() in _DECIDED:
            raise option_refused(name, _DECIDED[name.strip().lower()])
    return options


@contextmanager
def only_authority(authority: str) -> Iterator[None]:
    """Have OpenSSL trust this certificate authority and no other while the context lasts.

    The driver has no word for it, only the environment of the whole process: see docs/decisions/0016. So one
    at a time, and no longer than a connection takes.
    """
    with (
        private_file(authority, ".crt") as file,
        tempfile.TemporaryDirectory(prefix="underpass-") as nothing,
        _environment,
    ):
        before = {name: os.environ.get(name) for name in (_FILE, _FOLDER)}
        os.environ.update({_FILE: file, _FOLDER: nothing})
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value
