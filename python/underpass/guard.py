"""Ends a fetch before its rows eat the kernel's memory, and counts them."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from .failure import UnderpassError, fail
from .fetching import Fetching
from .memory import available, in_words, limit_of, resident
from .sizes import on_top

if TYPE_CHECKING:
    import pyarrow as pa

    from .arguments import Arguments, Decimals, Frame

#: Says the limit for all cells of a kernel, as ``--max-memory`` does for one.
VARIABLE = "UNDERPASS_MAX_MEMORY"
#: Share of the memory that is free which one result may take: something is to be done with it afterwards.
SHARE = 0.75
#: Bytes from which on it is looked at what is free.
_SMALL = 16_000_000
#: Growth of the process that may be of something else, such as an import.
_NOISE = 128_000_000
#: Seconds for which that is good.
_FRESH = 0.2


class Guard(Fetching):
    """Follows one statement.

    What its rows need is what has arrived, and what their conversion takes on top while both are there.
    """

    def __init__(self, arguments: Arguments) -> None:
        """Raises: UnderpassError: the variable is no size."""
        self._frame: Frame = arguments.frame
        self._decimals: Decimals = arguments.decimals
        self._said = arguments.max_memory or os.environ.get(VARIABLE)
        self._limit: float | None = None
        #: Who says it, for people.
        self._whose = "--max-memory" if arguments.max_memory else VARIABLE
        if self._said:
            self._limit = limit_of(self._said, self._whose)
        self._looked = float("-inf")
        self.rows = 0
        self._size = 0
        self._on_top = 0
        #: What the process had when somebody looked for the first time.
        self._before: int | None = None

    def watch(self) -> UnderpassError | None:
        """Why to end the statement: a driver takes all rows before it gives the first one, and they grow.

        Asked from another thread. What the driver holds becomes Arrow first, so half of the limit is enough.
        """
        size = resident()
        if self.rows or size is None:
            return None
        if self._before is None:
            self._before = size
        held = size - self._before
        if not self._said and held > _SMALL:
            self._look(held)
        if self._limit is None or held < max(_NOISE, self._limit / 2):
            return None
        takes = f"The driver already holds {in_words(held)}, and has not given the first row"
        return self._refuse(takes, 2 * held, "The statement was ended on the server.")

    def fetched(self, rows: int, size: int) -> None:
        # In pandas about as much again; who knows better tells by ``arrived``.
        self._take(rows, size, size if self._frame == "pandas" else 0)

    def arrived(self, batch: pa.RecordBatch | pa.Table) -> None:
        self._take(batch.num_rows, batch.nbytes, on_top(batch, self._frame, self._decimals))

    def weigh(self, table: pa.Table) -> None:
        """All rows are here and will be converted now.

        Raises:
            UnderpassError: ``result-too-large``; the statement was executed.
        """
        self.rows, self._size = table.num_rows, table.nbytes
        self._on_top = on_top(table, self._frame, self._decimals)
        self._check("The statement was executed, but its rows were not converted.")

    def _take(self, rows: int, size: int, on_top: int) -> None:
        self.rows += rows
        self._size += size
        self._on_top += on_top
        self._check("Fetching was stopped and the statement ended on the server.")

    def _check(self, done: str) -> None:
        needed = self._size + self._on_top
        if not self._said and needed > _SMALL:
            self._look(self._size)
        if self._limit is not None and needed > self._limit:
            raise self._too_large(needed, done)

    def _look(self, held: int) -> None:
        if time.monotonic() - self._looked > _FRESH:
            free = available()
            # Rows that are here are not free any more, but are not lost either.
            self._limit = None if free is None else SHARE * (free + held)
            self._looked = time.monotonic()

    def _too_large(self, needed: int, done: str) -> UnderpassError:
        takes = f"The first {self.rows:,} rows take {in_words(self._size)}"
        if self._on_top:
            takes += f", {in_words(needed)} while they become a table of {self._frame}"
        return self._refuse(takes, needed, done)

    def _refuse(self, takes: str, needed: int, done: str) -> UnderpassError:
        assert self._limit is not None
        whose = self._whose if self._said else f"{SHARE:.0%} of the memory that is free"
        other = "" if self._frame == "arrow" else " --frame arrow needs less."
        return fail(
            "result-too-large",
            "query",
            f"The result is too large for this kernel's memory. {takes}; the limit is "
            f"{in_words(self._limit)} ({whose}). {done}",
            f"Fetch fewer rows (--limit {_fewer(self.rows)}), fewer columns, or have the database aggregate "
            f"them.{other} To allow more: --max-memory {_more(needed)}, or --max-memory none.",
            rows=self.rows,
            bytes=self._size,
            neededBytes=needed,
            limitBytes=int(self._limit),
        )


def _fewer(rows: int) -> int:
    """A round number below."""
    if not rows:
        return 1000
    return max(1, 10 ** (len(str(rows)) - 1) // (1 if str(rows)[0] > "1" else 10))


def _more(needed: int) -> str:
    """Twice as much, as one writes it."""
    return f"{max(1, round(2 * needed / 1e9))}GB" if needed > 5e8 else f"{max(1, round(2 * needed / 1e6))}MB"
