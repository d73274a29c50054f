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
from .statement import Bound, Edit, Statement
from .tokens import MASK, comments, split, tokenize, word
from .values import bindable

if TYPE_CHECKING:
    from sqlglot import Token

_ONLY_COMMENTS = re.compile(r"(?:\s|--[^\n]*(?:\n|\Z)|/\*(?:[^*]|\*(?!/))*\*/)*")


@dataclass(frozen=True)
class Dialect:
    """What a connector says about its SQL."""

    #: Name of sqlglot's tokenizer.
    tokenizer: str
    #: What stands for the nth parameter, from 1, with this value: ``$1``, ``?``, ``{p1:Int64}``.
    placeholder: Callable[[int, Any], str]
    #: ``IN {{ list }}`` where a list is one parameter: what is written for it, with the placeholder for
    #: ``{}``; the second one for ``NOT IN``. Without it each item is a parameter of its own, in brackets.
    in_list: tuple[str, str] | None = None
    #: What stands in the brackets of ``IN ()`` for a list without items.
    empty_list: str = "SELECT NULL WHERE 1 = 0"
    #: Where that has no type: what stands for ``IN`` with such a list, and for ``NOT IN``.
    empty_in: tuple[str, str] | None = None
    #: Placeholders are counted, not named: a value that stands twice is sent twice.
    positional: bool = False
    #: There is no WITH within a WITH.
    flat_with: bool = False
    #: Cuts a cell, given with its tokens, into what is sent at once, where that is not at semicolons.
    split: Callable[[str, Sequence[Token]], Iterator[tuple[int, list[Token]]]] | None = None


def is_comment(text: str) -> bool:
    """Whether there are only comments, or nothing."""
    return _ONLY_COMMENTS.fullmatch(text) is not None


def statements_of(cell: str, dialect: Dialect, evaluate: Callable[[str], Any]) -> list[Statement]:
    """Cut a cell into statements; every expression is evaluated before the first statement runs.

    Raises:
        UnderpassError: an expression stands where no value can, or could not be evaluated.
    """
    stripped = cell.strip().rstrip(";").rstrip()
    if "{{" not in cell and ";" not in stripped and dialect.split is None:
        if is_comment(stripped):
            return []
        return [Statement(stripped, cell=cell, start=cell.find(stripped))]
    expressions = find_expressions(cell)
    text = masked(cell, expressions)
    tokens = tokenize(text, dialect.tokenizer)
    silent = comments(text, tokens)
    bound = {item.start: item for item in expressions if _is_bound(item, tokens, silent)}
    wanted: dict[str | int, Expression] = {}
    for item in bound.values():
        wanted.setdefault(item.key, item)
    values = {key: bindable(_value(item, evaluate), item.source) for key, item in wanted.items()}
    parts = split(tokens) if dialect.split is None else dialect.split(text, tokens)
    return [_statement(cell, _skip_space(cell, start), part, bound, values, dialect) for start, part in parts]


def masked(cell: str, expressions: Sequence[Expression]) -> str:
    """``cell`` with something of the same length in place of each expression."""
    pieces, end = [], 0
    for item in expressions:
        if item.problem is None:
            pieces += [cell[end : item.start], MASK * (item.end - item.start)]
            end = item.end
    return "".join([*pieces, cell[end:]])


