"""PyMongo's exceptions as failures: by their types, codes and causes, never by their texts."""

from __future__ import annotations

import re
from typing import Any

from bson.errors import BSONError
from pymongo import MongoClient
from pymongo.errors import (
    BulkWriteError,
    ConnectionFailure,
    CursorNotFound,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
)

from underpass.connectors import failures
from underpass.failure import UnderpassError, fail
from underpass.ready import Ready

from .dial import Dialler, first_reason

LABEL = "MongoDB"
#: Interrupted, InterruptedAtShutdown is none of them; CursorKilled, QueryPlanKilled.
_INTERRUPTED = (11601, 237, 175)
_UNAUTHORIZED = 13
#: MaxTimeMSExpired.
_TIMED_OUT = 50
_OPERATOR = re.compile(r"\$\w+")
#: Characters of a statement's own words that an error may repeat.
_LONGEST = 1000


def login_failure(
    error: Exception, ready: Ready, dialler: Dialler, client: MongoClient[dict[str, Any]]
) -> UnderpassError:
    """Why a client could not log in."""
    if isinstance(error, UnderpassError):
        return error
    if isinstance(error, OperationFailure):
        code = "login-not-permitted" if error.code == _UNAUTHORIZED else "login-refused"
        return failures.login_failed(code, ready, LABEL, _words(error), error.code)
    reason = first_reason(dialler.failures)
    if isinstance(reason, UnderpassError):
        return reason
    if isinstance(error, ServerSelectionTimeoutError):
        if client.topology_description.has_known_servers:
            return no_member(client, dialler)
        return failures.not_reached(ready, reason) if isinstance(reason, OSError) else _nobody(ready)
    cause = error.__cause__ if isinstance(error.__cause__, OSError) else reason
    if isinstance(cause, OSError):
        return failures.not_reached(ready, cause)
    return failures.not_reached(ready, OSError(str(error)))


def no_member(client: MongoClient[dict[str, Any]], dialler: Dialler) -> UnderpassError:
    """Servers that are needed do not answer, others may: say of each what is known. Nothing was sent."""
    topology = client.topology_description
    states: list[str] = []
    for (host, port), server in topology.server_descriptions().items():
        reason = dialler.failures.get((host, port or 0))
        words = reason.failure["message"] if isinstance(reason, UnderpassError) else reason
        unknown = f"not reached ({words or 'no answer'})"
        states.append(f"{host}:{port} {server.server_type_name if server.is_server_type_known else unknown}")
    name = topology.replica_set_name
    whose = f"member of the replica set {name}" if name else "server"
    return fail(
        "connection-timed-out",
        "tcp",
        f"No {whose} that could take this was found: {'; '.join(states)}.",
        "Check that the set has a primary and that the bastion may forward to all members; "
        "or read from others with the option readPreference = secondaryPreferred.",
    )


def query_failure(error: Exception, statement: str, *, cancelled: bool) -> UnderpassError:
    """Why a statement failed."""
    if isinstance(error, UnderpassError):
        return error
    if isinstance(error, OperationFailure):
        if error.code in _INTERRUPTED or (cancelled and isinstance(error, CursorNotFound)):
            return failures.cancelled(LABEL, "the operation was interrupted")
        if error.code == _TIMED_OUT:
            return failures.query_timed_out(LABEL, _words(error))
        detail: dict[str, Any] = {**_place(error, statement), "server": error.code}
        return failures.query_failed(_words(error), **detail)
    if isinstance(error, ConnectionFailure):
        # The driver's text names the address that was dialled, and its time limits.
        return failures.connection_lost(type(error.__cause__ or error).__name__)
    if isinstance(error, PyMongoError | BSONError | ValueError | TypeError | OverflowError):
        return failures.query_failed(" ".join(str(error).split())[:_LONGEST])
    raise error


def _words(error: OperationFailure) -> str:
    details: dict[str, Any] = dict(error.details or {})
    if isinstance(error, BulkWriteError) and details.get("writeErrors"):
        details = dict(details["writeErrors"][0])
    text = " ".join(str(details.get("errmsg") or error).split())[:_LONGEST]
    name = details.get("codeName")
    return f"{text} ({name})" if name else text


def _place(error: OperationFailure, statement: str) -> dict[str, int]:
    """MongoDB says no position; but the operator that it names may stand only once."""
    named = set(_OPERATOR.findall(str((error.details or {}).get("errmsg", ""))))
    places = [found.start() for found in _OPERATOR.finditer(statement) if found.group() in named]
    return {"position": places[0] + 1} if len(places) == 1 else {}


def _nobody(ready: Ready) -> UnderpassError:
    return fail(
        "connection-timed-out",
        "forward" if ready.tunnelled else "tcp",
        f"No server of MongoDB answered on {failures.address(ready)}.",
        "Check host and port: it may be another kind of server, or one that asks for TLS in another way.",
    )
