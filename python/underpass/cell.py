"""Run the statements of a cell on an integration."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .arguments import Arguments
from .connectors import find_connector
from .connectors.base import Affected, Rows
from .failure import UnderpassError, fail
from .frames import to_frame
from .guard import Guard
from .integration import Integration
from .interrupt import run_interruptibly
from .pool import Pool, Pooled
from .statement import Statement

if TYPE_CHECKING:
    from .frames import AnyFrame
    from .progress import Progress

#: ``%%sql`` is line 1 of the cell.
FIRST_LINE = 2


@dataclass
class CellResult:
    """``frame`` holds the rows of the last statement that has any; ``lines`` tell people what was done."""

    frame: AnyFrame | None = None
    #: How many statements had rows.
    frames: int = 0
    #: Which of ``lines`` is about ``frame``.
    shown: int = 0
    lines: list[str] = field(default_factory=list)
    #: What ``lines`` say, for programs; see ``StatusLine.show``.
    facts: dict[str, Any] = field(default_factory=dict)


def run_cell(
    text: str,
    integration: Integration,
    pool: Pool,
    evaluate: Callable[[str], Any],
    arguments: Arguments,
    progress: Progress | None = None,
) -> CellResult:
    """Run all statements of ``text``, in order, until one fails; ``progress`` tells of long ones.

    Raises:
        UnderpassError: with line, column and an excerpt where the server said at which character it stopped.
        KeyboardInterrupt: stopped; the server has ended the statement.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        what = "This cell has half of a surrogate pair, which is no character."
        raise fail("invalid-request", "request", what, "Correct the text.") from None
    ready = integration.ensure()
    statements = find_connector(ready.type).statements(text, evaluate)
    if not statements:
        raise fail(
            "invalid-request", "request", "There is no SQL in this cell.", "Write it below the first line."
        )
    result = CellResult()
    with pool.connection(integration, ready) as pooled:
        for number, statement in enumerate(statements, start=1):
            with _blaming(statement, number, len(statements)):
                _run_one(statement, pooled, arguments, result, progress)
            # Said if the next one loses it.
            pooled.in_transaction = pooled.connector.in_transaction
    if result.frames > 1:
        result.lines.append("The rows of the last statement that has any are shown.")
    return result


def _run_one(
    statement: Statement,
    pooled: Pooled,
    arguments: Arguments,
    result: CellResult,
    progress: Progress | None,
) -> None:
    connector, ready = pooled.connector, pooled.ready
    guard = Guard(arguments)

    def work() -> tuple[Rows | Affected, AnyFrame | None]:
        answer = connector.run(
            statement.sql, statement.params, limit=arguments.limit, write=arguments.write, fetching=guard
        )
        if isinstance(answer, Affected):
            return answer, None
        # In the thread, so that Stop is answered while pandas works.
        return answer, to_frame(answer, arguments.frame, arguments.decimals, guard)

    start = time.perf_counter()
    look = progress.of(guard, ready) if progress else None
    answer, frame = run_interruptibly(work, connector.cancel, look)
    seconds = time.perf_counter() - start
    where = f"{seconds:.2f} s · {ready.name}{' · via tunnel' if ready.tunnelled else ''}"
    total = result.facts.get("seconds", 0) + seconds
    result.facts |= {"integration": ready.name, "tunnelled": ready.tunnelled, "seconds": round(total, 3)}
    if frame is not None and isinstance(answer, Rows):
        result.frame = frame
        rows, columns = frame.shape
        result.facts |= {"rows": rows, "columns": columns}
        result.frames += 1
        result.shown = len(result.lines)
        shape = f"{rows:,} {_plural('row', rows)} × {columns} {_plural('column', columns)}"  # noqa: RUF001
        result.lines.append(f"{shape} · {where}")
        result.lines += answer.remarks
    elif isinstance(answer, Affected):
        count = "" if answer.rows is None else f", {answer.rows:,} {_plural('row', answer.rows)} affected"
        result.lines.append(f"OK{count} · {where}")


def _plural(word: str, count: int) -> str:
    return word if count == 1 else f"{word}s"


@contextmanager
def _blaming(statement: Statement, number: int, count: int) -> Iterator[None]:
    """Say where in the cell it went wrong, and in which of several statements; those before it have run."""
    try:
        yield
    except UnderpassError as error:
        located = statement.located(error, FIRST_LINE)
        if count == 1:
            raise located from None
        message = f"Statement {number} of {count}: {located.failure['message']}"
        raise UnderpassError({**located.failure, "message": message}) from None
