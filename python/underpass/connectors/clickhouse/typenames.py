"""Types as ClickHouse writes them: ``Array(Nullable(DateTime('UTC')))``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_QUOTES = "'`\""
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "b": "\b", "f": "\f"}
#: Types that say something about another one, which is their last argument.
_WRAPPERS = ("Nullable", "LowCardinality", "SimpleAggregateFunction")


@dataclass(frozen=True)
class Kind:
    """``name`` without brackets; ``arguments`` as they are written."""

    name: str
    arguments: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Kind:
        """Read a type; what wraps it is left out."""
        name, bracket, rest = text.strip().partition("(")
        arguments = tuple(_split(rest.rstrip()[:-1], ",")) if bracket else ()
        kind = cls(name.strip(), arguments)
        return cls.parse(arguments[-1]) if kind.name in _WRAPPERS and arguments else kind

    @property
    def elements(self) -> list[Kind]:
        """Types of what a Tuple, Array or Map is made of; names of a Tuple's elements are left out."""
        return [Kind.parse([*_split(argument.strip(), " ")][-1]) for argument in self.arguments]

    @property
    def zone(self) -> str | None:
        """The time zone that a type names."""
        quoted = [argument.strip() for argument in self.arguments if argument.strip().startswith("'")]
        return _unquoted(quoted[0]) if quoted else None

    @property
    def names(self) -> dict[int, str]:
        """The values of an Enum by number."""
        pairs = (argument.rpartition("=") for argument in self.arguments)
        return {int(number): _unquoted(name.strip()) for name, _, number in pairs}


def _unquoted(text: str) -> str:
    return _ESCAPE.sub(lambda match: _ESCAPES.get(match[1], match[1]), text[1:-1])


def _split(text: str, separator: str) -> Iterator[str]:
    """Parts of ``text`` between separators outside of quotes and brackets; none if it is empty."""
    depth, quote, start, index = 0, "", 0, 0
    while index < len(text):
        character = text[index]
        if quote:
            if character == "\\":
                index += 1
            elif character == quote:
                quote = ""
        elif character in _QUOTES:
            quote = character
        elif character in "()":
            depth += 1 if character == "(" else -1
        elif character == separator and depth == 0:
            yield text[start:index]
            start = index + 1
        index += 1
    if text[start:].strip():
        yield text[start:]