def _is_bound(item: Expression, tokens: Sequence[Token], silent: Sequence[tuple[int, int]]) -> bool:
    """Whether a value can stand where ``item`` stands; False if it is plain text there.

    Args:
        item: Braces somewhere in a cell.
        tokens: All of the cell's.
        silent: Where the cell has comments.
    """
    from sqlglot import TokenType

    around = next((token for token in tokens if token.start <= item.start <= token.end), None)
    commented = any(start <= item.start and item.end <= end for start, end in silent)
    text = f"{{{{ {item.source} }}}}"
    if around is not None and (around.start, around.end + 1) == (item.start, item.end):
        return True
    if commented and "\n" not in item.source:
        # Not evaluated.
        return False
    quoted = not commented and (around is None or around.token_type not in (TokenType.VAR, TokenType.L_BRACE))
    if (quoted or commented) and (item.problem or not item.has_names):
        # Such as the array literal '{{1,2},{3,4}}'.
        return False
    if item.problem:
        raise _refuse(f"{text} is not a Python expression: {item.problem}", "Correct it.")
    if commented:
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
    except UnderpassError:
        # Says by itself what to do.
        raise
    except Exception as error:
        raise _refuse(
            f"{{{{ {item.source} }}}} could not be evaluated: {type(error).__name__}: {error}",
            "Run the cell that defines it first, or correct the expression.",
        ) from error


def _skip_space(cell: str, start: int) -> int:
    return len(cell) - len(cell[start:].lstrip())


def _statement(
    cell: str,
    start: int,
    tokens: Sequence[Token],
    bound: dict[int, Expression],
    values: dict[str | int, Any],
    dialect: Dialect,
) -> Statement:
    end = tokens[-1].end + 1
    numbering = _Numbering(dialect)
    edits: list[Edit] = []
    found: list[Bound] = []
    for index, token in enumerate(tokens):
        item = bound.get(token.start)
        if item is not None:
            found.append(Bound(item.start, item.end, item.key, values[item.key]))
            edits.append(_edit(tokens, index, item, values[item.key], numbering))
    if edits and any(_is_own_parameter(*pair) for pair in itertools.pairwise(tokens)):
        raise _refuse("This statement has parameters of its own ($1) beside {{ }}.", "Use only {{ }}.")
    pieces, offset = [], start
    for edit in edits:
        pieces += [cell[offset : edit.start], edit.text]
        offset = edit.end
    sql = "".join([*pieces, cell[offset:end]])
    return Statement(sql, numbering.params, cell, start, edits, found)


class _Numbering:
    """The parameters of one statement, in order.

    The same name is the same parameter: GROUP BY must see that two of them are equal.
    """

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.params: list[Any] = []
        self._numbers: dict[str | int, int] = {}

    def placeholder(self, key: str | int, value: Any) -> str:
        number = None if self.dialect.positional else self._numbers.get(key)
        if number is None:
            self.params.append(value)
            number = self._numbers[key] = len(self.params)
        return self.dialect.placeholder(number, value)

    def item(self, value: Any) -> str:
        """Placeholder of a parameter that has no name: one of a list's."""
        self.params.append(value)
        return self.dialect.placeholder(len(self.params), value)


def _edit(tokens: Sequence[Token], index: int, item: Expression, value: Any, numbering: _Numbering) -> Edit:
    """Write the words for ``item``; ``IN {{ x }}`` and ``IN ({{ x }})`` with it, if ``x`` is a list."""
    first, last = index, index
    if word(tokens, index - 1) == "(" and word(tokens, index + 1) == ")":
        first, last = index - 1, index + 1
    if not isinstance(value, list) or word(tokens, first - 1) != "IN":
        return Edit(item.start, item.end, numbering.placeholder(item.key, value))
    dialect = numbering.dialect
    negated = word(tokens, first - 2) == "NOT"
    start = tokens[first - 2 if negated else first - 1].start
    if dialect.empty_in and not value:
        return Edit(start, tokens[last].end + 1, dialect.empty_in[negated])
    if dialect.in_list is None:
        # One edit where the list stood, so that an error points there.
        items = ", ".join(map(numbering.item, value)) or dialect.empty_list
        return Edit(tokens[first].start, tokens[last].end + 1, f"({items})")
    text = dialect.in_list[negated].format(numbering.placeholder(item.key, value))
    return Edit(start, tokens[last].end + 1, text)


def _is_own_parameter(token: Token, following: Token) -> bool:
    return token.text == "$" and following.text.isdigit() and token.end + 1 == following.start
