"""What Dremio and the driver say, as failures: they speak in gRPC's codes and in sentences."""

from __future__ import annotations

import re
from typing import Any

from underpass.connectors.failures import (
    cancelled,
    connection_lost,
    login_refused,
    not_reached,
    position_of,
    query_failed,
    scrubbed,
    tls_failed,
    wrong_certificate,
)
from underpass.failure import UnderpassError
from underpass.ready import Ready
from underpass.statement import Statement

from .opening import LABEL

#: gRPC's codes.
CANCELLED, INVALID_ARGUMENT, DEADLINE_EXCEEDED, UNIMPLEMENTED, UNAVAILABLE = 1, 3, 4, 12, 14
PERMISSION_DENIED, UNAUTHENTICATED = 7, 16
_NAMED = re.compile(r"rpc error: code = (\w+) desc = ")
_BEHIND = re.compile(r" \((\w+); ")
_NAMES = {
    "Canceled": CANCELLED,
    "DeadlineExceeded": DEADLINE_EXCEEDED,
    "InvalidArgument": INVALID_ARGUMENT,
    "PermissionDenied": PERMISSION_DENIED,
    "Unimplemented": UNIMPLEMENTED,
    "Unavailable": UNAVAILABLE,
    "Unauthenticated": UNAUTHENTICATED,
}

_FRAME = re.compile(
    r"^(?:[A-Z_]+: )?\[Flight ?SQL\] (?:rpc error: code = \w+ desc = )?(?P<words>.*?)"
    r"(?: \(\w+; [^()]*(?:\([^()]*\)[^()]*)*\))?(?:\. Vendor code: \d+)?$",
    re.DOTALL,
)
#: The driver's own words for a broken connection. Dremio, too, says UNAVAILABLE, of its own troubles.
_BROKEN = re.compile(
    r"connection error|error reading from server|transport is closing|connection reset|broken pipe"
    r"|use of closed network connection|client connection is closing|\bEOF\b|keepalive ping failed"
    r"|connection refused|no route to host|i/o timeout"
)
#: Go's words for a handshake that failed.
_HANDSHAKE = re.compile(r"authentication handshake failed: (?:tls: )?(.*?)\"?$", re.DOTALL)
_OTHER_NAME = re.compile(r"is valid for .*, not |is not valid for any names|doesn't contain any IP SANs")
#: From Calcite, and from the context that Dremio adds.
_PLACES = (
    re.compile(r"startLine\W+(\d+)\s+startColumn\W+(\d+)"),
    re.compile(r"[Ll]ine (\d+), column (\d+)"),
)
#: What follows repeats the statement.
_CONTEXT = re.compile(
    r"\s*^\[?(?:SQL Query|sql|startLine|startColumn|endLine|endColumn|Error Id)\b.*", re.MULTILINE
)


def code_of(error: Exception) -> int:
    """gRPC's code, 0 if there is none. Some calls of the driver have it in their text only."""
    if code := getattr(error, "vendor_code", None):
        return code
    text = str(error)
    found = _NAMED.search(text) or _BEHIND.search(text)
    return _NAMES.get(found[1], 0) if found else 0


def words_of(error: Exception) -> str:
    """What the server said, without what the driver puts around it."""
    text = str(error).strip()
    found = _FRAME.match(text)
    return found["words"].strip() if found else text


def login_failure(error: Exception, ready: Ready) -> UnderpassError:
    """Why there is no connection. Give it to the caller without the driver's exception."""
    words = scrubbed(words_of(error), ready)
    if code_of(error) in (PERMISSION_DENIED, UNAUTHENTICATED):
        return login_refused(ready, LABEL, words)
    if handshake := _HANDSHAKE.search(words):
        reason = handshake[1]
        if "x509" not in reason:
            return tls_failed(ready, reason)
        return wrong_certificate(
            ready, f"hostname mismatch: {reason}" if _OTHER_NAME.search(reason) else reason
        )
    if code_of(error) == UNAVAILABLE:
        return not_reached(ready, ConnectionError(words))
    if code_of(error) == DEADLINE_EXCEEDED:
        return not_reached(ready, TimeoutError(words))
    return query_failed(f"{LABEL}: {words}")


def query_failure(error: Exception, statement: Statement, ready: Ready) -> UnderpassError:
    """Why a statement did not work; ``statement`` is what was sent, as an edit of what was asked for."""
    words, code = words_of(error), code_of(error)
    if code == CANCELLED:
        return cancelled(LABEL, "the statement was cancelled.")
    if is_broken(error):
        return connection_lost(scrubbed(words, ready))
    if code == UNAUTHENTICATED:
        return login_refused(ready, LABEL, words)
    detail: dict[str, Any] = {"server": code}
    for place in _PLACES:
        if found := place.search(words):
            sent = position_of(statement.sql, int(found[1]), int(found[2])) - 1
            detail["position"] = statement.offset_in_cell(sent) + 1
            break
    return query_failed(scrubbed(_CONTEXT.split(words)[0] or words, ready), **detail)


def is_broken(error: Exception) -> bool:
    """Whether the connection is no more."""
    return code_of(error) == UNAVAILABLE and _BROKEN.search(words_of(error)) is not None


def knows_no_parameters(error: Exception) -> bool:
    """Whether a statement was refused, unexecuted, because it has parameters."""
    return code_of(error) == UNIMPLEMENTED or (
        code_of(error) == INVALID_ARGUMENT and "dynamic param" in words_of(error).lower()
    )
