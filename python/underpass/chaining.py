"""Earlier results in the SQL of a cell: ``--with NAME`` puts the statement that gave NAME in front, as a CTE.

See docs/decisions/0051.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from .expressions import find_expressions
from .failure import UnderpassError, fail
from .statement import Edit, Statement
from .template import Dialect, masked
from .tokens import split, tokenize, word

if TYPE_CHECKING:
    from sqlglot import Token

#: With one of these a statement does more than read.
_CHANGES = ("INSERT", "DELETE", "MERGE", "INTO")
_COMBINES = ("UNION", "ALL", "DISTINCT", "EXCEPT", "INTERSECT", "MINUS")
_EXAMPLE = "Write it as one SELECT statement, with nothing else in the cell."


@dataclass(frozen=True)
class Query:
    """One SELECT, as text whose expressions are names of ``values``."""

    text: str
    values: Mapping[str, Any]


@dataclass
class Remembered:
    """Where the rows of a variable came from."""

    integration: str
    #: For people.
    integration_name: str
    #: Gives the statement, or why it can not stand in front of another one. Asked when somebody wants it:
    #: SQL has to be cut into tokens for that.
    query: Callable[[], Query | UnderpassError]
    #: Gives the rows as long as somebody has them; None where that can not be known.
    rows: Callable[[], object] | None = None


@dataclass
class Results:
    """What the cells of this kernel gave, by variable."""

    #: Those of the notebook.
    variables: Mapping[str, Any]
    _known: dict[str, Remembered] = field(default_factory=dict)

    def remember(self, name: str, remembered: Remembered, rows: object) -> None:
        """Note that ``name`` is ``rows`` now."""
        try:
            remembered.rows = weakref.ref(rows)
        except TypeError:
            remembered.rows = None
        self._known[name] = remembered

    def find(self, name: str, integration: str) -> Query:
        """The statement that gave ``name``.

        Raises:
            UnderpassError: nobody knows one, it is of another integration, or the variable is something else
                by now.
        """
        duckdb = "Or query the variable itself in a cell with %%sql duckdb."
        known, variables = self._known.get(name), self.variables
        if known is None:
            there = ", ".join(sorted(self._known)) or "none yet"
            raise _refuse(
                f'--with {name}: no SQL cell of this kernel gave "{name}".',
                f"Run that cell first; there is: {there}. {duckdb if name in variables else ''}".strip(),
            )
        if known.integration != integration:
            raise _refuse(
                f'--with {name}: its rows are from "{known.integration_name}", and this cell runs elsewhere.',
                f"Use the same integration. {duckdb}",
            )
        if name in variables and known.rows is not None and known.rows() is not variables[name]:
            raise _refuse(
                f'--with {name}: "{name}" was given another value after its SQL cell.',
                f"Run that cell again. {duckdb}",
            )
        query = known.query()
        if isinstance(query, UnderpassError):
            failure = query.failure
            raise _refuse(f"--with {name}: {failure['message']}", f"{failure['fix']} {duckdb}")
        return query


def query_of(name: str, statements: Sequence[Statement], dialect: Dialect) -> Query | UnderpassError:
    """What ``remember`` takes for a cell; the values are those that were sent.

    Args:
        name: The variable.
        statements: All of the cell.
        dialect: The connector's; without a tokenizer it is no SQL.
    """
    if not dialect.tokenizer:
        return _refuse("its cell is no SQL.", "Send values of it with {{ }}.")
    if len(statements) != 1:
        return _refuse("its cell has several statements.", _EXAMPLE)
    (statement,) = statements
    query = _query(name, statement)
    try:
        tokens = tokenize(masked(query.text, find_expressions(query.text)), dialect.tokenizer)
    except UnderpassError as error:
        return error
    if not _is_query(tokens):
        return _refuse("its cell is not one SELECT.", _EXAMPLE)
    if _reads(tokens, name):
        return _refuse(
            f'its SELECT reads a table that is called "{name}", too.', "Give its rows another name with -o."
        )
    return query


def _query(name: str, statement: Statement) -> Query:
    names: dict[str | int, str] = {}
    pieces, offset = [], statement.start
    for item in statement.bound:
        inner = names.setdefault(item.key, f"_underpass_{name}_{len(names) + 1}")
        pieces += [statement.cell[offset : item.start], f"{{{{ {inner} }}}}"]
        offset = item.end
    pieces.append(statement.cell[offset : statement.end])
    return Query("".join(pieces), {names[item.key]: item.value for item in statement.bound})


@dataclass(frozen=True)
class Chained:
    """A cell with queries in front."""

    cell: str
    text: str
    values: Mapping[str, Any]
    #: Where in ``cell`` the queries were put in, how many characters, and their names.
    at: int
    length: int
    names: str

    def evaluate(self, otherwise: Callable[[str], Any]) -> Callable[[str], Any]:
        """Gives the values of the queries as they were, and asks ``otherwise`` for those of the cell."""
        return lambda code: self.values[code] if code in self.values else otherwise(code)

    def in_cell(self, statement: Statement) -> Statement:
        """The statement of ``text``, with its places in ``cell``."""
        end = self.at + self.length
        inside = [edit for edit in statement.edits if self.at <= edit.start < end]
        pieces, offset = [], self.at
        for edit in inside:
            pieces += [self.text[offset : edit.start], edit.text]
            offset = edit.end
        front = Edit(self.at, self.at, "".join([*pieces, self.text[offset:end]]), self.names)
        before = [edit for edit in statement.edits if edit.start < self.at]
        behind = [
            replace(edit, start=edit.start - self.length, end=edit.end - self.length)
            for edit in statement.edits
            if edit.start >= end
        ]
        return replace(statement, cell=self.cell, edits=[*before, front, *behind])


def chain(cell: str, queries: Mapping[str, Query], dialect: Dialect) -> Chained:
    """Put ``queries`` in front of the one SELECT that ``cell`` is.

    Raises:
        UnderpassError: it is something else.
    """
    names = ", ".join(queries)
    if not dialect.tokenizer:
        raise _refuse(
            f"--with {names}: cells of this integration are no SQL.",
            "Send values with {{ }}, or join the results in a cell with %%sql duckdb.",
        )
    tokens = tokenize(masked(cell, find_expressions(cell)), dialect.tokenizer)
    parts = [part for _, part in split(tokens)]
    if len(parts) != 1 or not _is_query(parts[0]):
        raise _refuse(
            f"--with {names} works with one SELECT statement, and this cell is something else.", _EXAMPLE
        )
    tokens = parts[0]
    own = [name.upper() for name, _ in _tables(tokens)] if word(tokens, 0) == "WITH" else []
    tables: dict[str, str] = {}
    for name, query in queries.items():
        for inner, text in _as_tables(name, query, dialect):
            if inner.upper() in own or tables.get(inner, text) != text:
                raise _refuse(
                    f'--with {names}: "{inner}" would be defined twice.', "Give one of them another name."
                )
            tables[inner] = text
    listed = ",\n".join(tables.values())
    if word(tokens, 0) == "WITH":
        recursive = word(tokens, 1) == "RECURSIVE"
        at, front = tokens[1 if recursive else 0].end + 1, f" {listed},"
    else:
        at, front = tokens[0].start, f"WITH {listed}\n"
    values = {key: value for query in queries.values() for key, value in query.values.items()}
    return Chained(cell, cell[:at] + front + cell[at:], values, at, len(front), names)


def _as_tables(name: str, query: Query, dialect: Dialect) -> list[tuple[str, str]]:
    """The query as ``name AS ( … )``, and what stands before it where its own WITH can not be in there."""
    text = query.text
    if dialect.flat_with:
        tokens = tokenize(masked(text, find_expressions(text)), dialect.tokenizer)
        if word(tokens, 0) == "WITH":
            tables = _tables(tokens)
            start = tables[-1][1][1]
            inner = [(table, text[first:last]) for table, (first, last) in tables]
            return [*inner, (name, f"{name} AS (\n{text[start:]}\n)")]
    return [(name, f"{name} AS (\n{text}\n)")]


def _tables(tokens: Sequence[Token]) -> list[tuple[str, tuple[int, int]]]:
    """The tables that a WITH at the beginning defines: name, where its definition begins and ends."""
    found: list[tuple[str, tuple[int, int]]] = []
    first = 2 if word(tokens, 1) == "RECURSIVE" else 1
    depth = 0
    for index in range(first, len(tokens)):
        written = word(tokens, index)
        depth += (written == "(") - (written == ")")
        if depth:
            continue
        if written == "SELECT":
            break
        # Behind the last bracket: further words of the definition, up to a comma or the statement itself.
        if written == "," or word(tokens, index + 1) == "SELECT":
            last = tokens[index].start if written == "," else tokens[index].end + 1
            found.append((tokens[first].text, (tokens[first].start, last)))
            first = index + 1
    return found


def _is_query(tokens: Sequence[Token]) -> bool:
    """Whether it is surely one SELECT that only reads."""
    depth, selects = 0, 0
    for index in range(len(tokens)):
        written = word(tokens, index)
        if written in _CHANGES or (written == "UPDATE" and word(tokens, index - 1) != "FOR"):
            return False
        depth += (written == "(") - (written == ")")
        if written == "SELECT" and depth == 0 and word(tokens, index - 1) not in _COMBINES:
            selects += 1
    return word(tokens, 0) in ("SELECT", "WITH") and selects == 1


def _reads(tokens: Sequence[Token], name: str) -> bool:
    """Whether a table of this name, without a schema, is read."""
    return any(
        token.text.upper() == name.upper()
        and word(tokens, index - 1) in ("FROM", "JOIN")
        and word(tokens, index + 1) != "."
        for index, token in enumerate(tokens)
    )


def _refuse(message: str, fix: str) -> UnderpassError:
    return fail("invalid-request", "request", message, fix)
