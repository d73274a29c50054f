"""From the text of a cell to commands: ``db.collection.method(…).modifier(…)``, one after the other.

``db.getCollection("a.b")``, ``db["a b"]`` and ``db.getSiblingDB("other")`` name what has another name;
statements end with a semicolon or with their line. Nothing else of JavaScript is understood, and nothing is
evaluated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from underpass.expressions import Expression
from underpass.failure import UnderpassError, fail
from underpass.statement import Statement

from .given import bson_value, check_place
from .literals import Literals, Path

#: ``%%sql`` is line 1 of the cell.
_FIRST_LINE = 2
_EXAMPLE = 'Write one like db.orders.find({status: "new"}).limit(10).'


@dataclass(frozen=True)
class Call:
    """``name(arguments)``, at ``position`` (from 0)."""

    name: str
    arguments: Sequence[Any]
    position: int


@dataclass(frozen=True)
class Command:
    """A method of a collection (of the database, where ``collection`` is None) and its modifiers."""

    #: None means the integration's own.
    database: str | None
    collection: str | None
    method: Call
    modifiers: Sequence[Call]
    start: int
    end: int


def statements_of(cell: str, evaluate: Callable[[str], Any]) -> list[Statement]:
    """Cut a cell into statements; all are read, and every expression is evaluated, before the first one runs.

    Raises:
        UnderpassError: with line and column.
    """
    given: list[Any] = []

    def take(expression: Expression, position: int) -> Any:
        try:
            value = evaluate(expression.code)
        except Exception as error:
            raise fail(
                "invalid-request",
                "request",
                f"{{{{ {expression.source} }}}} could not be evaluated: {type(error).__name__}: {error}",
                "Run the cell that defines it first, or correct the expression.",
                position=position + 1,
            ) from error
        try:
            given.append(bson_value(value, expression.source))
        except UnderpassError as error:
            detail = {**error.failure.get("detail", {}), "position": position + 1}
            raise UnderpassError({**error.failure, "detail": detail}) from None
        return given[-1]

    found: list[Statement] = []
    try:
        for command in read_commands(cell, take):
            found.append(Statement(cell[command.start : command.end], (*given,), cell, command.start))
            given.clear()
    except UnderpassError as error:
        raise Statement(cell, (), cell).located(error, _FIRST_LINE) from error.__cause__
    return found


def read_statement(text: str, values: Sequence[Any]) -> Command:
    """The one command of a statement, with ``values`` for its expressions, in order."""
    rest = iter(values)
    (command,) = read_commands(text, lambda *_: next(rest))
    return command


def read_commands(text: str, take: Callable[[Expression, int], Any]) -> Iterator[Command]:
    """All commands of a text; ``take`` gives the value of an expression and is told where it stands.

    Raises:
        UnderpassError: with ``detail["position"]``.
    """
    method = ""

    def taken(expression: Expression, path: Path, position: int) -> Any:
        value = take(expression, position)
        check_place(value, method, path, expression.source, position)
        return value

    literals = Literals(text, taken)

    def call(name: str, position: int) -> tuple[Call, int]:
        """And where its bracket closes: what is empty behind that is read, too."""
        nonlocal method
        method = "projection" if name == "project" else name
        arguments: list[Any] = []
        literals.expect("(", f"behind {name}")
        while not literals.peek(")"):
            if arguments:
                literals.expect(",", "or ) behind an argument")
                if literals.peek(")"):
                    break
            arguments.append(literals.value((len(arguments),)))
        end = literals.position + 1
        literals.accept(")")
        return Call(name, arguments, position), end

    literals.skip()
    while literals.position < len(text):
        if literals.accept(";"):
            continue
        start = literals.position
        database, collection, name, position = _target(literals)
        called, end = call(name, position)
        modifiers: list[Call] = []
        while literals.accept("."):
            position = literals.position
            modifier = literals.name()
            if modifier is None:
                raise literals.refuse("Here should be the name of a modifier.", "Write one like .limit(10).")
            literals.skip()
            further, end = call(modifier, position)
            modifiers.append(further)
        yield Command(database, collection, called, modifiers, start, end)
        between = text[end : literals.position]
        if literals.position < len(text) and not literals.peek(";") and "\n" not in between:
            raise literals.refuse(
                f"Here should be ; or a new line, not {literals.next_word()}.",
                "Put each statement on its own line.",
            )


def _target(literals: Literals) -> tuple[str | None, str | None, str, int]:
    """Read up to the method's bracket: database, collection, method and where the method stands."""
    start = literals.position
    if literals.name() != "db":
        literals.position = start
        raise literals.refuse(f"A statement begins with db, not with {literals.next_word()}.", _EXAMPLE)
    literals.skip()
    database: str | None = None
    names: list[str] = []
    while True:
        if literals.accept("["):
            names.append(_quoted(literals))
            literals.expect("]", "behind the name")
            continue
        literals.expect(".", "behind db")
        position = literals.position
        name = literals.name()
        if name is None:
            raise literals.refuse(f"Here should be a name, not {literals.next_word()}.", _EXAMPLE)
        literals.skip()
        if not literals.peek("("):
            names.append(name)
        elif name in ("getCollection", "getSiblingDB"):
            literals.accept("(")
            quoted = _quoted(literals)
            literals.expect(")", "behind the name")
            if not quoted:
                raise literals.refuse("A name can not be empty.", "Write the name.", position)
            if name == "getCollection":
                names.append(quoted)
            else:
                database = quoted
        else:
            return database, ".".join(names) or None, name, position


def _quoted(literals: Literals) -> str:
    if literals.peek("{{"):
        raise literals.refuse(
            "{{ }} stands for a name. It is sent as a value, so it can not name anything.", "Write the name."
        )
    if not (literals.peek('"') or literals.peek("'")):
        raise literals.refuse("Here should be a name in quotes.", 'Write one like db["my collection"].')
    name = literals.string()
    literals.skip()
    return name
