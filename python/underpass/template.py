"""From the text of a cell to statements with bound parameters.

``{{ expression }}`` becomes a placeholder of the driver, and its value goes beside the statement: never
text. Where a placeholder can not stand (in quotes, as part of a name) the cell is refused; what is commented
out stays so.
Which place is which is decided by the tokenizer of the system's dialect; a cell without braces and inner
semicolons does not need it.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .expressions import Expression, find_expressions
from .failure import UnderpassError, fail
from .statement import Edit, Statement
from .values import bindable

if TYPE_CHECKING:
    from sqlglot import Token

#: Stands for an expression while the text is cut into tokens: as long as it was, so that positions stay.
MASK = "\ue000"
_ONLY_COMMENTS = re.compile(r"(?:\s|--[^\n]*(?:\n|\Z)|/\*(?:[^*]|\*(?!/))*\*/)*")


@dataclass(frozen=True)
class Dialect:
    """What a connector says about its SQL."""

    #: Name of sqlglot's tokenizer.
    tokenizer: str
    #: Placeholder of the nth parameter, from 1, e.g. ``$1``.
    placeholder: Callable[[int], str]
    #: ``IN {{ list }}`` is written like this, with the placeholder for ``{}``; the second one for ``NOT IN``.
    in_list: tuple[str, str]


def statements_of(cell: str, dialect: Dialect, evaluate: Callable[[str], Any]) -> list[Statement]:
    """Cut a cell into statements; every expression is evaluated before the first statement runs.

    Raises:
        UnderpassError: an expression stands where no value can, or could not be evaluated.
    """
    stripped = cell.strip().rstrip(";").rstrip()
    if "{{" not in cell and ";" not in stripped:
        if _ONLY_COMMENTS.fullmatch(stripped):
            return []
        return [Statement(stripped, cell=cell, start=cell.find(stripped))]
    expressions = find_expressions(cell)
    tokens = _tokenize(_masked(cell, expressions), dialect)
    bound = {item.start: item for item in expressions if _is_bound(item, tokens)}
    values = {item.source: bindable(_value(item, evaluate), item.source) for item in bound.values()}
    return [_statement(cell, start, part, bound, values, dialect) for start, part in _split(cell, tokens)]


def _masked(cell: str, expressions: Sequence[Expression]) -> str:
    pieces, end = [], 0
    for item in expressions:
        if item.problem is None:
            pieces += [cell[end : item.start], MASK * (item.end - item.start)]
            end = item.end
    return "".join([*pieces, cell[end:]])


def _tokenize(text: str, dialect: Dialect) -> list[Token]:
    from sqlglot.dialects.dialect import Dialect as SqlDialect
    from sqlglot.errors import TokenError

    try:
        return SqlDialect.get_or_raise(dialect.tokenizer).tokenize(text)
    except TokenError as error:
        raise fail(
            "invalid-request",
            "request",
            "A quote or a comment in this cell is not closed, so its statements can not be told apart.",
            "Close it.",
        ) from error


def _is_bound(item: Expression, tokens: Sequence[Token]) -> bool:
    """Whether a value can stand where ``item`` stands; False if it is plain text there."""
    from sqlglot import TokenType

    around = next((token for token in tokens if token.start <= item.start <= token.end), None)
    text = f"{{{{ {item.source} }}}}"
    if around is not None and (around.start, around.end + 1) == (item.start, item.end):
        return True
    if around is None and "\n" not in item.source:
        # Commented out, and not evaluated.
        return False
    quoted = around is None or around.token_type not in (TokenType.VAR, TokenType.L_BRACE)
    if quoted and (item.problem or not item.has_names):
        # Such as the array literal '{{1,2},{3,4}}'.
        return False
    if item.problem:
        raise _refuse(f"{text} is not a Python expression: {item.problem}", "Correct it.")
    if around is None:
        raise _refuse(f"{text} begins in a comment and ends behind it.", "Close the braces in its line.")
    if not quoted:
        raise _refuse(
            f"{text} is part of a name. It is sent as a value, so it can not name anything.",
            "Write the name into the SQL, or set the value apart with spaces or operators.",
        )
    raise _refuse(
        f"{text} stands in quotes. It is sent as a value, never as text of the statement.",
        f"Remove the quotes around it; put text together with ||, as in {text} || '%'. "
        "For braces that are meant as text write { {.",
    )


def _refuse(message: str, fix: str) -> UnderpassError:
    return fail("invalid-request", "request", message, fix)


def _value(item: Expression, evaluate: Callable[[str], Any]) -> Any:
    try:
        return evaluate(item.code)
    except Exception as error:
        raise _refuse(
            f"{{{{ {item.source} }}}} could not be evaluated: {type(error).__name__}: {error}",
            "Run the cell that defines it first, or correct the expression.",
        ) from error


def _split(cell: str, tokens: Sequence[Token]) -> Iterator[tuple[int, list[Token]]]:
    """Start and tokens of each statement. Semicolons between ``BEGIN ATOMIC`` and its ``END`` do not count.

    A comment in front belongs to the statement: it may be a hint to the planner.
    """
    part: list[Token] = []
    start = 0
    depth = 0
    for token in tokens:
        word = token.text.upper()
        if depth == 0 and word == "ATOMIC" and part and part[-1].text.upper() == "BEGIN":
            depth = 1
        elif depth and word in ("CASE", "END"):
            depth += 1 if word == "CASE" else -1
        if token.text == ";" and token.end == token.start and depth == 0:
            if part:
                yield _skip_space(cell, start), part
            part, start = [], token.end + 1
        else:
            part.append(token)
    if part:
        yield _skip_space(cell, start), part


def _skip_space(cell: str, start: int) -> int:
    return len(cell) - len(cell[start:].lstrip())


def _statement(
    cell: str,
    start: int,
    tokens: Sequence[Token],
    bound: dict[int, Expression],
    values: dict[str, Any],
    dialect: Dialect,
) -> Statement:
    end = tokens[-1].end + 1
    numbers: dict[str, int] = {}
    edits: list[Edit] = []
    for index, token in enumerate(tokens):
        item = bound.get(token.start)
        if item is not None:
            # The same expression is the same parameter: GROUP BY must see that two of them are equal.
            number = numbers.setdefault(item.source, len(numbers) + 1)
            placeholder = dialect.placeholder(number)
            listed = isinstance(values[item.source], list)
            edits.append(
                (_in_list(tokens, index, placeholder, dialect) if listed else None)
                or Edit(item.start, item.end, placeholder)
            )
    if edits and any(_is_own_parameter(*pair) for pair in itertools.pairwise(tokens)):
        raise _refuse("This statement has parameters of its own ($1) beside {{ }}.", "Use only {{ }}.")
    pieces, offset = [], start
    for edit in edits:
        pieces += [cell[offset : edit.start], edit.text]
        offset = edit.end
    sql = "".join([*pieces, cell[offset:end]])
    return Statement(sql, [values[source] for source in numbers], cell, start, edits)


def _in_list(tokens: Sequence[Token], index: int, placeholder: str, dialect: Dialect) -> Edit | None:
    """``IN {{ x }}`` and ``IN ({{ x }})`` in the words that take a list as one parameter."""
    first, last = index, index
    if _word(tokens, index - 1) == "(" and _word(tokens, index + 1) == ")":
        first, last = index - 1, index + 1
    if _word(tokens, first - 1) != "IN":
        return None
    negated = _word(tokens, first - 2) == "NOT"
    start = tokens[first - 2 if negated else first - 1].start
    return Edit(start, tokens[last].end + 1, dialect.in_list[negated].format(placeholder))


def _word(tokens: Sequence[Token], index: int) -> str:
    return tokens[index].text.upper() if 0 <= index < len(tokens) else ""


def _is_own_parameter(token: Token, following: Token) -> bool:
    return token.text == "$" and following.text.isdigit() and token.end + 1 == following.start
