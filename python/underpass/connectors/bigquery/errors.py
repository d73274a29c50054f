"""What BigQuery and Google's client say, as failures."""

from __future__ import annotations

import re
from typing import Any

import requests
from google.api_core.exceptions import Forbidden, GoogleAPICallError, Unauthorized
from google.auth.exceptions import RefreshError, TransportError

from underpass.connectors.failures import (
    cancelled,
    connection_lost,
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

#: ``… at [2:7]``
_PLACE = re.compile(r"\[(\d+):(\d+)\]")
_CERTIFICATE = re.compile(
    r"CERTIFICATE_VERIFY_FAILED\] certificate verify failed: (?P<reason>[^(]*)|SSLError"
)
#: The method and address of the request, which the client puts in front, and the job behind.
_AROUND = re.compile(
    r"^(?:\d{3} )?(?:(?:GET|POST) \S+: )?(?P<words>.*?)(?:; reason: .*)?(?:\s*Location: .*)?$", re.DOTALL
)


def login_failure(error: Exception, ready: Ready) -> UnderpassError:
    """Why there is no token. Give it to the caller without the client's exception."""
    text = scrubbed(str(error), ready)
    if found := _CERTIFICATE.search(text):
        return wrong_certificate(ready, found["reason"] or text)
    if isinstance(error, TransportError | requests.RequestException):
        return not_reached(ready, ConnectionError(text))
    reason = error.args[0] if isinstance(error, RefreshError) and error.args else text
    return login_refused(ready, LABEL, str(reason))


def query_failure(error: Exception, sql: str, ready: Ready) -> UnderpassError:
    """Why a statement did not work."""
    if not isinstance(error, GoogleAPICallError):
        return connection_lost(scrubbed(str(error), ready))
    reasons = [entry.get("reason") for entry in error.errors if isinstance(entry, dict)]
    if "stopped" in reasons:
        return cancelled(LABEL, "the job was cancelled.")
    found = _AROUND.match(str(error))
    words = scrubbed(found["words"] if found else str(error), ready)
    if isinstance(error, Unauthorized):
        return login_refused(ready, LABEL, words)
    detail: dict[str, Any] = {"server": error.code, "reason": next(iter(reasons), None)}
    if place := _PLACE.search(words):
        detail["position"] = position_of(sql, int(place[1]), int(place[2]))
    fix = "Give the service account the role BigQuery Job User." if isinstance(error, Forbidden) else ""
    return query_failed(words, fix, **detail)
