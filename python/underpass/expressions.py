"""The ``{{ expression }}`` of a cell: where they stand, and which of them are Python."""

from __future__ import annotations

import ast
from dataclasses import dataclass

_STEADY = (
    ast.Name,
    ast.Attribute,
    ast.Subscript,
    ast.Slice,
    ast.Tuple,
    ast.Constant,
    ast.UnaryOp,
    ast.USub,
    ast.Load,
)


@dataclass(frozen=True)
class Expression:
    """Braces in the text, from ``start`` up to ``end`` (both offsets; the second is exclusive)."""

    start: int
    end: int
    source: str
    #: Why it is no Python expression; None if it is one.
    problem: str | None = None
    #: It names something. One that does not (``'{{1,2}}'``) may be meant as text.
    has_names: bool = True
    #: Names, attributes and subscripts only: it gives the same value wherever it stands.
    is_steady: bool = False

    @property
    def key(self) -> str | int:
        """The same for those that are one parameter."""
        return self.source if self.is_steady else self.start

    @property
    def code(self) -> str:
        """What to evaluate: ``source`` may have several lines."""
        return f"({self.source}\n)" if "\n" in self.source else self.source


def find_expressions(text: str) -> list[Expression]:
    """All double braces of ``text``, in order. They end at the first ``}}`` that makes them Python."""
    found: list[Expression] = []
    start = text.find("{{")
    while start >= 0:
        expression = expression_at(text, start)
        found.append(expression)
        start = text.find("{{", expression.end)
    return found


def expression_at(text: str, start: int) -> Expression:
    """The double braces that begin at ``start``."""
    problem = "The braces are not closed."
    first_end = None
    end = text.find("}}", start + 2)
    while end >= 0:
        first_end = first_end or end + 2
        source = text[start + 2 : end].strip()
        try:
            tree = _parse(source)
        except (SyntaxError, ValueError) as error:
            problem = error.msg if isinstance(error, SyntaxError) and error.msg else str(error)
        else:
            # `1,2` without parentheses is an array literal of PostgreSQL rather than a tuple.
            if not (isinstance(tree, ast.Tuple) and not source.startswith("(")):
                nodes = list(ast.walk(tree))
                names = any(isinstance(node, ast.Name) for node in nodes)
                steady = all(isinstance(node, _STEADY) for node in nodes)
                return Expression(start, end + 2, source, has_names=names, is_steady=steady)
            problem = "It is a list without brackets."
        end = text.find("}}", end + 1)
    stop = first_end or start + 2
    return Expression(start, stop, text[start + 2 : stop - 2].strip(), problem)


def _parse(source: str) -> ast.expr:
    return ast.parse(f"({source}\n)" if "\n" in source else source, mode="eval").body
