"""Completion in SQL cells: names of tables and columns from the integration's catalog.

The editor never waits long: what is not known yet is read in the background, for the next time.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from .arguments import parse_arguments
from .failure import UnderpassError

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from .listing import Catalog

#: Seconds that an answer may take.
PATIENCE = 0.3
#: Seconds for which an answer of the catalog is good.
FRESH = 60
#: Entries that one answer has at most.
MOST = 2000

_CELL = re.compile(r"%%(?:sql|underpass)[ \t]+([^\n]*)\n")
_NAME = r'(?:\w+|"[^"\n]*"|`[^`\n]*`|\[[^\]\n]*\])'
_WORD = re.compile(rf"((?:{_NAME}\.)*)([\w$]*)$")
_MENTIONED = re.compile(
    rf"\b(?:from|join|update|into)\s+({_NAME}(?:\.{_NAME})*)(?:\s+(?:as\s+)?(\w+))?", re.IGNORECASE
)


class Completer:
    """What may follow in the cells of this kernel; ``open_catalog`` gives the catalog of an integration."""

    def __init__(self, open_catalog: Callable[[str], Catalog]) -> None:
        self._open = open_catalog
        self._lock = threading.Lock()
        self._known: dict[tuple[str, ...], tuple[float, list[str]]] = {}
        self._asked: dict[tuple[str, ...], threading.Event] = {}

    def complete(self, cell: str, cursor: int) -> tuple[str, list[str]] | None:
        """What is typed already, and the names it may become; None outside of a SQL cell's statement.

        Args:
            cell: All of the cell's text.
            cursor: Characters before the cursor.
        """
        first = _CELL.match(cell)
        if first is None or cursor < first.end():
            return None
        try:
            integration = parse_arguments(first[1]).integration
        except UnderpassError:
            return None
        word = _WORD.search(cell[:cursor])
        assert word is not None
        path = [_plain(part) for part in re.findall(_NAME, word[1])]
        names = self._names(integration, path, cell[first.end() :])
        typed = word[2].lower()
        return word[2], [name for name in names if name.lower().startswith(typed)][:MOST]

    def _names(self, integration: str, path: Sequence[str], statement: str) -> list[str]:
        mentioned = [
            ([_plain(part) for part in re.findall(_NAME, match[1])], match[2] or "")
            for match in _MENTIONED.finditer(statement)
        ]
        if not path:
            columns = [name for table, _ in mentioned for name in self._columns(integration, table)]
            searched = self._searched(integration)
            tables = [name for schema in searched for name in self._tables(integration, schema)]
            return list(dict.fromkeys([*columns, *tables, *self._schemas(integration)]))
        for table, alias in mentioned:
            if path in ([alias], table, table[-1:]) and (columns := self._columns(integration, table)):
                return columns
        return [*self._tables(integration, ".".join(path)), *self._columns(integration, path)]

    def _columns(self, integration: str, table: Sequence[str]) -> list[str]:
        schemas = [".".join(table[:-1])] if len(table) > 1 else self._searched(integration)
        for schema in schemas:
            key = (integration, "columns", schema, table[-1])
            found = self._read(
                key, lambda catalog, schema=schema: [c.name for c in catalog.columns(schema, table[-1])]
            )
            if found:
                return found
        return []

    def _tables(self, integration: str, schema: str) -> list[str]:
        return self._read(
            (integration, "tables", schema), lambda catalog: [table.name for table in catalog.tables(schema)]
        )

    def _schemas(self, integration: str) -> list[str]:
        return self._read((integration, "schemas"), lambda catalog: list(catalog.schemas()))

    def _searched(self, integration: str) -> list[str]:
        """Schemas whose tables need no prefix."""
        return self._read((integration, "searched"), lambda catalog: catalog.searched())

    def _read(self, key: tuple[str, ...], question: Callable[[Catalog], list[str]]) -> list[str]:
        with self._lock:
            at, names = self._known.get(key, (float("-inf"), []))
            if time.monotonic() - at < FRESH:
                return names
            done = self._asked.get(key)
            if done is None:
                done = self._asked[key] = threading.Event()
                threading.Thread(target=self._ask, args=(key, question, done), daemon=True).start()
        done.wait(PATIENCE)
        with self._lock:
            return self._known.get(key, (0, names))[1]

    def _ask(
        self, key: tuple[str, ...], question: Callable[[Catalog], list[str]], done: threading.Event
    ) -> None:
        try:
            names = question(self._open(key[0]))
        except Exception:
            # Nothing to offer, and nobody to tell: a cell will say what is wrong.
            names = []
        with self._lock:
            self._known[key] = time.monotonic(), names
            del self._asked[key]
        done.set()


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
            "completions": [SimpleCompletion(name) for name in names],
            "matched_fragment": typed,
            "suppress": True,
        }

    shell.Completer.custom_matchers.append(match)


def _plain(name: str) -> str:
    """Without the quotes of any dialect."""
    return name[1:-1] if name[:1] in '"`[' else name
