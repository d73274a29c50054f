"""What Redshift says of a statement, as failures: in SQLSTATEs, like the PostgreSQL that it descends from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psycopg import pq

from underpass.connectors.failures import cancelled, connection_lost, query_failed, query_timed_out

from .wire import NOTHING_TO_COPY

if TYPE_CHECKING:
    from psycopg.pq.abc import PGresult

    from underpass.failure import UnderpassError

_CANCELLED = "57014"
#: A limit has the same code as a person.
_TIMEOUT = "statement timeout"
#: Classes and codes after which there is no connection: 08, admin shutdown, crash, cannot connect now.
_LOST = ("08", "57P01", "57P02", "57P03", "57P05")
_TYPE_MISMATCH = ("42883", "42804", "42P18")


def query_failure(result: PGresult, label: str, *, length: int, bound: bool) -> UnderpassError:
    """Why a statement did not work.

    Args:
        result: The error.
        label: What the system is called.
        length: Of the statement as it was written.
        bound: It had parameters.
    """

    def field(code: pq.DiagnosticField) -> str:
        return (result.error_field(code) or b"").decode("utf-8", "replace")

    state, message = field(pq.DiagnosticField.SQLSTATE), field(pq.DiagnosticField.MESSAGE_PRIMARY)
    if state == _CANCELLED and _TIMEOUT in message:
        return query_timed_out(label, message)
    if state == _CANCELLED and NOTHING_TO_COPY not in message:
        return cancelled(label, message)
    if not state or state.startswith(_LOST):
        return connection_lost(message or result.error_message.decode("utf-8", "replace").strip())
    detail: dict[str, Any] = {"sqlstate": state}
    if position := field(pq.DiagnosticField.STATEMENT_POSITION):
        detail["position"] = min(int(position), length + 1)
    more = field(pq.DiagnosticField.MESSAGE_DETAIL)
    fix = field(pq.DiagnosticField.MESSAGE_HINT)
    if bound and state in _TYPE_MISMATCH:
        fix = "Cast the value to the type that is wanted, e.g. {{ value }}::date or {{ value }}::varchar."
    sentence = f"{message} (SQLSTATE {state})"
    return query_failed(f"{sentence}. {more}" if more else sentence, fix, **detail)
