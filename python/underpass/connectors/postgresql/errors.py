"""What PostgreSQL says of a statement, as failures: it speaks in SQLSTATEs."""

from __future__ import annotations

from typing import Any

from underpass.connectors.base import unreadable_rows
from underpass.connectors.failures import cancelled, connection_lost, query_failed, query_timed_out
from underpass.connectors.libpq_errors import last_clause
from underpass.failure import UnderpassError
from underpass.statement import Statement

#: The driver writes ``COPY (`` before a statement that it runs this way; positions count it.
_COPY_FAILED = "could not begin COPY"
_COPY_PREFIX = len("COPY (")

_CANCELLED = "57014"
#: A limit has the same code as a person.
_TIMEOUT = "statement timeout"
#: Classes and codes after which there is no connection: 08, admin shutdown, crash, cannot connect now.
_LOST = ("08", "57P01", "57P02", "57P03", "57P05")
_TYPE_MISMATCH = ("42883", "42804")


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
    if state == _CANCELLED and _TIMEOUT in message:
        return query_timed_out("PostgreSQL", message)
    if state == _CANCELLED:
        return cancelled("PostgreSQL", message)
    if lost or state.startswith(_LOST):
        return connection_lost(message)
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
    return query_failed(sentence, fix, **detail)


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
    """Without the statement, which the driver repeats."""
    return last_clause(text.split("\n\nQuery was:")[0])
