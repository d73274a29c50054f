"""One statement of a cell, ready for a driver, and the way back to the cell's text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .failure import UnderpassError


@dataclass(frozen=True)
class Edit:
    """``cell[start:end]`` was replaced by ``text``."""

    start: int
    end: int
    text: str
    #: Where the text is the SQL of earlier results that stand in front: their names, for people.
    earlier: str = ""


@dataclass(frozen=True)
class Bound:
    """``cell[start:end]`` is an expression whose value is bound; one ``key`` is one parameter."""

    start: int
    end: int
    key: str | int
    value: Any


@dataclass(frozen=True)
class Statement:
    """``sql`` is what the driver gets, with its placeholders; ``params`` are the values for them."""

    sql: str
    params: Sequence[Any] = ()
    #: The whole text that it is a part of, and the part's offset in it.
    cell: str = ""
    start: int = 0
    edits: Sequence[Edit] = ()
    #: The expressions of this statement, in order.
    bound: Sequence[Bound] = ()

    @property
    def end(self) -> int:
        """Where the statement ends in the cell."""
        return self.start + len(self.sql) + sum(edit.end - edit.start - len(edit.text) for edit in self.edits)

    def offset_in_cell(self, position: int) -> int:
        """Where the character at ``position`` of ``sql`` (from 0) stands in the cell."""
        return self._place(position)[0]

    def _place(self, position: int) -> tuple[int, Edit | None]:
        """Also the edit that the character is in."""
        shift = self.start
        for edit in self.edits:
            begin = edit.start - shift
            if position < begin:
                break
            if position < begin + len(edit.text):
                return edit.start, edit
            shift += (edit.end - edit.start) - len(edit.text)
        return position + shift, None

    def located(self, error: UnderpassError, first_line: int) -> UnderpassError:
        """The same error with line, column and an excerpt, where the server said at which character.

        Args:
            error: ``detail["position"]`` counts characters of ``sql`` from 1.
            first_line: Number of the first line of ``cell`` in the editor.
        """
        failure = error.failure
        position = failure.get("detail", {}).get("position")
        if not position:
            return error
        place, edit = self._place(position - 1)
        if edit is not None and edit.earlier:
            return _in_earlier(error, edit.earlier)
        offset = min(place, len(self.cell))
        before = self.cell[:offset]
        line_start = before.rfind("\n") + 1
        line, column = first_line + before.count("\n"), offset - line_start + 1
        text = self.cell[line_start:].split("\n", 1)[0]
        number = str(line)
        mark = "".join("\t" if character == "\t" else " " for character in text[: column - 1])
        excerpt = f"{number} | {text}\n{' ' * len(number)} | {mark}^"
        detail = {**failure.get("detail", {}), "line": line, "column": column, "excerpt": excerpt}
        fix = failure["fix"]
        if any(other.start == offset and not other.earlier for other in self.edits):
            fix = (
                "{{ }} is sent as a value, beside the statement: it can not stand for a name or a keyword. "
                "Write those into the SQL."
            )
        return UnderpassError({**failure, "fix": fix, "detail": detail})


def _in_earlier(error: UnderpassError, names: str) -> UnderpassError:
    """The same error for a place that is not in this cell."""
    failure = error.failure
    detail = {name: value for name, value in failure.get("detail", {}).items() if name != "position"}
    message = f"In the SQL that --with puts in front ({names}): {failure['message']}"
    fix = "Look at that cell: it has to work within WITH … AS ( ), too."
    return UnderpassError({**failure, "message": message, "fix": fix, "detail": detail})
