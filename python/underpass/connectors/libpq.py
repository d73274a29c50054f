"""Connections by libpq: where to go, who to be, what to check.

Drivers on libpq differ in how they are given its options, not in what these mean.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from ipaddress import ip_address
from typing import Any, TypeVar

from underpass.failure import fail
from underpass.ready import Ready

from .base import Encryption
from .libpq_errors import login_failure, refuses_tls
from .tls import CONNECT_TIMEOUT, Mode, Tls

Connection = TypeVar("Connection")

_SSL_MODES: dict[Mode, str] = {"preferred": "require", "required": "require", "strict": "verify-full"}
#: Words of libpq's that the integration's fields decide, and the field.
DECIDED = {
    **dict.fromkeys(("host", "hostaddr", "service", "servicefile"), "host"),
    "port": "port",
    "user": "user",
    "dbname": "database",
    **dict.fromkeys(("password", "passfile", "scram_client_key", "scram_server_key"), "password"),
    **dict.fromkeys(("sslmode", "requiressl", "gssencmode", "sslsni", "sslkeylogfile"), "sslMode"),
    "sslrootcert": "caCertificate",
    **dict.fromkeys(("sslcert", "sslcertmode"), "clientCertificate"),
    **dict.fromkeys(("sslkey", "sslpassword"), "clientKey"),
    "client_encoding": "",
}
#: Its other words. Everything else that a person writes is a setting of the server's.
KEYWORDS = frozenset(
    (
        "application_name",
        "channel_binding",
        "connect_timeout",
        "fallback_application_name",
        "gssdelegation",
        "gsslib",
        "keepalives",
        "keepalives_count",
        "keepalives_idle",
        "keepalives_interval",
        "krbsrvname",
        "load_balance_hosts",
        "max_protocol_version",
        "min_protocol_version",
        "options",
        "replication",
        "require_auth",
        "requirepeer",
        "ssl_max_protocol_version",
        "ssl_min_protocol_version",
        "sslcompression",
        "sslcrl",
        "sslcrldir",
        "sslnegotiation",
        "target_session_attrs",
        "tcp_user_timeout",
    )
)
#: A file that can not be. An empty name would be one in the user's home, and a mode that does not check
#: certificates would check them if that is there.
_NO_FILE = f"{os.devnull}/none"
#: What libpq would ask the environment and the user's home for: passwords and certificates that are meant
#: for other servers among it.
_UNSAID: Mapping[str, Any] = {
    "password": "",
    "passfile": _NO_FILE,
    "sslcert": _NO_FILE,
    "sslrootcert": _NO_FILE,
    "sslsni": 1,
    "ssl_min_protocol_version": "TLSv1.2",
    "channel_binding": "prefer",
    "options": "",
}


def split_options(ready: Ready) -> tuple[dict[str, str], dict[str, str]]:
    """The field ``options``: what is for libpq, and settings for the server.

    Raises:
        UnderpassError: one of them is decided by another field.
    """
    words, settings = {}, {}
    for name, value in (ready.fields.get("options") or {}).items():
        if name.lower() in DECIDED:
            other = DECIDED[name.lower()]
            raise fail(
                "invalid-field",
                "request",
                f'The option "{name}" can not be set: it would undo what the integration says.',
                f'Remove it; the field "{other}" decides that.' if other else "Remove it.",
                field="options",
            )
        (words if name in KEYWORDS else settings)[name] = str(value)
    return words, settings


def as_switches(settings: Mapping[str, str]) -> str:
    """Settings of the server as a command line, for libpq's word ``options``."""

    def quoted(text: str) -> str:
        return text.replace("\\", "\\\\").replace(" ", "\\ ")

    return " ".join(f"-c {quoted(name)}={quoted(value)}" for name, value in settings.items())


@contextmanager
def connection_options(
    ready: Ready, words: Mapping[str, str], default: Mode = "preferred"
) -> Iterator[dict[str, Any]]:
    """What libpq is given, the TLS mode apart. With the password: give it to the driver and to nobody else.

    Certificates lie in files of the user's own while the context lasts: until the connection stands, longer
    if another one is to be made with the same options.
    """
    tls = Tls.of(ready, default)
    if tls.certificate:
        # Says what is wrong with them, as libpq would not.
        tls.context()
    options: dict[str, Any] = {
        **_UNSAID,
        "connect_timeout": CONNECT_TIMEOUT,
        "application_name": "underpass",
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 3,
        "tcp_user_timeout": 60_000,
        **words,
        # Certificates are checked against this name, also where another address is dialled.
        "host": tls.server_name,
        # Said also where there is none: otherwise the environment may name one.
        "hostaddr": _address(ready.endpoint.host) if ready.endpoint.host != ready.server.host else "",
        "port": ready.endpoint.port,
        "user": ready.fields["user"],
        "dbname": ready.fields["database"],
        "client_encoding": "UTF8",
        # It would take the place of TLS.
        "gssencmode": "disable",
    }
    if password := ready.secrets.get("password"):
        options["password"] = password
    with (
        tls.authority_file() if tls.verified else nullcontext(_NO_FILE) as authority,
        tls.client_file() if tls.certificate else nullcontext() as client,
    ):
        # "system": where the driver's own OpenSSL looks.
        options["sslrootcert"] = authority or "system"
        if client:
            options |= {"sslcert": client, "sslkey": client}
        yield options


def connect(
    ready: Ready,
    dial: Callable[[str], Connection],
    errors: type[Exception],
    label: str,
    default: Mode = "preferred",
) -> tuple[Connection, str]:
    """Connect as the TLS mode says; gives libpq's name for the mode that it came to, too.

    libpq's own ``prefer`` would try without TLS after any failure, a wrong password included.

    Args:
        ready: What the service answered.
        dial: Connects with this ``sslmode`` of libpq's.
        errors: What ``dial`` raises.
        label: What the system is called.
        default: The mode of integrations that do not say.
    Raises:
        UnderpassError: without the driver's exception, which may quote the password.
    """
    tls = Tls.of(ready, default)
    mode = _SSL_MODES[tls.mode]
    try:
        return dial(mode), mode
    except errors as error:
        text = str(error)
    if tls.mode != "preferred" or not refuses_tls(text):
        raise login_failure(text, ready, tls, label)
    try:
        return dial("disable"), "disable"
    except errors as error:
        text = str(error)
    raise login_failure(text, ready, tls, label)


def encryption_of(mode: str) -> Encryption:
    """What libpq has done in one of its modes; ``prefer``, which may mean either, is never used."""
    return Encryption(encrypted=mode != "disable", verified=mode == "verify-full")


def _address(host: str) -> str:
    """``hostaddr`` takes numbers only; forwards are on the loopback interface."""
    return str(ip_address(host)) if host != "localhost" else "127.0.0.1"
