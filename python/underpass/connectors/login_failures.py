"""Why a server does not let this user in: a code for each thing that is mended differently."""

from __future__ import annotations

from underpass.failure import UnderpassError, fail
from underpass.ready import Ready

from .addresses import address, scrubbed

#: Code: what the server does, and what to do about it.
_REFUSALS = {
    "login-refused": ("refused the login", "Check user and password of the integration."),
    "database-not-found": (
        "let the user in but has no such database",
        "Check the database of the integration: names may differ in upper and lower case.",
    ),
    "login-not-permitted": (
        "does not let this user in from this address, or not to this database",
        "Ask its administrator to allow it; behind a bastion, it is the bastion's address that counts.",
    ),
    "login-expired": (
        "has locked this user, or the password has expired",
        "Ask its administrator, or set a new password with the server's own tools.",
    ),
    "server-full": ("has no room for another connection", "Close other connections, or try again later."),
    "server-starting": ("is not ready", "Wait until it has started, then try again."),
}


def login_failed(
    code: str, ready: Ready, label: str, reason: str, server: str | int | None = None
) -> UnderpassError:
    """One of these.

    Args:
        code: Of the failure.
        ready: The integration.
        label: What the system is called.
        reason: The server's own words.
        server: Its own code, if it has one.
    """
    does, fix = _REFUSALS[code]
    return fail(
        code,
        "login",
        f"{label} on {address(ready)} {does}: {scrubbed(reason, ready)}",
        fix,
        **({} if server is None else {"server": server}),
    )


def login_refused(ready: Ready, label: str, reason: str, code: str | int | None = None) -> UnderpassError:
    """The server does not know this user or this password, or does not say what it does not like."""
    return login_failed("login-refused", ready, label, reason, code)
