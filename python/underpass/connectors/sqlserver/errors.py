"""What SQL Server and its driver say, as failures.

The driver passes on the server's numbers, but not its line numbers. So the word that the server quotes is
looked for in the batch: where it stands once, that is the place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import mssql_python

from underpass.connectors.failures import (
    address,
    cancelled,
    connection_lost,
    login_failed,
    no_tls,
    not_reached,
    query_failed,
    scrubbed,
    tls_failed,
    wrong_certificate,
)
from underpass.failure import UnderpassError, fail
from underpass.ready import Ready
from underpass.tokens import tokenize

from .batches import TOKENIZER

LABEL = "SQL Server"
_STATE = re.compile(r"\[(\w{5})\] \((-?\d+)\)")
#: Who speaks, in front of every message.
_SPEAKERS = re.compile(r"^(?:\[[^\]]*\])+")
_CANCELLED = "HY008"
_LOST = ("08", "HYT01")
#: No login: the name or password, the database, a locked or expired account.
_LOGIN = ("28000", "4060", "18456", "18470", "18486", "18487", "18488")
_REFUSALS = (
    (re.compile(r"Cannot open database", re.IGNORECASE), "database-not-found"),
    (re.compile(r"is not allowed to access the server|not permitted", re.IGNORECASE), "login-not-permitted"),
    (re.compile(r"locked out|has expired|must be changed|is disabled", re.IGNORECASE), "login-expired"),
    (re.compile(r"maximum number of|too many", re.IGNORECASE), "server-full"),
    (re.compile(r"is not currently available|starting|shutting down", re.IGNORECASE), "server-starting"),
)
#: Messages that quote a word of the batch: syntax; unknown functions, variables, columns, objects, types.
_QUOTING = ("102", "137", "156", "195", "207", "208", "243", "2715", "2812", "4104", "4121")
_QUOTED = re.compile("['\"]([^'\"]+)['\"]")
_NOT_CONVERTED = ("206", "241", "245", "257", "260", "402", "529", "8114", "8169")


class Diagnosis:
    """The records of a failed call, the most important first."""

    def __init__(self, error: Exception, records: Sequence[tuple[str, str]]) -> None:
        self.state, self.number, self.message = "", "", _words(error)
        if records and (found := _STATE.fullmatch(records[0][0])):
            self.state, self.number = found[1], found[2]
            self.message = _SPEAKERS.sub("", records[0][1]).strip()

    @property
    def may_be_lost(self) -> bool:
        """Whether this is not simply what the server thinks of the batch."""
        return self.state[:2] in ("", "08", "HY") or self.number in ("", "0")


def _words(error: Exception) -> str:
    text = str(getattr(error, "ddbc_error", "") or error)
    return _SPEAKERS.sub("", text).strip()


def login_failure(error: mssql_python.Error, ready: Ready) -> UnderpassError:
    """Why the driver did not get a connection, after the server had answered the first questions."""
    text = scrubbed(_words(error), ready)
    lowered = text.lower()
    if "failed to load the driver" in lowered:
        return library_missing()
    if "encryption not supported" in lowered:
        return no_tls(ready, LABEL)
    if "certificate verify failed" in lowered or "subject name" in lowered:
        reason = text.rpartition("certificate verify failed:")[2].rstrip("] ")
        reason = reason.replace("subject name does not match host name", "hostname mismatch")
        return wrong_certificate(ready, reason)
    if "ssl provider" in lowered:
        return tls_failed(ready, text)
    if "[sql server]" in str(getattr(error, "ddbc_error", "")).lower():
        # Without its number, which the driver does not pass on before there is a connection.
        code = next((code for words, code in _REFUSALS if words.search(text)), "login-refused")
        return login_failed(code, ready, LABEL, text)
    if "timeout" in lowered:
        return not_reached(ready, TimeoutError(text))
    return not_reached(ready, OSError(text))


def library_missing() -> UnderpassError:
    """Microsoft's library wants some of the system's, and the driver does not say which."""
    return fail(
        "driver-missing",
        "request",
        "Microsoft's library for SQL Server could not be loaded.",
        "Install what it needs from the system, then restart the kernel. "
        "Debian and Ubuntu: apt-get install libltdl7 libkrb5-3 libgssapi-krb5-2",
        missing="libltdl7",
        requirement="libltdl7 libkrb5-3 libgssapi-krb5-2",
    )


def not_sql_server(ready: Ready, reason: str) -> UnderpassError:
    """What answers at the address is something else."""
    return fail(
        "connection-lost",
        "login",
        f"What listens on {address(ready)} is no SQL Server: {scrubbed(reason, ready)}.",
        "Check host and port; a named instance has a port of its own.",
    )


def query_failure(
    found: Diagnosis, sql: str, params: Sequence[Any], *, lost: bool, asked: bool
) -> UnderpassError:
    """Why a batch did not work.

    Args:
        found: What the driver says.
        sql: The batch, with placeholders.
        params: Their values.
        lost: The connection is broken.
        asked: Somebody has asked for its end.
    """
    message = found.message
    if lost or found.state.startswith(_LOST):
        return connection_lost(message)
    if asked or found.state == _CANCELLED:
        return cancelled(LABEL, "The statement was cancelled.")
    detail: dict[str, Any] = {"sqlstate": found.state}
    if found.number and found.number != "0":
        detail["server"] = int(found.number)
        message = f"{message} (error {found.number})"
    if position := _position(found, sql):
        detail["position"] = position
    fix = ""
    if params and found.number in _NOT_CONVERTED:
        fix = "Cast the value to the type that is wanted, e.g. CAST({{ value }} AS date)."
    return query_failed(message, fix, **detail)


def _position(found: Diagnosis, sql: str) -> int | None:
    """Characters from 1 of the word that the server quotes, if it stands in the batch once."""
    quoted = _QUOTED.search(found.message)
    if quoted is None or found.number not in _QUOTING:
        return None
    try:
        tokens = tokenize(sql, TOKENIZER)
    except UnderpassError:
        return None
    # Names have parts: the last one is the most telling.
    wanted = re.split(r"[.@#]", quoted[1])[-1].strip("[]").lower()
    starts = [token.start for token in tokens if token.text.lower() == wanted]
    return starts[0] + 1 if len(starts) == 1 else None
