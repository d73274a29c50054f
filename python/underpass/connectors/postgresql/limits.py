"""A limit on rows, as a part of the statement: ended by a cancel it would take a transaction with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from underpass.failure import UnderpassError

_BEFORE = "SELECT * FROM (\n"
#: Syntax error and feature not supported: data-modifying WITH and SELECT INTO can not stand in brackets.
_NOT_WITHIN = ("42601", "0A000")


def limited(sql: str, limit: int) -> str:
    """A query that gives the first rows of ``sql``, in its order."""
    return f"{_BEFORE}{sql}\n) AS limited LIMIT {limit}"


def can_not_stand_within(detail: Mapping[str, Any]) -> bool:
    """Whether the server refused to parse the query; then nothing was done.

    Functions that run may fail in the same ways, but not at a character of the query.
    """
    return detail.get("sqlstate") in _NOT_WITHIN and "position" in detail


def of_the_inner(error: UnderpassError) -> UnderpassError:
    """The failure of a limited query, with the position in the statement itself."""
    detail = error.failure.get("detail", {})
    if "position" not in detail:
        return error
    position = max(1, detail["position"] - len(_BEFORE))
    return UnderpassError({**error.failure, "detail": {**detail, "position": position}})
