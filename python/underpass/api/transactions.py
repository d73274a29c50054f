"""How each system begins and ends a transaction, where it has them."""

from __future__ import annotations

import re
from typing import NamedTuple

from underpass.ready import Ready

from .exceptions import Error, NotSupportedError, failed


class Transactions(NamedTuple):
    """Statements; ``implied`` where PEP 249's way, everything within one, is what people want."""

    begin: str
    commit: str
    rollback: str
    implied: bool = True


_PLAIN = Transactions("BEGIN", "COMMIT", "ROLLBACK")
_START = Transactions("START TRANSACTION", "COMMIT", "ROLLBACK")

#: Systems that are not here have none, or none that spans statements.
BY_TYPE: dict[str, Transactions] = {
    "postgresql": _PLAIN,
    "redshift": _PLAIN,
    "snowflake": _PLAIN,
    "mysql": _START,
    "mariadb": _START,
    "sqlserver": Transactions("BEGIN TRANSACTION", "COMMIT TRANSACTION", "ROLLBACK TRANSACTION"),
    # Most of its catalogs can be written to only outside of one.
    "trino": _START._replace(implied=False),
}

_OWN = re.compile(r"\s*(?:(?:BEGIN|START)(?:\s+(?:TRAN|WORK)|\s*;|\s*\Z)|COMMIT\b|ROLLBACK\b)", re.IGNORECASE)


def is_about_transactions(sql: str) -> bool:
    """Whether a statement begins or ends a transaction by itself."""
    return _OWN.match(sql) is not None


def autocommit_of(ready: Ready, wanted: bool | None) -> bool:
    """Whether statements are committed by themselves, where a person wants it so or so, or does not say.

    Raises:
        NotSupportedError: they can not be kept from it.
    """
    transactions = BY_TYPE.get(ready.type)
    if wanted is None:
        return transactions is None or not transactions.implied
    if not wanted and transactions is None:
        raise no_transactions(ready)
    return wanted


def no_transactions(ready: Ready) -> Error:
    """What to raise where something can not be undone."""
    return failed(
        NotSupportedError,
        "not-supported",
        f'"{ready.name}" has no transactions here: each statement takes effect by itself.',
        "Leave autocommit as it is, and do without rollback().",
    )
