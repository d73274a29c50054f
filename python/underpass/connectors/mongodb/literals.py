"""The literals of a cell, as mongosh and relaxed extended JSON write them; read, never evaluated.

Unquoted keys, single quotes, trailing commas, comments, regular expressions and the constructors of BSON's
types (see ``constructors``). What is computed in JavaScript is not understood: that is what ``{{ }}`` is for.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from bson import json_util
from bson.regex import Regex

from underpass.expressions import Expression, expression_at

from .constructors import CONSTANTS, CONSTRUCTORS
from .reader import COMPUTE, Reader

#: From the outermost argument to the value: keys and numbers of elements.
Path = tuple[str | int, ...]
#: Gives the value of an expression that stands at a path.
Take = Callable[[Expression, Path, int], Any]

_NUMBER = re.compile(r"[-+]?(?:0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)")
_REGEX = re.compile(r"/((?:[^/\\\n\[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+)/([a-z]*)")
_ESCAPED = re.compile(r"\\.")
#: Objects of extended JSON that stand for a value: all of their keys.
_WRAPPERS = {
    *map(
        frozenset,
        (
            *(["$oid"], ["$date"], ["$numberInt"], ["$numberLong"], ["$numberDouble"], ["$numberDecimal"]),
            *(["$binary"], ["$binary", "$type"], ["$uuid"], ["$timestamp"], ["$regularExpression"]),
            *(["$minKey"], ["$maxKey"], ["$code"], ["$code", "$scope"]),
        ),
    )
}
_JSON = json_util.RELAXED_JSON_OPTIONS.with_options(tz_aware=True)
#: Characters of a number up to which it is looked at.
_DIGITS = 1000
#: Levels of nesting that MongoDB allows.
_DEPTH = 100


class Literals(Reader):
    """Reads values."""

    def __init__(self, text: str, take: Take) -> None:
        super().__init__(text)
        self._take = take

    def value(self, path: Path = ()) -> Any:
        """Read one value and what is empty behind it.

        Raises:
            UnderpassError: it is none; with ``detail["position"]``.
        """
        if len(path) > _DEPTH:
            raise self.refuse(f"This is nested in more than {_DEPTH} levels.", "MongoDB allows no more.")
        value = self._value(path)
        self.skip()
        return value

    def _value(self, path: Path) -> Any:
        start, text = self.position, self.text
        character = text[start : start + 1]
        if self.peek("{{"):
            expression = expression_at(text, start)
            if expression.problem:
                message = f"{{{{ {expression.source} }}}} is not a Python expression: {expression.problem}"
                raise self.refuse(message, "Correct it; write { { for an object in an object.")
            self.position = expression.end
            return self._take(expression, path, start)
        if character == "{":
            return self._object(path)
        if character == "[":
            return self._array(path)
        if character in ("'", '"', "`") and character:
            return self.string()
        if character == "/":
            return self._regex()
        number = _NUMBER.match(text, start)
        if number is not None:
            return self._number(number)
        if character in ("-", "+") and text.startswith("Infinity", start + 1):
            self.position += len("-Infinity")
            return float(f"{character}inf")
        return self._word(path)

    def _regex(self) -> Regex[str]:
        found = _REGEX.match(self.text, self.position)
        if found is None:
            raise self.refuse("This regular expression has no end.", "Write /pattern/ or /pattern/i.")
        pattern, flags = found.groups()
        self.refuse_expressions(pattern, self.position + 1)
        if set(flags) - set("imsux"):
            raise self.refuse(f"MongoDB has no options /{flags} of regular expressions.", "Use i, m, s, x.")
        self.position = found.end()
        unescaped = _ESCAPED.sub(lambda pair: "/" if pair[0] == "\\/" else pair[0], pattern)
        return Regex(unescaped, "".join(sorted(set(flags) - {"u"})))

    def _number(self, found: re.Match[str]) -> int | float:
        text = found.group()
        self.position = found.end()
        if re.match(r"[-+]?0\d", text):
            raise self.refuse(f"{text} is octal to some.", "Write it without the 0 in front.", found.start())
        if not re.search(r"[.eE]", text) or re.match(r"[-+]?0[xX]", text):
            # Python makes no number of thousands of digits.
            number = int(text[:_DIGITS], 0) if "x" in text.lower() else int(text[:_DIGITS])
            if len(text) > _DIGITS or not -(2**63) <= number < 2**63:
                raise self.refuse(
                    f"{text} does not fit into 64 bits.", f'Write NumberDecimal("{text}").', found.start()
                )
            return number
        return float(text)

    def _word(self, path: Path) -> Any:
        start = self.position
        name = self.name()
        is_new = name == "new"
        if is_new:
            self.skip()
            name = self.name()
        if name is None:
            raise self.refuse(f"Here should be a value, not {self.next_word()}.", COMPUTE)
        self.skip()
        if self.peek("(") and name in CONSTRUCTORS:
            self.position += 1
            self.skip()
            return self._constructed(name, self._arguments(path, name), start, is_new=is_new)
        if not is_new and name in CONSTANTS:
            return CONSTANTS[name]()
        self.position = start
        known = ", ".join(sorted(CONSTRUCTORS))
        raise self.refuse(f"{name} is no value. These are known: {known}.", f"{COMPUTE} Text needs quotes.")

    def _constructed(self, name: str, arguments: list[Any], start: int, *, is_new: bool) -> Any:
        if name == "Date" and not is_new:
            raise self.refuse("Date() without new is a text of JavaScript.", "Write new Date(…).", start)
        try:
            return CONSTRUCTORS[name](*arguments)
        except Exception as error:
            # Errors of the driver quote the value, which may have come from {{ }}.
            reason = str(error) if type(error) is ValueError else "not a value of this type"
            raise self.refuse(f"{name}: {reason}.", position=start) from None

    def _arguments(self, path: Path, name: str) -> list[Any]:
        found: list[Any] = []
        while not self.accept(")"):
            if found:
                self.expect(",", f"or ) between the arguments of {name}")
                if self.accept(")"):
                    break
            found.append(self.value((*path, f"{name}()")))
        return found

    def _object(self, path: Path) -> Any:
        start = self.position
        found: dict[str, Any] = {}
        self.accept("{")
        while not self.accept("}"):
            if found:
                self.expect(",", "or } behind a value")
                if self.accept("}"):
                    break
            at = self.position
            key = self._key()
            if key in found:
                message = f'The key "{key}" stands twice here; only the last one would count.'
                raise self.refuse(message, "Put both into one, or into $and.", at)
            self.skip()
            self.expect(":", f'behind the key "{key}"')
            found[key] = self.value((*path, key))
        if frozenset(found) in _WRAPPERS:
            try:
                return json_util.object_hook(found, _JSON)
            except Exception:
                raise self.refuse(
                    f"This is no value of extended JSON ({next(iter(found))}).", position=start
                ) from None
        return found

    def _key(self) -> str:
        if self.peek("{{"):
            raise self.refuse(
                "{{ }} stands for a key. It is sent as a value, so it can not name anything.",
                "Give the whole object: {{ {name: value} }}.",
            )
        if self.peek('"') or self.peek("'"):
            return self.string()
        number = _NUMBER.match(self.text, self.position)
        if number is not None:
            self.position = number.end()
            return number.group()
        name = self.name()
        if name is None:
            raise self.refuse(
                f"Here should be a key, not {self.next_word()}.", "Put keys like this in quotes."
            )
        if self.peek("."):
            raise self.refuse("A key with a dot needs quotes.", f'Write "{name}.…".')
        return name

    def _array(self, path: Path) -> list[Any]:
        found: list[Any] = []
        self.accept("[")
        while not self.accept("]"):
            if found:
                self.expect(",", "or ] behind a value")
                if self.accept("]"):
                    break
            found.append(self.value((*path, len(found))))
        return found
