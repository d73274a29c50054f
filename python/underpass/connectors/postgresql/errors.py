"""What PostgreSQL and libpq say, as failures.

The server speaks in SQLSTATEs. libpq has no codes for what happens before a login, so its (never translated)
words are read for those.
"""

from __future__ import annotations

from typing import Any

from underpass.connectors.base import unreadable_rows
from underpass.failure import UnderpassError, fail
from underpass.ready import Ready
from underpass.statement import Statement

#: The driver writes ``COPY (`` before a statement that it runs this way; positions count it.
_COPY_FAILED = "could not begin COPY"
_COPY_PREFIX = len("COPY (")

_CANCELLED = "57014"
#: Classes and codes after which there is no connection: 08, admin shutdown, crash, cannot connect now.
_LOST = ("08", "57P01", "57P02", "57P03", "57P05")
_TYPE_MISMATCH = ("42883", "42804")


def login_failure(error: Exception, ready: Ready) -> UnderpassError:
    """Why there is no connection."""
    text = _scrubbed(_words(error), ready)
    server = f"{ready.server.host}:{ready.server.port}"
    if "FATAL:" in text:
        reason = text.rsplit("FATAL:", 1)[1].strip()
        return fail(
            "auth-refused",
            "login",
            f"PostgreSQL on {server} refused the login: {reason}",
            "Check user, password and database of the integration.",
            server=reason,
        )
    on_tls = _of_tls(text, server)
    if on_tls is None and ready.tunnelled:
        # All that is dialled is the forward's local end.
        message = f"{server} could not be reached through the tunnel: {_last_clause(text)}"
        return fail("forward-failed", "forward", message, "Test the connection in Integrations.", driver=text)
    code, stage, message, fix = on_tls or _on_the_way(text, server)
    return fail(code, stage, message, fix, driver=text)


def _of_tls(text: str, server: str) -> tuple[str, str, str, str] | None:
    if "server does not support SSL" in text:
        return (
            "handshake-failed",
            "tls",
            f"PostgreSQL on {server} does not offer TLS.",
            "Switch TLS on in the server, or choose the mode preferred.",
        )
    if "does not match host name" in text:
        return (
            "handshake-failed",
            "tls",
            f"The certificate that {server} presents is for another name.",
            "Use the name in the certificate as the integration's host.",
        )
    if "certificate" in text or "SSL" in text:
        return (
            "handshake-failed",
            "tls",
            f"TLS with {server} failed: {_last_clause(text)}",
            "Check the CA certificate of the integration: it must be the one that signed the server's.",
        )
    return None


def _on_the_way(text: str, server: str) -> tuple[str, str, str, str]:
    if "could not translate host name" in text:
        return "name-not-found", "resolve", f"There is no host called {server}.", "Check the host."
    if "timeout expired" in text or "timed out" in text:
        return (
            "connection-timed-out",
            "tcp",
            f"{server} does not answer.",
            "Check host and port, and whether a firewall is in between.",
        )
    if "Connection refused" in text:
        return (
            "connection-refused",
            "tcp",
            f"Nothing listens on {server}.",
            "Check host and port, and that the server runs.",
        )
    return (
        "connection-lost",
        "login",
        f"{server} ended the connection: {_last_clause(text)}",
        "Check that this is a PostgreSQL server; its log may say more.",
    )


def query_failure(error: Exception, statement: Statement, *, lost: bool) -> UnderpassError:
    """Why a statement did not work.

    Args:
        error: The driver's exception.
        statement: What was sent, as an edit of what was asked for.
        lost: The connection is broken.
    """
    text = _words(error)
    diagnostics = _diagnostics(error)
    state = getattr(error, "sqlstate", None) or ""
    message = diagnostics.get("PG_DIAG_MESSAGE_PRIMARY") or _last_clause(text)
    if state == _CANCELLED:
        return fail("cancelled", "query", f"PostgreSQL: {message}", "Run it again.", sqlstate=state)
    if lost or state.startswith(_LOST):
        return fail(
            "connection-lost",
            "query",
            f"The connection was lost while the statement ran ({message}).",
            "Find out whether it took effect, then run the cell again.",
            sqlstate=state,
        )
    detail: dict[str, Any] = {"sqlstate": state}
    if position := diagnostics.get("PG_DIAG_STATEMENT_POSITION"):
        sent = int(position) - 1 - (_COPY_PREFIX if _COPY_FAILED in text else 0)
        detail["position"] = statement.offset_in_cell(max(0, sent)) + 1
    more = [
        diagnostics[key] for key in ("PG_DIAG_MESSAGE_DETAIL", "PG_DIAG_MESSAGE_HINT") if key in diagnostics
    ]
    fix = more[-1] if more else ""
    if statement.params and state in _TYPE_MISMATCH:
        fix = "Cast the value to the type that is wanted, e.g. {{ value }}::uuid or {{ value }}::date."
    elif not state:
        fix = fix or "The driver can not run this kind of statement (such as COPY)."
    sentence = f"{message} (SQLSTATE {state})" if state else message
    if len(more) > 1:
        sentence += f". {more[0]}"
    return fail("query-failed", "query", sentence, fix, **detail)


def reading_failure(error: Exception) -> UnderpassError:
    """What the driver, not the server, could not do with the rows of a statement."""
    return unreadable_rows(_last_clause(_words(error)))


def _diagnostics(error: Exception) -> dict[str, str]:
    details = getattr(error, "details", None) or ()
    return {str(key, "ascii") if isinstance(key, bytes) else key: _text(value) for key, value in details}


def _text(value: str | bytes) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def _words(error: Exception) -> str:
    return str(error).strip()


def _last_clause(text: str) -> str:
    """The end of libpq's chain of remarks, on one line, without the driver's status before it."""
    line = " ".join(text.split("\n\nQuery was:")[0].split())
    return line.rpartition("failed: ")[2].rpartition("[libpq] ")[2] or line


def _scrubbed(text: str, ready: Ready) -> str:
    """Without the secrets: libpq quotes a URI that it can not read."""
    for secret in ready.secrets.values():
        if secret:
            text = text.replace(secret, "***")
    return text
