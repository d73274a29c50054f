"""An integration's fields as a Trino session."""

from __future__ import annotations

import re
from collections.abc import Mapping

from underpass.failure import UnderpassError, fail
from underpass.ready import Ready

from .session import Session

#: Options that are headers, by the names that Trino's JDBC driver gives them.
HEADERS = {
    "clientInfo": "Client-Info",
    "clientTags": "Client-Tags",
    "path": "Path",
    "source": "Source",
    "timezone": "Time-Zone",
    "traceToken": "Trace-Token",
}
#: All that are no session properties.
OPTIONS = sorted([*HEADERS, "disableCompression", "roles", "sessionProperties", "sessionUser"])
#: As ``SHOW SESSION`` has them: ``query_max_run_time``, ``hive.parquet_writer_block_size``.
_PROPERTY = re.compile(r"([a-z0-9][a-z0-9_-]*\.)?[a-z][a-z0-9_]*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def session_of(ready: Ready) -> Session:
    """A session without credentials.

    Raises:
        UnderpassError: an option that there is not, or a value that can not be sent.
    """
    fields = ready.fields
    values = {"User": str(fields["user"]), "Source": "underpass"}
    for name in ("catalog", "schema"):
        if fields.get(name):
            values[name.capitalize()] = str(fields[name])
    session = Session(values)
    for name, value in options_of(ready).items():
        if name in HEADERS:
            values[HEADERS[name]] = value
        elif name == "sessionUser":
            session.acting = value
        elif name == "roles":
            roles = _listed(name, value)
            session.roles.update({catalog: _role(role) for catalog, role in roles.items()})
        elif name == "sessionProperties":
            session.properties.update(_listed(name, value))
        elif name in OPTIONS:
            continue
        elif _PROPERTY.fullmatch(name):
            session.properties[name] = value
        else:
            raise _refuse(
                f'"{name}" can not be set here.',
                f"Use a session property (SHOW SESSION lists them) or one of: {', '.join(OPTIONS)}. "
                "Address, TLS, user and password have fields of their own.",
            )
    for name, value in {**values, "sessionUser": session.acting or ""}.items():
        if _CONTROL.search(value):
            raise _refuse(f"The value of {name} has a line break or another control character.", "Remove it.")
    return session


def compresses(ready: Ready) -> bool:
    """Whether the server may be asked to compress what it sends."""
    return options_of(ready).get("disableCompression", "false").lower() != "true"


def options_of(ready: Ready) -> Mapping[str, str]:
    """What the person wrote beside the fields."""
    return ready.fields.get("options") or {}


def _role(name: str) -> str:
    return name if name in ("ALL", "NONE") else f"ROLE{{{name}}}"


def _listed(name: str, text: str) -> dict[str, str]:
    """``a:b;c:d``, as Trino's JDBC driver has it."""
    pairs = [pair.partition(":") for pair in text.split(";") if pair]
    if not all(key and colon for key, colon, _ in pairs):
        raise _refuse(f"{name} is not understood.", "Write it as name:value;name:value.")
    return {key.strip(): value for key, _, value in pairs}


def _refuse(message: str, fix: str) -> UnderpassError:
    return fail("invalid-field", "request", message, fix, field="options")
