"""The failures that all systems have, in the same words. Drivers' own exceptions are read in each connector.

Nothing here may carry a secret: give ``scrubbed`` text of drivers that quote what they were given.
"""

from __future__ import annotations

import socket
import ssl

from underpass.failure import UnderpassError, fail
from underpass.ready import Ready


def address(ready: Ready) -> str:
    """The server as people know it, never the forward's local end."""
    host = f"[{ready.server.host}]" if ":" in ready.server.host else ready.server.host
    return f"{host}:{ready.server.port}"


def scrubbed(text: str, ready: Ready) -> str:
    """On one line and without the integration's secrets."""
    for secret in ready.secrets.values():
        if secret:
            text = text.replace(secret, "***")
    return " ".join(text.split())


def login_refused(ready: Ready, label: str, reason: str, code: str | int | None = None) -> UnderpassError:
    """The server does not know this user, this password or this database."""
    return fail(
        "auth-refused",
        "login",
        f"{label} on {address(ready)} refused the login: {scrubbed(reason, ready)}",
        "Check user, password and database of the integration.",
        **({} if code is None else {"server": code}),
    )


def no_tls(ready: Ready, label: str) -> UnderpassError:
    """The integration wants TLS and the server has none; nothing was sent to it."""
    return fail(
        "handshake-failed",
        "tls",
        f"{label} on {address(ready)} does not offer TLS.",
        "Switch TLS on in the server, or choose the mode preferred.",
    )


def wrong_certificate(ready: Ready, reason: str) -> UnderpassError:
    """Strict, and the certificate is not what it should be; ``reason`` in OpenSSL's words or like them."""
    lowered = reason.lower()
    if "hostname mismatch" in lowered or "ip address mismatch" in lowered or "not valid for" in lowered:
        message = f"The certificate that {address(ready)} presents is for another name."
        fix = "Use the name in the certificate as the integration's host."
    elif "expired" in lowered:
        message = f"The certificate that {address(ready)} presents has expired."
        fix = "Have the server's administrator renew it."
    else:
        message = f"The certificate that {address(ready)} presents is not trusted: {scrubbed(reason, ready)}"
        fix = "Check the CA certificate of the integration: it must be the one that signed the server's."
    return fail("handshake-failed", "tls", message, fix, reason=scrubbed(reason, ready))


def tls_failed(ready: Ready, reason: str) -> UnderpassError:
    """The handshake failed for another reason than the certificate."""
    return fail(
        "handshake-failed",
        "tls",
        f"TLS with {address(ready)} failed: {scrubbed(reason, ready)}",
        "Check the port and the TLS mode of the integration, and which versions of TLS the server allows.",
    )


def not_reached(ready: Ready, error: OSError) -> UnderpassError:
    """Why a socket could not be opened or broke before the login; TLS errors included."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return wrong_certificate(ready, error.verify_message or str(error))
    if isinstance(error, ssl.SSLError):
        return tls_failed(ready, error.reason or str(error))
    if ready.tunnelled:
        # All that is dialled is the forward's local end; the service knows what is behind it.
        return fail(
            "forward-failed",
            "forward",
            f"{address(ready)} could not be reached through the tunnel: {scrubbed(str(error), ready)}",
            "Test the connection in Integrations.",
        )
    if isinstance(error, socket.gaierror):
        return fail(
            "name-not-found", "resolve", f"There is no host called {ready.server.host}.", "Check the host."
        )
    if isinstance(error, TimeoutError):
        return fail(
            "connection-timed-out",
            "tcp",
            f"{address(ready)} does not answer.",
            "Check host and port, and whether a firewall is in between.",
        )
    if isinstance(error, ConnectionRefusedError):
        return fail(
            "connection-refused",
            "tcp",
            f"Nothing listens on {address(ready)}.",
            "Check host and port, and that the server runs.",
        )
    return fail(
        "connection-lost",
        "login",
        f"{address(ready)} ended the connection: {scrubbed(str(error), ready)}",
        "Check host and port: it may be another kind of server. Its log may say more.",
    )


def connection_lost(reason: str) -> UnderpassError:
    """Nobody knows whether the statement ran."""
    return fail(
        "connection-lost",
        "query",
        f"The connection was lost while the statement ran ({reason}).",
        "Find out whether it took effect, then run the cell again.",
    )


def cancelled(label: str, reason: str) -> UnderpassError:
    """The server ended the statement, as it was asked to."""
    return fail("cancelled", "query", f"{label}: {reason}", "Run it again.")


def query_failed(message: str, fix: str = "", **detail: object) -> UnderpassError:
    """The server refused a statement.

    Args:
        message: The server's own words, with its code.
        fix: What to do, where that is known.
        detail: ``position`` counts characters of the statement from 1, where the server says one.
    """
    return fail("query-failed", "query", message, fix, **detail)


def escape_refused(ready: Ready, where: str, what: str) -> UnderpassError:
    """The server named an address that the tunnel does not lead to; it was not dialled."""
    return fail(
        "forward-refused",
        "forward",
        f"{address(ready)} refers to {where} for {what}; that is not "
        f"{'behind this tunnel' if ready.tunnelled else 'this server'} and was not dialled.",
        f"Have the server not do that, or use an integration that leads to {where}.",
        address=where,
    )


def option_refused(name: str, field: str) -> UnderpassError:
    """An option of the driver would undo what the integration's other field says."""
    return fail(
        "invalid-field",
        "request",
        f'The option "{name}" can not be set: it would undo what the integration says.',
        f'Remove it; the field "{field}" decides that.' if field else "Remove it.",
        field="options",
    )


def position_of(text: str, line: int, column: int) -> int:
    """Characters from 1 of what stands at ``line`` and ``column`` (both from 1)."""
    lines = text.split("\n")
    line = min(max(line, 1), len(lines))
    return sum(len(before) + 1 for before in lines[: line - 1]) + max(column, 1)
