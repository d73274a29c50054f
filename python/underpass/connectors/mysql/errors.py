"""What MySQL's servers and PyMySQL say, as failures."""

from __future__ import annotations

import re
import ssl
from typing import Any

import pymysql.err
from pymysql.constants import CR

from underpass.connectors import failures
from underpass.failure import UnderpassError, fail
from underpass.ready import Ready

from .reading import ServerError

#: Ended by KILL QUERY.
INTERRUPTED = (1317,)
#: Ended by a limit of the server's or of the statement's own: MariaDB's and MySQL's.
TIMED_OUT = (1969, 3024)
_REFUSALS = {
    1049: "database-not-found",
    **dict.fromkeys((1044, 1129, 1130), "login-not-permitted"),
    **dict.fromkeys((1820, 1862, 3118, 3955, 4151), "login-expired"),
    **dict.fromkeys((1040, 1203, 1226), "server-full"),
    1053: "server-starting",
}
#: The server has ended the connection: shut down, killed, idle for too long.
_LOST = (1053, 1927, 1152, 1153, 1158, 1159, 1160, 1161, 4031)
_SYNTAX = 1064
_NOT_PREPARABLE = 1295
_NOT_GROUPED = 1055
_NEAR = re.compile(r"near '(.*)' at line (\d+)\Z", re.DOTALL)
#: Names that a message quotes and that the statement has somewhere: an unknown column, table, routine.
_UNKNOWN = {
    1054: r"Unknown column '([^']+)'",
    1146: r"Table '([^']+)'",
    1305: r"(?:FUNCTION|PROCEDURE) (\S+)",
}


def login_failure(error: Exception, ready: Ready, label: str) -> UnderpassError:
    """Why there is no connection."""
    cause = getattr(error, "original_exception", None) or error.__context__
    if isinstance(cause, ssl.SSLError) or (isinstance(cause, OSError) and not isinstance(error, OSError)):
        return failures.not_reached(ready, cause)
    if isinstance(error, OSError):
        return failures.not_reached(ready, error)
    code, message = _words(error)
    if code == CR.CR_SSL_CONNECTION_ERROR:
        return failures.no_tls(ready, label)
    if isinstance(error, RuntimeError) and "package is required" in message:
        return _package_missing(message)
    if (
        code is None
        or (code >= CR.CR_UNKNOWN_ERROR and code < 3000)
        or not isinstance(error, pymysql.MySQLError)
    ):
        return failures.not_reached(ready, ConnectionAbortedError(message))
    return failures.login_failed(_REFUSALS.get(code, "login-refused"), ready, label, message, code)


def _words(error: Exception) -> tuple[int | None, str]:
    if isinstance(error, pymysql.MySQLError) and len(error.args) >= 2 and isinstance(error.args[0], int):
        return error.args[0], str(error.args[1])
    return None, str(error) or type(error).__name__


def _package_missing(message: str) -> UnderpassError:
    package = message.split("'")[1] if "'" in message else "cryptography"
    return fail(
        "driver-missing",
        "login",
        f'This user\'s way to log in needs the package "{package}", which is not installed in this kernel.',
        f"Run this in a cell, then run this one again: %pip install {package}",
        missing=package,
        requirement=package,
    )


def clear_password_refused(ready: Ready, label: str) -> UnderpassError:
    """The server wants to see the password itself, and so would everybody on the way."""
    return fail(
        "login-refused",
        "login",
        f"{label} on {failures.address(ready)} asks for the password in clear text, on a connection without "
        "TLS. It was not sent.",
        "Switch TLS on in the server and choose the mode strict; or give the user another way to log in.",
    )


def query_failure(error: ServerError, sql: str, label: str) -> UnderpassError:
    """Why a statement did not work."""
    if error.code in INTERRUPTED:
        return failures.cancelled(label, error.message)
    if error.code in TIMED_OUT:
        return failures.query_timed_out(label, error.message)
    if error.code in _LOST:
        return failures.connection_lost(error.message)
    detail: dict[str, Any] = {"server": error.code, "sqlstate": error.state}
    if position := position_of(error, sql):
        detail["position"] = position
    fix = ""
    if error.code == _NOT_PREPARABLE:
        fix = "{{ }} can not be sent with this kind of statement: write the value into the SQL."
    if error.code == _NOT_GROUPED and "?" in sql:
        fix = (
            "If that has {{ }} in it: no server can tell that two of them are the same value. Give the "
            "expression a name with AS, and group by that name."
        )
    return failures.query_failed(f"{error.message} (error {error.code})", fix, **detail)


def position_of(error: ServerError, sql: str) -> int | None:
    """Characters of ``sql``, from 1, where the server stopped, as far as it says."""
    if error.code == _SYNTAX and (found := _NEAR.search(error.message)):
        return _near(found[1].rstrip("\ufffd"), int(found[2]), sql)
    if found := re.search(_UNKNOWN.get(error.code, r"(?!)"), error.message):
        # Tables and routines are named with their schema.
        for name in (found[1], found[1].rpartition(".")[2]):
            places = [match.start() for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", sql)]
            if len(places) == 1:
                return places[0] + 1
    return None


def _near(text: str, line: int, sql: str) -> int | None:
    """Where ``text``, which may be cut off at its end, stands in a line or ends there."""
    if not text:
        return len(sql.rstrip()) + 1 if sql else None
    places = [match.start() for match in re.finditer(f"(?={re.escape(text)})", sql)]
    if not places:
        return None
    # The line is that of the word before or behind.
    place = min(places, key=lambda place: abs(sql.count("\n", 0, place) + 1 - line))
    return place + len(text) - len(text.lstrip()) + 1
