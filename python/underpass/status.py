"""The one line above a result: what is being waited for, then what was done."""

from __future__ import annotations

import html
from typing import Any, Literal

from IPython.display import display

#: The same as data, for front ends: a SQL cell's header shows it.
MIME_TYPE = "application/vnd.underpass.status+json"

State = Literal["waiting", "fetching", "done", "stopped", "failed"]


class StatusLine:
    """A line of a cell's output that can change. Nothing is shown before the first text."""

    def __init__(self) -> None:
        self._handle: Any = None

    def show(self, state: State, text: str, **known: Any) -> None:
        """Show ``text`` in place of what was shown before.

        Args:
            state: What the cell is doing, for programs.
            text: For people.
            known: What else is known, for programs: ``integration``, ``rows``, ``columns``, ``seconds``,
                ``tunnelled``, ``output``, ``outputIsDefault``, ``fetchedRows``. None is left out.
        """
        markup = f'<div style="opacity:.65;font-size:smaller;white-space:pre-line">{html.escape(text)}</div>'
        facts = {name: value for name, value in known.items() if value is not None}
        bundle = {
            "text/plain": text,
            "text/html": markup,
            MIME_TYPE: {"state": state, "text": text, **facts},
        }
        if self._handle is None:
            self._handle = display(bundle, raw=True, display_id=True)
        else:
            self._handle.update(bundle, raw=True)

    def end(self, state: State, text: str, **known: Any) -> None:
        """Say that the cell ended without a result, if the line says anything at all: the error follows."""
        if self._handle is not None:
            self.show(state, text, **known)
