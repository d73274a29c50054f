"""How a cell is cut where scripts stand among statements: a block stays in one piece, up to its END.

Blocks begin where a statement can, with ``BEGIN``, ``IF``, ``LOOP``, ``WHILE``, ``FOR``, ``REPEAT``; ``CASE``
begins one anywhere. ``BEGIN`` alone, or ``BEGIN TRANSACTION``, begins a transaction, which is no block.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from underpass.template import Dialect, statements_of
from underpass.tokens import word

if TYPE_CHECKING:
    from sqlglot import Token

    from underpass.statement import Statement

_ENDED = re.compile(r"\bEND\b", re.IGNORECASE)
#: Behind these a statement begins.
_BEFORE_STATEMENTS = ("", ";", "BEGIN", "THEN", "ELSE", "DO", "LOOP", "REPEAT")
_LOOPS = ("LOOP", "WHILE", "FOR", "REPEAT")
#: What BEGIN begins with these behind it is a transaction.
_TRANSACTION = ("", ";", "TRANSACTION", "WORK", "NAME")


def statements_with_scripts(
    cell: str, dialect: Dialect, evaluate: Callable[[str], Any], *, declared: bool
) -> list[Statement]:
    """As ``template.statements_of``.

    Args:
        cell: The text.
        dialect: Its own way of cutting is not used for cells with the word END.
        evaluate: Gives the values of ``{{ }}``.
        declared: ``DECLARE`` is the beginning of the block behind it, not a statement.
    """
    if _ENDED.search(cell) is None:
        return statements_of(cell, dialect, evaluate)
    cut = replace(dialect, split=lambda _, tokens: split(tokens, declared=declared))
    return statements_of(cell, cut, evaluate)


def split(tokens: Sequence[Token], *, declared: bool) -> Iterator[tuple[int, list[Token]]]:
    """Where each statement begins, and its tokens."""
    part: list[Token] = []
    blocks: list[str] = []
    start, brackets = 0, 0
    for index, token in enumerate(tokens):
        written = word(tokens, index)
        _follow(tokens, index, part, blocks, declared=declared)
        brackets = max(0, brackets + (written == "(") - (written == ")"))
        if written == ";" and not blocks and not brackets:
            if part:
                yield start, part
            part, start = [], token.end + 1
        else:
            part.append(token)
    if part:
        yield start, part


def _follow(
    tokens: Sequence[Token], index: int, part: Sequence[Token], blocks: list[str], *, declared: bool
) -> None:
    """Note the block that begins or ends with a token.

    Args:
        tokens: All.
        index: The token's.
        part: What its statement has before it.
        blocks: The words that began those that are open, changed here.
        declared: See above.
    """
    before, written, behind = (word(tokens, index + step) for step in (-1, 0, 1))
    inside = blocks[-1] if blocks else ""
    # Within an expression, IF is a function.
    first = not part or (before in _BEFORE_STATEMENTS and inside != "CASE")
    if written == "END":
        if blocks and (behind not in ("IF", *_LOOPS) or behind == inside or inside in _LOOPS):
            blocks.pop()
    elif before == "END" and part:
        # END IF, END CASE: the name of what has ended.
        return
    elif written == "BEGIN" and inside == "DECLARE":
        blocks[-1] = written
    elif (
        written == "CASE"
        or (written == "DECLARE" and declared and (first or before == "AS"))
        or (written == "BEGIN" and behind not in _TRANSACTION and (first or _is_body(before, part)))
        or (written in ("IF", *_LOOPS) and first and not (written == "REPEAT" and behind == "("))
    ):
        blocks.append(written)


def _is_body(before: str, part: Sequence[Token]) -> bool:
    """Whether a routine or task is defined, and this is where its statements begin."""
    return word(part, 0) in ("CREATE", "ALTER") and before in ("AS", ")")
