"""Comments that the server executes: ``/*! … */``, and MariaDB's ``/*M! … */``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from underpass.tokens import comments, split

if TYPE_CHECKING:
    from sqlglot import Token

_EXECUTED = re.compile(r"/\*M?!")
_COMMENT = re.compile(r"--[^\n]*|#[^\n]*|/\*.*?\*/", re.DOTALL)


def has_executed(cell: str) -> bool:
    """Whether there may be such a comment."""
    return _EXECUTED.search(cell) is not None


def split_with_executed(text: str, tokens: Sequence[Token]) -> Iterator[tuple[int, list[Token]]]:
    """Cut a cell at semicolons; what is in such comments belongs to the statements, or is one."""
    from sqlglot import Token, TokenType

    found = [
        Token(TokenType.HINT, text[begin:end], start=begin, end=end - 1)
        for start, stop in comments(text, tokens)
        for begin, end in (match.span() for match in _COMMENT.finditer(text, start, stop))
        if _EXECUTED.match(text, begin)
    ]
    return split(sorted([*tokens, *found], key=lambda token: token.start))
