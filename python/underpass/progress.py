"""How far a long fetch is, in a cell's status line; quick ones say nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .guard import Guard
    from .ready import Ready
    from .status import StatusLine

#: Seconds after which something is said at all, and between two changes of it.
QUIET, PAUSE = 1.0, 0.4


class Progress:
    """Tells of the statements of one cell."""

    def __init__(self, status: StatusLine) -> None:
        self._status = status

    def of(self, fetching: Guard, ready: Ready) -> Callable[[], None]:
        """What to call while a statement runs, as often as one likes, in the thread that runs the cell."""
        start = said = time.monotonic()
        rows = -1

        def look() -> None:
            nonlocal said, rows
            now, count = time.monotonic(), fetching.rows
            if now - start < QUIET or now - said < PAUSE or count == rows:
                return
            said, rows = now, count
            known = {"integration": ready.name, "tunnelled": ready.tunnelled}
            if not count:
                self._status.show("waiting", f"Running on {ready.name} …", **known)
                return
            noun = "row" if count == 1 else "rows"
            text = f"{count:,} {noun} so far · {now - start:.0f} s · {ready.name}"
            self._status.show("fetching", text, **known, fetchedRows=count, seconds=round(now - start, 1))

        return look
