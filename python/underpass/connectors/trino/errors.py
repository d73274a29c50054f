"""What Trino says, as failures. It has a name for each error, and says line and column in the statement."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from underpass.connectors.failures import (
    address,
    cancelled,
    connection_lost,
    login_failed,
    login_refused,
    position_of,
    query_failed,
    query_timed_out,
    scrubbed,
)
from underpass.failure import UnderpassError, fail
from underpass.ready import Ready

from .wire import Answer

LABEL = "Trino"

_WHERE = re.compile(r"line \d+:\d+: ")
_TYPE_FIX = "Cast the value to the type that is wanted, e.g. CAST({{ value }} AS uuid)."


def query_failure(error: Mapping[str, Any], sql: str, lines_before: int, *, bound: bool) -> UnderpassError:
    """Why a statement did not work.

    Args:
        error: As the server sends it.
        sql: The statement that was asked for.
        lines_before: Lines that were sent before its first one.
        bound: It has parameters.
    """
    name = str(error.get("errorName", ""))
    message = _WHERE.sub("", str(error.get("message", "")), count=1)
    if name == "USER_CANCELED":
        return cancelled(LABEL, message)
    if name in ("EXCEEDED_TIME_LIMIT", "EXCEEDED_CPU_LIMIT"):
        return query_timed_out(LABEL, message)
    if name == "SERVER_SHUTTING_DOWN":
        return connection_lost(message)
    detail: dict[str, Any] = {"server": name}
    location = error.get("errorLocation") or {}
    line = int(location.get("lineNumber", 0)) - lines_before
    if line > 0:
        detail["position"] = position_of(sql, line, int(location["columnNumber"]))
    fix = _TYPE_FIX if bound and name == "TYPE_MISMATCH" else ""
    return query_failed(f"{message} ({name})" if name else message, fix, **detail)


def login_failure(ready: Ready, answer: Answer, *, withheld: bool) -> UnderpassError:
    """Why the server does not take this user's requests.

    Args:
        ready: The integration.
        answer: Not 200.
        withheld: There is a password or a token, which was not sent, because there is no TLS.
    """
    if answer.status in (401, 403):
        if withheld:
            return fail(
                "login-refused",
                "login",
                f"{LABEL} on {address(ready)} refused the login without a password: without TLS neither "
                "passwords nor tokens are sent, and Trino takes none.",
                "Use a port with TLS, and the mode required or strict.",
                server=answer.status,
            )
        return login_refused(ready, LABEL, answer.words(), answer.status)
    if answer.status == 503:
        return login_failed("server-starting", ready, LABEL, answer.words(), answer.status)
    return fail(
        "connection-lost",
        "login",
        f"{address(ready)} does not answer as Trino does: {scrubbed(answer.words(), ready)}",
        "Check host and port: they are the coordinator's. It may still be starting.",
        server=answer.status,
    )
