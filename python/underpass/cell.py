"""Run the statements of a cell on an integration."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from .arguments import Arguments
from .chaining import Chained, Remembered, Results, chain, query_of
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
    from .connectors.base import Connector
    from .dataframes import DataFrames
    from .frames import AnyFrame
    from .progress import Progress
    from .ready import Ready

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
    #: Where ``frame`` came from, for later cells.
    remembered: Remembered | None = None


def run_cell(
    text: str,
    integration: Integration,
    pool: Pool,
    evaluate: Callable[[str], Any],
    arguments: Arguments,
    progress: Progress | None = None,
    results: Results | None = None,
) -> CellResult:
    """Run all statements of ``text``, in order, until one fails.

    Args:
        text: The cell below its first line.
        integration: What it runs on.
        pool: Has the connection, or opens it.
        evaluate: Gives the value of an expression.
        arguments: The first line.
        progress: Tells of long statements.
        results: What earlier cells gave, for ``--with``.
    Raises:
        UnderpassError: with line, column and an excerpt where the server said at which character it stopped.
        KeyboardInterrupt: stopped; the server has ended the statement.
    """
    _require_characters(text)
    ready = integration.ensure()
    prepared = _prepare(text, find_connector(ready.type), ready, evaluate, arguments, results)
    with pool.connection(integration, ready) as pooled:
        return _run_all(prepared, pooled, arguments, progress)


def run_over_dataframes(
    text: str,
    database: DataFrames,
    evaluate: Callable[[str], Any],
    arguments: Arguments,
    progress: Progress | None = None,
    results: Results | None = None,
) -> CellResult:
    """As ``run_cell``, in this process: ``%%sql duckdb``."""
    _require_characters(text)
    from .dataframes import READY

    prepared = _prepare(text, type(database), READY, evaluate, arguments, results)
    return _run_all(prepared, Pooled(database, READY), arguments, progress)


def _require_characters(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        what = "This cell has half of a surrogate pair, which is no character."
        raise fail("invalid-request", "request", what, "Correct the text.") from None


@dataclass(frozen=True)
class _Prepared:
    statements: Sequence[Statement]
    remembered: Remembered | None


def _prepare(
    text: str,
    connector: type[Connector],
    ready: Ready,
    evaluate: Callable[[str], Any],
    arguments: Arguments,
    results: Results | None,
) -> _Prepared:
    """Cut the cell into statements, the SQL of earlier results in front, and evaluate its expressions."""
    chained: Chained | None = None
    if arguments.earlier:
        found = {name: (results or Results({})).find(name, ready.id) for name in arguments.earlier}
        chained = chain(text, found, connector.dialect)
        statements = connector.statements(chained.text, chained.evaluate(evaluate))
    else:
        statements = connector.statements(text, evaluate)
    if not statements:
        raise fail(
            "invalid-request", "request", "There is no SQL in this cell.", "Write it below the first line."
        )
    remembered: Remembered | None = None
    if name := arguments.variable:
        make = partial(query_of, name, statements, connector.dialect)
        remembered = Remembered(ready.id, ready.name, make)
    placed = [*map(chained.in_cell, statements)] if chained else statements
    return _Prepared(placed, remembered)


def _run_all(
    prepared: _Prepared, pooled: Pooled, arguments: Arguments, progress: Progress | None
) -> CellResult:
    result = CellResult(remembered=prepared.remembered)
    count = len(prepared.statements)
    for number, statement in enumerate(prepared.statements, start=1):
        with _blaming(statement, number, count):
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
    tell = progress.of(guard, ready) if progress else None

    def look() -> UnderpassError | None:
        if tell is not None:
            tell()
        return guard.watch()

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
