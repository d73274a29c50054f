"""How a cell of T-SQL is cut: into batches, at lines with ``GO``, as the system's own tools do.

Not at semicolons: variables and temporary names live as long as their batch, and a batch needs no semicolons.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from underpass.failure import fail
from underpass.tokens import word

if TYPE_CHECKING:
    from sqlglot import Token

TOKENIZER = "tsql"
_GO = re.compile(r"^\s*GO\b", re.IGNORECASE | re.MULTILINE)
#: Times that ``GO n`` may ask for.
_MOST_TIMES = 1000
#: What a batch may do beside a query: with one of these its end must not be cut off.
_OTHERS = re.compile(
    "ALTER|BACKUP|BEGIN|BULK|CHECKPOINT|CLOSE|COMMIT|CREATE|DBCC|DEALLOCATE|DECLARE|DELETE|DENY|DISABLE|DROP|"
    "ENABLE|EXEC|EXECUTE|FETCH|GOTO|GRANT|IF|INSERT|INTO|KILL|MERGE|MOVE|OPEN|PRINT|RAISERROR|RECONFIGURE|"
    "RESTORE|RETURN|REVERT|REVOKE|ROLLBACK|SAVE|SEND|SET|SHUTDOWN|THROW|TRAN|TRANSACTION|TRUNCATE|UPDATE|USE|"
    "WAITFOR|WHILE"
)
#: Strings, quoted names and comments; what is left of a comment within a comment counts as words.
_SILENT = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|\[(?:[^\]]|\]\])*\]|--[^\n]*|/\*.*?\*/", re.DOTALL)
_WORD = re.compile(r"[\w@#$]+|[();]")
_COMBINES = frozenset(("UNION", "ALL", "EXCEPT", "INTERSECT"))


def has_go(cell: str) -> bool:
    """Whether there may be more than one batch."""
    return _GO.search(cell) is not None


def batches(cell: str, tokens: Sequence[Token]) -> Iterator[tuple[int, list[Token]]]:
    """Where each batch begins, and its tokens; as often as its ``GO n`` says."""
    part: list[Token] = []
    start, index = 0, 0
    while index < len(tokens):
        times = _times(cell, tokens, index)
        if times is None:
            part.append(tokens[index])
            index += 1
            continue
        index += 1 if _is_count(cell, tokens, index) else 0
        if part:
            yield from [(start, part)] * times
        part, start = [], tokens[index].end + 1
        index += 1
    if part:
        yield start, part


def is_one_query(sql: str) -> bool:
    """Whether a batch is surely a single SELECT: what is behind its first rows can be left out."""
    spoken = _SILENT.sub(lambda found: " " if found[0][0] in "-/" else " 0 ", sql)
    if "*/" in spoken or "'" in spoken:
        # A comment within a comment: what is text is not certain.
        return False
    words = _WORD.findall(spoken.upper())
    while words and words[-1] == ";":
        words.pop()
    if not words or words[0] not in ("SELECT", "WITH") or ";" in words or any(map(_OTHERS.fullmatch, words)):
        return False
    depth, selects = 0, 0
    for index, written in enumerate(words):
        depth += (written == "(") - (written == ")")
        if written == "SELECT" and depth == 0 and (index == 0 or words[index - 1] not in _COMBINES):
            selects += 1
    return selects == 1


def _times(cell: str, tokens: Sequence[Token], index: int) -> int | None:
    """How often the batch before a line with GO runs; None if the token at ``index`` is not such a line."""
    token = tokens[index]
    if word(tokens, index) != "GO" or not _begins_line(cell, token):
        return None
    if _ends_line(cell, token):
        return 1
    if not _is_count(cell, tokens, index):
        return None
    times = int(tokens[index + 1].text)
    if times > _MOST_TIMES:
        raise fail(
            "invalid-request",
            "request",
            f"GO {times} would run the batch before it more than {_MOST_TIMES} times.",
            "Write a loop in T-SQL, or in Python.",
        )
    return times


def _is_count(cell: str, tokens: Sequence[Token], index: int) -> bool:
    if index + 1 == len(tokens) or not tokens[index + 1].text.isdigit():
        return False
    between = cell[tokens[index].end + 1 : tokens[index + 1].start]
    return "\n" not in between and between.isspace() and _ends_line(cell, tokens[index + 1])


def _begins_line(cell: str, token: Token) -> bool:
    return not cell[cell.rfind("\n", 0, token.start) + 1 : token.start].strip()


def _ends_line(cell: str, token: Token) -> bool:
    rest = cell[token.end + 1 :].split("\n", 1)[0].strip()
    return not rest or rest.startswith("--")
