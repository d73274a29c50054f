"""A limit on rows, in the statement's own words where it has none of its own."""

from __future__ import annotations

from collections.abc import Iterator

from underpass.failure import UnderpassError
from underpass.tokens import tokenize, word

#: Outside of brackets, these say that there is a limit already, or that LIMIT can not be the last word.
_OTHERWISE = {"LIMIT", "TOP", "OFFSET", "FETCH", "FOR", "INTO", "INSERT", "UPDATE", "DELETE", "MERGE"}


def only_reads(sql: str) -> bool:
    """Whether a statement may be cancelled once enough of its rows are there."""
    return _words(sql)[:1] in (["SELECT"], ["WITH"])


def limited(sql: str, limit: int) -> str | None:
    """``sql`` with LIMIT at its end; None if that is not its way."""
    if not only_reads(sql) or not _OTHERWISE.isdisjoint(_words(sql)):
        return None
    # On a line of its own: a comment may stand at the end.
    return f"{sql}\nLIMIT {limit}"


def _words(sql: str) -> list[str]:
    try:
        return list(_outer_words(sql))
    except UnderpassError:
        return []


def _outer_words(sql: str) -> Iterator[str]:
    tokens, depth = tokenize(sql, "redshift"), 0
    for index in range(len(tokens)):
        text = word(tokens, index)
        depth += (text == "(") - (text == ")")
        if depth == 0:
            yield text
