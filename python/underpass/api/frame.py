"""``underpass.sql``: one statement, one DataFrame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from underpass.client import project_folder, shared_client
from underpass.connectors import find_connector
from underpass.connectors.base import Rows
from underpass.failure import fail
from underpass.integration import Integration

from .exceptions import as_errors
from .parameters import named_values
from .running import guard_of, run_statement

if TYPE_CHECKING:
    import pandas as pd


def sql(text: str, /, integration: str, **values: Any) -> pd.DataFrame:
    """Run SQL and give the rows: ``underpass.sql("SELECT … WHERE id = {{ x }}", integration="Prod", x=1)``.

    It runs on the connection that the cells of this kernel use, one for each integration, which stays open.
    Each statement is committed by itself. For transactions of your own use ``underpass.connect``.

    Args:
        text: SQL as in a cell. ``{{ x }}`` is always bound as a value. Expressions (``{{ x * 2 }}``) may only
            use what is given here: never variables of the caller, nor functions.
        integration: Name of an integration that is connected to this project.
        values: What ``{{ }}`` may name; arrays, Series, tuples and sets are lists.
    Returns:
        The rows of the last statement that has any, with the types of docs/types.md; a DataFrame without
        columns if there is none.
    Raises:
        ProgrammingError, OperationalError, …: as ``underpass.connect`` and its cursors.
        KeyboardInterrupt: stopped; the server has ended the statement.
    """
    import pandas as pd

    from underpass.frames import to_frame
    from underpass.kernel_pool import kernel_pool

    found = Integration(shared_client(), integration, project_folder())
    evaluate = named_values(values, "Give it as a keyword argument.")
    frame: Any = None
    with as_errors():
        ready = found.ensure()
        statements = find_connector(ready.type).statements(text, evaluate)
        if not statements:
            raise fail("invalid-request", "request", "There is no SQL in this text.", "Write it.")
        with kernel_pool().connection(found, ready) as pooled:
            connector = pooled.connector
            for statement in statements:
                guard = guard_of(ready.name, "pandas")
                answer = run_statement(connector, statement, guard)
                pooled.in_transaction = connector.in_transaction
                if isinstance(answer, Rows):
                    frame = to_frame(answer, guard=guard)
    return pd.DataFrame() if frame is None else frame
