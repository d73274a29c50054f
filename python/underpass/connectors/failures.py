"""The failures that all systems have, in the same words. Drivers' own exceptions are read in each connector.

Nothing here may carry a secret: give ``scrubbed`` text of drivers that quote what they were given.
"""

from __future__ import annotations

import socket
import ssl

from underpass.failure import UnderpassError, fail
from underpass.ready import Ready

from .addresses import address as address
from .addresses import scrubbed as scrubbed
from .login_failures import login_failed as login_failed
from .login_failures import login_refused as login_refused
from .tls_failures import certificate_refused
from .tls_failures import client_certificate as client_certificate
from .tls_failures import no_tls as no_tls
from .tls_failures import tls_failed as tls_failed
from .tls_failures import wrong_certificate as wrong_certificate


def not_reached(ready: Ready, error: OSError) -> UnderpassError:
    """Why a socket could not be opened or broke before the login; TLS errors included."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return certificate_refused(ready, error)
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


def query_timed_out(label: str, reason: str) -> UnderpassError:
    """The server ended the statement because it took longer than it allows."""
    return fail(
        "query-timed-out",
        "query",
        f"{label} ended the statement because it took too long: {reason}",
        "Have it do less, or raise the server's limit for the time of a statement.",
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
