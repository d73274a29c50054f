"""What a Trino session is: headers that the client sends with each statement and the server has it change."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from urllib.parse import quote, unquote_plus

from underpass.failure import fail

_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]+")
#: Without these the server rounds times to milliseconds and refuses SET PATH and SET SESSION AUTHORIZATION.
CAPABILITIES = "PATH,PARAMETRIC_DATETIME,SESSION_AUTHORIZATION"


@dataclass
class Session:
    """``values`` are headers with one value, by name without ``X-Trino-``; the others are lists of pairs."""

    values: dict[str, str]
    authorization: str | None = field(default=None, repr=False)
    properties: dict[str, str] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)
    prepared: dict[str, str] = field(default_factory=dict)
    transaction: str | None = None
    #: The user in whose name statements run, where that is another one.
    acting: str | None = None

    def log_in(self, user: str, password: str | None, token: str | None) -> None:
        """Send a token, else a password, with every request from now on.

        Raises:
            UnderpassError: what was given for a token is none.
        """
        if token:
            # Checked here, because what refuses to send it would quote it.
            if not _TOKEN.fullmatch(token.strip()):
                raise fail(
                    "invalid-field",
                    "request",
                    "The token has characters that no token has.",
                    "Paste it again, without quotes and in one line.",
                    field="token",
                )
            self.authorization = f"Bearer {token.strip()}"
        elif password:
            pair = base64.b64encode(f"{user}:{password}".encode()).decode()
            self.authorization = f"Basic {pair}"

    def headers(self) -> dict[str, str | bytes]:
        """For a request; text is sent as UTF-8."""
        values = {
            **self.values,
            "Client-Capabilities": CAPABILITIES,
            # NONE says that this client could keep one.
            "Transaction-Id": self.transaction or "NONE",
            "Session": _pairs(self.properties),
            "Role": _pairs(self.roles),
            "Prepared-Statement": _pairs(self.prepared),
        }
        if self.acting is not None:
            values["Original-User"] = values["User"]
            values["User"] = self.acting
        headers: dict[str, str | bytes] = {
            f"X-Trino-{name}": value.encode() for name, value in values.items() if value
        }
        if self.authorization:
            headers["Authorization"] = self.authorization
        return headers

    def update(self, answered: Message) -> None:
        """Do as an answer's headers say."""
        for name in ("Catalog", "Schema", "Path"):
            if value := answered.get(f"X-Trino-Set-{name}"):
                self.values[name] = value
        self.properties.update(_read(answered, "Set-Session"))
        self.roles.update(_read(answered, "Set-Role"))
        self.prepared.update(_read(answered, "Added-Prepare"))
        for name, _ in _read(answered, "Clear-Session"):
            self.properties.pop(name, None)
        for name, _ in _read(answered, "Deallocated-Prepare"):
            self.prepared.pop(name, None)
        if user := answered.get("X-Trino-Set-Authorization-User"):
            self.acting = user
        if answered.get("X-Trino-Reset-Authorization-User"):
            self.acting = None
        if started := answered.get("X-Trino-Started-Transaction-Id"):
            self.transaction = started
        if answered.get("X-Trino-Clear-Transaction-Id"):
            self.transaction = None


def _pairs(values: dict[str, str]) -> str:
    return ",".join(f"{quote(name)}={quote(value, safe='')}" for name, value in values.items())


def _read(answered: Message, name: str) -> Iterator[tuple[str, str]]:
    for line in answered.get_all(f"X-Trino-{name}", []):
        for pair in line.split(","):
            key, _, value = pair.strip().partition("=")
            if key:
                yield unquote_plus(key), unquote_plus(value)
