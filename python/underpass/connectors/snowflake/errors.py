"""What Snowflake and its driver say, as failures."""

from __future__ import annotations

import re
from typing import Any

from underpass.connectors.failures import (
    cancelled,
    connection_lost,
    login_failed,
    login_refused,
    not_reached,
    position_of,
    query_failed,
    scrubbed,
    wrong_certificate,
)
from underpass.failure import UnderpassError
from underpass.ready import Ready

from .opening import LABEL

CANCELLED = 604
#: 390100 and its like, which some versions of the driver have in the text only.
_AUTHENTICATION = re.compile(
    r"\b39[0-9]{4}\b|incorrect username or password|jwt token is invalid|token is invalid|authentication",
    re.IGNORECASE,
)
#: 390422: a network policy; 390102 and 390106: locked, or the password has expired.
_NOT_FROM_HERE = re.compile(r"\b390422\b|is not allowed to access Snowflake", re.IGNORECASE)
_LOCKED = re.compile(r"\b390(?:102|106|110)\b|locked|password has expired", re.IGNORECASE)
_CERTIFICATE = re.compile(r"certificate|self-signed|UnknownIssuer|NotValidForName|hostname", re.IGNORECASE)
_UNREACHABLE = re.compile(
    r"connection refused|dns|name or service|resolve|timed? ?out|unreachable|could not connect"
    r"|http request failed|error sending request|connection reset|closed before|max retries",
    re.IGNORECASE,
)
#: ``error line 1 at position 7``, ``syntax error line 1 at position 0 unexpected``: columns count from 0.
_PLACE = re.compile(r"line (\d+) at position (\d+)")
#: What the driver writes in front, sometimes twice.
_CODE = re.compile(r"^(?:\d{6}:? ?(?:\([0-9A-Z]{5}\))?: ?)+")


def login_failure(error: Exception, ready: Ready) -> UnderpassError:
    """Why there is no connection. Give it to the caller without the driver's exception."""
    text = scrubbed(_words(error), ready)
    if _NOT_FROM_HERE.search(text):
        return login_failed("login-not-permitted", ready, LABEL, text)
    if _LOCKED.search(text):
        return login_failed("login-expired", ready, LABEL, text)
    if _AUTHENTICATION.search(text):
        return login_refused(ready, LABEL, text)
    if _CERTIFICATE.search(text):
        return wrong_certificate(ready, f"hostname mismatch: {text}" if "name" in text.lower() else text)
    if _UNREACHABLE.search(text):
        refused = "refused" in text.lower()
        return not_reached(ready, ConnectionRefusedError(text) if refused else ConnectionError(text))
    return login_refused(ready, LABEL, text)


def query_failure(error: Exception, sql: str, ready: Ready) -> UnderpassError:
    """Why a statement did not work."""
    code, text = getattr(error, "errno", None), _words(error)
    if code == CANCELLED:
        return cancelled(LABEL, "the statement was cancelled.")
    if is_lost(error):
        return connection_lost(scrubbed(text, ready))
    detail: dict[str, Any] = {"server": code, "sqlstate": getattr(error, "sqlstate", None)}
    if place := _PLACE.search(text):
        detail["position"] = position_of(sql, int(place[1]), int(place[2]) + 1)
    return query_failed(scrubbed(text, ready), **detail)


def is_lost(error: Exception) -> bool:
    """Whether the session is no more, or nobody answers."""
    text = _words(error)
    expired = any(code in str(error) for code in ("390104", "390111", "390112", "390114"))
    return expired or ("error line" not in text and bool(_UNREACHABLE.search(text)) and not _has_state(error))


def _has_state(error: Exception) -> bool:
    state = getattr(error, "sqlstate", None)
    return bool(state) and not str(state).startswith("08")


def _words(error: Exception) -> str:
    return _CODE.sub("", str(getattr(error, "msg", None) or error)).strip()
