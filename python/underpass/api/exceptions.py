"""The exceptions of PEP 249. Each is an UnderpassError, too: ``failure`` says code, stage and what to do."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from underpass.failure import Failure, UnderpassError


class Warning(Exception):
    """Required by PEP 249; never raised."""


class Error(UnderpassError):
    """Everything that goes wrong here."""

    def __reduce__(self) -> tuple[type[UnderpassError], tuple[Failure]]:
        return type(self), (self.failure,)


class InterfaceError(Error):
    """On this side: a missing driver, a closed connection, a kernel on another machine."""


class DatabaseError(Error):
    """The server refused, and did not say in a way that all systems share why."""


class DataError(DatabaseError):
    """A value: out of range, division by zero."""


class OperationalError(DatabaseError):
    """Nobody's mistake in the statement: tunnel, TLS, login, a lost connection, a timeout, Stop."""


class IntegrityError(DatabaseError):
    """A constraint was violated."""


class InternalError(DatabaseError):
    """The server is in a state in which it can not go on: an aborted transaction."""


class ProgrammingError(DatabaseError):
    """The statement, its parameters or the name of the integration."""


class NotSupportedError(DatabaseError):
    """The system has no such thing, such as transactions."""


_BY_CODE: dict[str, type[Error]] = {
    "cancelled": OperationalError,
    "connection-lost": OperationalError,
    "driver-missing": InterfaceError,
    "internal": InterfaceError,
    "invalid-field": ProgrammingError,
    "invalid-request": ProgrammingError,
    "kernel-elsewhere": InterfaceError,
    "not-a-database": ProgrammingError,
    "not-connected": ProgrammingError,
    "not-supported": NotSupportedError,
    "protocol-version": InterfaceError,
    "query-failed": DatabaseError,
    "read-only": ProgrammingError,
    "unknown-integration": ProgrammingError,
    "unknown-project": ProgrammingError,
}
#: Classes of SQLSTATE: the first two of its five characters.
_BY_STATE: dict[str, type[Error]] = {
    "08": OperationalError,
    "0A": NotSupportedError,
    "21": ProgrammingError,
    "22": DataError,
    "23": IntegrityError,
    "25": InternalError,
    "28": OperationalError,
    "40": OperationalError,
    "42": ProgrammingError,
    "53": OperationalError,
    "55": OperationalError,
    "57": OperationalError,
    "58": OperationalError,
}


def as_error(error: UnderpassError) -> Error:
    """The exception of PEP 249 for a failure, with words for a script where they were for a cell."""
    if isinstance(error, Error):
        return error
    failure = error.failure
    kind = _BY_CODE.get(failure["code"], OperationalError)
    if kind is DatabaseError:
        state = str(failure.get("detail", {}).get("sqlstate") or "")
        kind = _BY_STATE.get(state[:2], DatabaseError)
    return kind({**failure, "fix": _fix(failure)})


def failed(kind: type[Error], code: str, message: str, fix: str) -> Error:
    """The exception for what is wrong on this side."""
    return kind({"code": code, "stage": "request", "message": message, "fix": fix})


@contextmanager
def as_errors() -> Iterator[None]:
    """Failures that leave this block are exceptions of PEP 249."""
    try:
        yield
    except UnderpassError as error:
        if isinstance(error, Error):
            raise
        raise as_error(error) from None


def _fix(failure: Failure) -> str:
    """There is no cell to run again."""
    fix = failure["fix"]
    requirement = failure.get("detail", {}).get("requirement")
    if failure["code"] == "driver-missing" and requirement:
        return install(str(requirement))
    if failure["code"] == "connection-lost" and "run the cell again" in fix:
        return "Open a new connection; find out before whether the statement took effect."
    if failure["code"] == "result-too-large":
        return (
            "Fetch fewer rows or columns, or have the database aggregate them. To allow more, set "
            "UNDERPASS_MAX_MEMORY, to 8GB or none."
        )
    return fix.replace("run the cell again", "try again").replace("Run the cell again", "Try again")


def install(*requirements: str) -> str:
    """What installs a package in this Python, as a sentence."""
    what = " ".join(f"'{requirement}'" for requirement in requirements)
    return f"Install it: {sys.executable} -m pip install {what}. In a notebook: %pip install {what}"
