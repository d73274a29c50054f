"""Run one statement as cells do: Stop ends it, and rows that would eat the memory do, too."""

from __future__ import annotations

from underpass.arguments import Arguments, Frame
from underpass.connectors.base import Affected, Connector, Rows
from underpass.failure import UnderpassError
from underpass.guard import Guard
from underpass.interrupt import run_interruptibly
from underpass.statement import Statement


def guard_of(name: str, frame: Frame) -> Guard:
    """For rows of an integration that will be of this kind."""
    return Guard(Arguments(name, frame=frame))


def run_statement(connector: Connector, statement: Statement, guard: Guard) -> Rows | Affected:
    """Run it to its end.

    Raises:
        UnderpassError: with the place in the text, where the server said it.
    """
    try:
        return run_interruptibly(
            lambda: connector.run(statement.sql, statement.params, fetching=guard),
            connector.cancel,
            guard.watch,
        )
    except UnderpassError as error:
        raise statement.located(error, 1) from None
