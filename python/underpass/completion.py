"""Completion in SQL cells where no front end does it: plain IPython, VS Code, ``%%sql duckdb``.

The tunnel service knows what may stand where, as it does for editors; only the DataFrames are this kernel's.
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from .arguments import parse_arguments
from .failure import UnderpassError

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

#: Seconds that an answer may take while names are being read.
PATIENCE = 0.5
#: Entries that one answer has at most.
MOST = 2000
#: What ``%%sql`` names for SQL over the DataFrames of this kernel.
DATAFRAMES = "duckdb"

#: Asks the service: the cell's text, the line and the character in UTF-16.
Ask = Callable[[str, int, int], Mapping[str, Any]]

_CELL = re.compile(r"%%(?:sql|underpass)(?=[ \t\n]|$)([^\n]*)")
_WORD = re.compile(r"[\w$]*$")


class Completer:
    """What may follow in the cells of this kernel; ``variables`` are its own."""

    def __init__(self, ask: Ask, variables: Mapping[str, Any]) -> None:
        self._ask = ask
        self._variables = variables

    def complete(self, cell: str, cursor: int) -> tuple[str, list[tuple[str, str]]] | None:
        """What is typed already, and the names with their kinds that it may become; None where Python knows.

        Args:
            cell: All of the cell's text.
            cursor: Characters before the cursor.
        """
        first = _CELL.match(cell)
        if first is None or cursor <= first.start(1) or _in_expression(cell, cursor):
            return None
        if cursor > first.end() and _integration(first[1]).lower() == DATAFRAMES:
            return self._with_frames(cell, cursor)
        return self._of_service(cell, cursor)

    def _of_service(self, cell: str, cursor: int) -> tuple[str, list[tuple[str, str]]]:
        before = cell[:cursor]
        line = before.count("\n")
        at = _utf16(before.rpartition("\n")[2])
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                answer = self._ask(cell, line, at)
            except UnderpassError:
                # Nothing to offer, and nobody to tell: a cell will say what is wrong.
                return "", []
            if not answer["isReading"] or time.monotonic() > deadline:
                break
            time.sleep(0.05)
        typed = _last(before, at - answer["range"]["start"]["character"])
        # IPython replaces what is before the cursor only.
        behind = cell[cursor : cursor + answer["range"]["end"]["character"] - at]
        return typed, [(item["text"].removesuffix(behind), item["kind"]) for item in answer["items"]][:MOST]

    def _with_frames(self, cell: str, cursor: int) -> tuple[str, list[tuple[str, str]]]:
        word = _WORD.search(cell[:cursor])
        typed = word[0] if word else ""
        frames = [(name, "table") for name in self._frames()]
        columns = [
            (column, "column")
            for name, frame in self._frames().items()
            if re.search(rf"\b{re.escape(name)}\b", cell)
            for column in _columns(frame)
        ]
        found = [
            item for item in dict.fromkeys([*columns, *frames]) if item[0].lower().startswith(typed.lower())
        ]
        fragment, others = self._of_service(cell, cursor)
        return (fragment, [*found, *others]) if fragment == typed else (typed, found)

    def _frames(self) -> dict[str, Any]:
        return {
            name: value
            for name, value in self._variables.items()
            if not name.startswith("_")
            and type(value).__name__ in ("DataFrame", "LazyFrame", "Table")
            and type(value).__module__.partition(".")[0] in ("pandas", "polars", "pyarrow")
        }


def ask_service(text: str, line: int, character: int) -> Mapping[str, Any]:
    """What the service offers, with the drivers of this Python.

    Raises:
        UnderpassError: it can not be asked.
    """
    from .client import project_folder, shared_client

    python = {"program": sys.executable}
    if search := os.environ.get("PYTHONPATH"):
        python["path"] = search
    position = {"line": line, "character": character}
    params = {"folder": project_folder(), "text": text, "python": python, **position}
    return shared_client().request("underpass/language/complete", params)


def complete_in(shell: InteractiveShell, completer: Completer) -> None:
    """Have ``shell`` ask ``completer`` first."""
    from IPython.core.completer import CompletionContext, SimpleCompletion, completion_matcher

    @completion_matcher(identifier="underpass", priority=1000, api_version=2)
    def match(context: CompletionContext) -> Any:
        before = context.full_text.split("\n")[: context.cursor_line]
        cursor = sum(len(line) + 1 for line in before) + context.cursor_position
        found = completer.complete(context.full_text, cursor)
        if found is None:
            return {"completions": []}
        typed, names = found
        # Python's own completions make no sense in SQL.
        return {
            "completions": [SimpleCompletion(name, type=kind) for name, kind in names],
            "matched_fragment": typed,
            "suppress": True,
        }

    shell.Completer.custom_matchers.append(match)


def _integration(line: str) -> str:
    try:
        return parse_arguments(line).integration
    except UnderpassError:
        return ""


def _in_expression(cell: str, cursor: int) -> bool:
    """Within ``{{ }}``, which is Python's."""
    return cell.rfind("{{", 0, cursor) > cell.rfind("}}", 0, cursor)


def _columns(frame: Any) -> Iterator[str]:
    if type(frame).__name__ == "LazyFrame":
        # To name them costs a plan.
        return iter(())
    names = getattr(frame, "column_names", None) or getattr(frame, "columns", ())
    return (name for name in names if isinstance(name, str))


def _utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _last(text: str, units: int) -> str:
    """The end of ``text``, so many UTF-16 units of it."""
    return text.encode("utf-16-le")[len(text.encode("utf-16-le")) - 2 * units :].decode("utf-16-le")
