"""What ClickHouse says, as failures. It speaks in numbers, and in words that name the place."""

from __future__ import annotations

import http.client
import re

from underpass.connectors import failures
from underpass.failure import UnderpassError, fail
from underpass.ready import Ready

LABEL = "ClickHouse"

#: In the header of an answer that is an exception.
CODE_HEADER = "X-ClickHouse-Exception-Code"
_CODE = re.compile(r"Code: (\d+)\. DB::(?:Net)?Exception: ")
_END = re.compile(r"\s*(?:\((?P<name>[A-Z][A-Z0-9_]+)\))?\s*(?:\(version [^()]*(?:\([^()]*\))?\))?\s*\Z")
_POSITION = re.compile(r"failed at position (\d+)")

_CANCELLED = (394, 734, 735)
_TIMED_OUT = 159
_REFUSALS = {
    81: "database-not-found",
    195: "login-not-permitted",
    497: "login-not-permitted",
    202: "server-full",
    745: "server-full",
}
_NO_SESSION = 372
SETTING_REFUSED = 164
SESSION_IS_LOCKED, SESSION_TIMEOUT_TOO_LONG = 373, 374


class Refusal(Exception):
    """An exception of the server's. ``words`` are its own; ``code`` is 0 where it did not say."""

    def __init__(self, text: str, code: int = 0) -> None:
        found = _CODE.search(text)
        self.code = int(found[1]) if found else code
        words = text[found.end() :] if found else text
        end = _END.search(words)
        self.name = (end["name"] if end else None) or ""
        self.words = (words[: end.start()] if end else words).strip().rstrip(".")
        super().__init__(self.words)

    @property
    def sentence(self) -> str:
        """The words with what can be looked up."""
        known = " ".join(filter(None, (self.name, str(self.code or ""))))
        return f"{self.words} ({known})" if known else self.words


def login_failure(refusal: Refusal, ready: Ready) -> UnderpassError:
    """Why there is no session."""
    code = _REFUSALS.get(refusal.code, "login-refused")
    return failures.login_failed(code, ready, LABEL, refusal.sentence, refusal.code)


def option_refused(refusal: Refusal, name: str, ready: Ready) -> UnderpassError:
    """The server does not take one of the integration's options."""
    return fail(
        "invalid-field",
        "login",
        f'ClickHouse does not take the option "{name}": {failures.scrubbed(refusal.sentence, ready)}',
        "Correct or remove it in the integration: options are settings of ClickHouse.",
        field="options",
        server=refusal.code,
    )


def query_failure(refusal: Refusal, sql: str) -> UnderpassError:
    """Why a statement did not work."""
    if refusal.code in _CANCELLED:
        return failures.cancelled(LABEL, refusal.words)
    if refusal.code == _TIMED_OUT:
        return failures.query_timed_out(LABEL, refusal.words)
    if refusal.code == _NO_SESSION:
        return session_lost()
    detail: dict[str, int] = {}
    if found := _POSITION.search(refusal.words):
        # The server counts bytes.
        before = sql.encode(errors="replace")[: max(0, int(found[1]) - 1)]
        detail["position"] = len(before.decode(errors="ignore")) + 1
    return failures.query_failed(refusal.sentence, "", server=refusal.code, **detail)


def session_lost() -> UnderpassError:
    """The server has forgotten what the cells before have set and created."""
    return fail(
        "connection-lost",
        "query",
        "ClickHouse has ended the session; its settings and temporary tables are gone. Nothing was run.",
        "Run the cells that made them, then this one again.",
    )


def not_clickhouse(ready: Ready, reason: str) -> UnderpassError:
    """Something else answers, or ClickHouse in its other protocol."""
    return fail(
        "connection-lost",
        "login",
        f"{failures.address(ready)} does not answer as ClickHouse does: {failures.scrubbed(reason, ready)}",
        "Check the port: mostly 8443 with TLS and 8123 without; 9000 and 9440 are of another protocol.",
    )


def reason_of(error: Exception) -> str:
    """Words for a broken connection."""
    if isinstance(error, http.client.RemoteDisconnected):
        return "the server closed it"
    return str(error) or type(error).__name__
