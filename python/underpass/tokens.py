"""The text of a cell as tokens of a dialect, as far as the place of an expression depends on them."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from .failure import fail

if TYPE_CHECKING:
    from sqlglot import Token
    from sqlglot.tokens import Tokenizer

#: Stands for an expression while the text is cut into tokens: as long as it was, so that positions stay.
MASK = "\ue000"

#: What has a body of statements.
_ROUTINES = ("EVENT", "FUNCTION", "PROC", "PROCEDURE", "TRIGGER")
#: What BEGIN begins that has no END, or is counted where its next word stands.
_NO_BLOCKS = ("ATOMIC", "DISTRIBUTED", "NOT", "TRAN", "TRANSACTION")
#: Ends of what did not begin with BEGIN or CASE.
_ENDED_BY_NAME = ("FOR", "IF", "LOOP", "REPEAT", "WHILE")


@functools.cache
def _tokenizer(dialect: str) -> type[Tokenizer]:
    """The dialect's tokenizer without its shortcut: to take what follows a command (CALL) as text."""
    from sqlglot.dialects.dialect import Dialect

    return type("WholeTokenizer", (Dialect.get_or_raise(dialect).tokenizer_class,), {"COMMANDS": set()})


def tokenize(text: str, dialect: str) -> list[Token]:
    """All tokens of ``text``; between them are only spaces and comments.

    Args:
        text: SQL, with expressions masked.
        dialect: Its name in sqlglot.
    Raises:
        UnderpassError: a quote or a comment is not closed.
    """
    from sqlglot.errors import TokenError

    try:
        return _tokenizer(dialect)(dialect=dialect).tokenize(text)
    except TokenError as error:
        raise fail(
            "invalid-request",
            "request",
            "A quote or a comment in this cell is not closed, so its statements can not be told apart.",
            "Close it.",
        ) from error


def comments(text: str, tokens: Sequence[Token]) -> list[tuple[int, int]]:
    """Start and end (exclusive) of the places between tokens that hold comments, in order."""
    edges = [-1, *itertools.chain.from_iterable((token.start, token.end) for token in tokens), len(text)]
    gaps = [(before + 1, behind) for before, behind in zip(edges[::2], edges[1::2], strict=True)]
    return [(start, end) for start, end in gaps if text[start:end].strip()]


def word(tokens: Sequence[Token], index: int) -> str:
    """The token as it is written, in upper case; nothing for what is quoted, and outside of ``tokens``."""
    if not 0 <= index < len(tokens):
        return ""
    token = tokens[index]
    return token.text.upper() if len(token.text) == token.end + 1 - token.start else ""


def split(tokens: Sequence[Token]) -> Iterator[tuple[int, list[Token]]]:
    """Where each statement begins, comments in front included (they may be hints to the planner); its tokens.

    Semicolons within brackets, and between the ``BEGIN`` of a block and its ``END``, do not count.
    """
    part: list[Token] = []
    start = 0
    blocks = 0
    brackets = 0
    for index, token in enumerate(tokens):
        written = word(tokens, index)
        if blocks or (part and written in ("BEGIN", "ATOMIC")):
            blocks += _opened(tokens, index, part, blocks)
        if written in ("(", ")"):
            brackets = max(0, brackets + (1 if written == "(" else -1))
        if written == ";" and blocks == 0 and brackets == 0:
            if part:
                yield start, part
            part, start = [], token.end + 1
        else:
            part.append(token)
    if part:
        yield start, part


def _opened(tokens: Sequence[Token], index: int, part: Sequence[Token], blocks: int) -> int:
    """How many blocks of a statement begin (1) or end (-1) at a token.

    Args:
        tokens: All.
        index: The token's.
        part: What the statement has before it.
        blocks: Those that are open.
    """
    before, written, behind = (word(tokens, index + step) for step in (-1, 0, 1))
    if blocks == 0 and written == "ATOMIC":
        return int(before == "BEGIN" or (before == "NOT" and word(tokens, index - 2) == "BEGIN"))
    if written == "BEGIN" and behind not in _NO_BLOCKS:
        return int(blocks > 0 or _defines_routine(part))
    if written == "CASE" and blocks:
        return int(before != "END")
    return -1 if written == "END" and behind not in _ENDED_BY_NAME else 0


def _defines_routine(part: Sequence[Token]) -> bool:
    words = [word(part, index) for index in range(len(part))]
    return words[0] in ("ALTER", "CREATE") and any(name in _ROUTINES for name in words)
