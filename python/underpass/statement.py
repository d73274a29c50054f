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


@dataclass(frozen=True)
class Statement:
    """``sql`` is what the driver gets, with its placeholders; ``params`` are the values for them."""

    sql: str
    params: Sequence[Any] = ()
    #: The whole text that it is a part of, and the part's offset in it.
    cell: str = ""
    start: int = 0
    edits: Sequence[Edit] = ()

    def offset_in_cell(self, position: int) -> int:
        """Where the character at ``position`` of ``sql`` (from 0) stands in the cell."""
        shift = self.start
        for edit in self.edits:
            begin = edit.start - shift
            if position < begin:
                break
            if position < begin + len(edit.text):
                return edit.start
            shift += (edit.end - edit.start) - len(edit.text)
        return position + shift

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
        offset = min(self.offset_in_cell(position - 1), len(self.cell))
        before = self.cell[:offset]
        line_start = before.rfind("\n") + 1
        line, column = first_line + before.count("\n"), offset - line_start + 1
        text = self.cell[line_start:].split("\n", 1)[0]
        number = str(line)
        mark = "".join("\t" if character == "\t" else " " for character in text[: column - 1])
        excerpt = f"{number} | {text}\n{' ' * len(number)} | {mark}^"
        detail = {**failure.get("detail", {}), "line": line, "column": column, "excerpt": excerpt}
        fix = failure["fix"]
        if any(edit.start == offset for edit in self.edits):
            fix = (
                "{{ }} is sent as a value, beside the statement: it can not stand for a name or a keyword. "
                "Write those into the SQL."
            )
        return UnderpassError({**failure, "fix": fix, "detail": detail})
