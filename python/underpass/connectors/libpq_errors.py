"""Why libpq did not connect: it has no codes for what happens before a login, so its words are read.

They are never translated: drivers bring their own libpq, without other languages.
"""

from __future__ import annotations

import re
import socket
import ssl

from underpass.failure import UnderpassError, fail
from underpass.ready import Ready

from .failures import (
    client_certificate,
    login_failed,
    login_refused,
    no_tls,
    not_reached,
    scrubbed,
    tls_failed,
    wrong_certificate,
)
from .tls import CONNECT_TIMEOUT, Tls

#: What a client sends to ask for TLS; the answer is one letter, S for yes.
_SSL_REQUEST = bytes.fromhex("0000000804d2162f")
#: The server has TLS, but not for this user, database and address.
_NOT_WITH_TLS = re.compile(r"no pg_hba\.conf entry .*, SSL (?:encryption|on)\b", re.DOTALL)
_REFUSALS = (
    (re.compile(r"^database .* does not exist"), "database-not-found"),
    (
        re.compile(
            r"pg_hba\.conf|not permitted to log in|permission denied for database|not currently accepting"
        ),
        "login-not-permitted",
    ),
    (re.compile(r"too many (?:connections|clients)|connection slots are reserved"), "server-full"),
    (
        re.compile(r"the database system is (?:starting up|shutting down|in recovery|not yet accepting)"),
        "server-starting",
    ),
)
_BAD_OPTION = re.compile(
    r"invalid (?:connection option|URI query parameter|integer value|\S+ value).*"
    r"|unrecognized configuration parameter.*|invalid value for parameter.*",
    re.DOTALL,
)


def refuses_tls(text: str) -> bool:
    """Whether the server said that it does not want TLS, or not from us."""
    return "server does not support SSL" in text or _NOT_WITH_TLS.search(text) is not None


def login_failure(text: str, ready: Ready, tls: Tls, label: str) -> UnderpassError:
    """Why there is no connection, from the driver's ``text``."""
    text = scrubbed(text, ready)
    bad = _BAD_OPTION.search(text)
    if bad and ready.fields.get("options"):
        return fail(
            "invalid-field",
            "login",
            f"{label} does not take an option of the integration: {bad[0]}",
            'Correct the field "options".',
            field="options",
        )
    if "FATAL:" in text:
        return _refusal(text.rsplit("FATAL:", 1)[1].strip(), ready, label)
    if "no password supplied" in text:
        return login_refused(ready, label, "it wants a password, and the integration has none")
    if "authentication method requirement" in text:
        return login_refused(ready, label, last_clause(text))
    if "server does not support SSL" in text:
        return no_tls(ready, label)
    if "does not match host name" in text:
        return wrong_certificate(ready, f"Hostname mismatch: {last_clause(text)}")
    if "certificate verify failed" in text:
        return wrong_certificate(ready, _flaw(ready, tls) or last_clause(text))
    if "certificate" in text or "SSL" in text:
        return tls_failed(ready, last_clause(text))
    return not_reached(ready, _as_os_error(text))


def _refusal(reason: str, ready: Ready, label: str) -> UnderpassError:
    """libpq keeps the server's code to itself. Servers that speak another language are all told the same."""
    if "valid client certificate" in reason:
        return client_certificate(ready, reason)
    code = next((code for words, code in _REFUSALS if words.search(reason)), "login-refused")
    return login_failed(code, ready, label, reason)


def last_clause(text: str) -> str:
    """The end of libpq's chain of remarks, on one line."""
    line = " ".join(text.split())
    return line.rpartition("failed: ")[2].rpartition("[libpq] ")[2] or line


def _as_os_error(text: str) -> OSError:
    reason = last_clause(text)
    if "could not translate host name" in text or "failed to resolve host" in text:
        return socket.gaierror(reason)
    if "timeout expired" in text or "timed out" in text:
        return TimeoutError(reason)
    return ConnectionRefusedError(reason) if "Connection refused" in text else ConnectionError(reason)


def begin_tls(plain: socket.socket) -> bool:
    """Ask a server of PostgreSQL's protocol for TLS."""
    plain.sendall(_SSL_REQUEST)
    return plain.recv(1) == b"S"


def _flaw(ready: Ready, tls: Tls) -> str | None:
    """What is wrong with the server's certificate, which libpq does not say: asked for once more."""
    address = ready.endpoint.host, ready.endpoint.port
    try:
        with socket.create_connection(address, CONNECT_TIMEOUT) as plain:
            if begin_tls(plain):
                tls.context().wrap_socket(plain).close()
    except ssl.SSLCertVerificationError as error:
        return error.verify_message
    except OSError:
        pass
    return None
