"""The text of a cell, read from left to right: spaces, comments, names, texts in quotes."""

from __future__ import annotations

import re

from underpass.expressions import expression_at
from underpass.failure import UnderpassError, fail

_SPACE = re.compile(r"(?:\s|//[^\n]*|/\*(?:[^*]|\*(?!/))*\*/)*")
_NAME = re.compile(r"[A-Za-z_$][\w$]*")
_WORD = re.compile(r"[\w$]+|.", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": ""}
_HEXADECIMAL = re.compile(r"u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})")
COMPUTE = "Compute it in Python: {{ expression }} sends the value."


class Reader:
    """Reads ``text`` from ``position`` on; positions count characters from 0."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0

    def skip(self) -> None:
        """Go to what is neither space nor comment."""
        found = _SPACE.match(self.text, self.position)
        assert found is not None
        self.position = found.end()
        if self.text.startswith("/*", self.position):
            raise self.refuse("This comment is not closed.", "Close it with */.")

    def peek(self, token: str) -> bool:
        """Whether ``token`` comes next."""
        return self.text.startswith(token, self.position)

    def accept(self, token: str) -> bool:
        """Read ``token`` and what is empty behind it, if it comes next."""
        if not self.peek(token):
            return False
        self.position += len(token)
        self.skip()
        return True

    def expect(self, token: str, where: str) -> None:
        """Read ``token``.

        Raises:
            UnderpassError: something else is there.
        """
        if not self.accept(token):
            raise self.refuse(f"Here should be {token} {where}, not {self.next_word()}.", COMPUTE)

    def name(self) -> str | None:
        """Read a name, if one comes next."""
        found = _NAME.match(self.text, self.position)
        if found is None:
            return None
        self.position = found.end()
        return found.group()

    def next_word(self) -> str:
        """What comes next, for people."""
        found = _WORD.match(self.text, self.position)
        return f'"{found.group()}"' if found else "the end"

    def refuse(self, message: str, fix: str = "Correct it.", position: int | None = None) -> UnderpassError:
        """What is not understood, and where."""
        at = (self.position if position is None else position) + 1
        return fail("invalid-request", "request", message, fix, position=at)

    def string(self) -> str:
        """Read a text in quotes."""
        start = self.position
        quote, pieces = self.text[start], []
        end = start + 1
        while (character := self.text[end : end + 1]) != quote:
            if character in ("", "\n") and (quote != "`" or not character):
                raise self.refuse("This text has no closing quote.", f"Close it with {quote}.", start)
            if character == "\\":
                piece, end = self._escape(end + 1)
                pieces.append(piece)
            else:
                pieces.append(character)
                end += 1
        raw = self.text[start + 1 : end]
        self.refuse_expressions(raw, start + 1)
        if quote == "`" and "${" in raw:
            raise self.refuse("${ } is JavaScript, which is not run.", COMPUTE, start)
        self.position = end + 1
        try:
            return "".join(pieces).encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError:
            raise self.refuse("This text has half of a character in it.", "Write both \\u.", start) from None

    def _escape(self, at: int) -> tuple[str, int]:
        code = _HEXADECIMAL.match(self.text, at)
        if code is None:
            character = self.text[at : at + 1]
            if character in ("u", "x"):
                raise self.refuse("This is no character.", "Write \\u and four hexadecimal digits.", at - 1)
            return _ESCAPES.get(character, character), at + 1
        number = int(code[1] or code[2] or code[3], 16)
        if number > 0x10FFFF:
            raise self.refuse("There is no such character.", position=at - 1)
        return chr(number), code.end()

    def refuse_expressions(self, raw: str, offset: int) -> None:
        """Refuse ``{{ }}`` within quotes: the user would expect the value there."""
        at = raw.find("{{")
        while at >= 0:
            expression = expression_at(raw, at)
            if expression.problem is None and expression.has_names:
                raise self.refuse(
                    f"{{{{ {expression.source} }}}} stands in quotes. It is sent as a value, never as text.",
                    "Remove the quotes around it; put text together in Python. "
                    "For braces meant as text write { {.",
                    offset + at,
                )
            at = raw.find("{{", expression.end)
