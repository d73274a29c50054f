"""The one line above a result: what is being waited for, then what was done."""

from __future__ import annotations

import html
from typing import Any

from IPython.display import display


class StatusLine:
    """A line of a cell's output that can change. Nothing is shown before the first text."""

    def __init__(self) -> None:
        self._handle: Any = None

    def show(self, text: str) -> None:
        """Show ``text`` in place of what was shown before."""
        markup = f'<div style="opacity:.65;font-size:smaller;white-space:pre-line">{html.escape(text)}</div>'
        bundle = {"text/plain": text, "text/html": markup}
        if self._handle is None:
            self._handle = display(bundle, raw=True, display_id=True)
        else:
            self._handle.update(bundle, raw=True)
