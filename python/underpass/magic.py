"""``%%sql`` and ``%%underpass``: a cell of SQL, run on an integration of the workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .arguments import Arguments, parse_arguments
from .cell import CellResult, run_cell, run_over_dataframes
from .chaining import Results
from .client import project_folder, shared_client
from .completion import Completer, ask_service, complete_in
from .failure import UnderpassError
from .integration import Integration
from .interrupt import Abandoned
from .kernel_pool import kernel_pool
from .listing import Catalog
from .offers import show_offer
from .progress import Progress
from .status import StatusLine

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from .dataframes import DataFrames

_pool = kernel_pool()


def register(shell: InteractiveShell) -> None:
    """Make the cells known to ``shell``; ``%%sql`` only if nobody else has it."""
    magic = run_magic(shell, Results(shell.user_ns))
    shell.register_magic_function(magic, "cell", "underpass")
    holder = shell.magics_manager.magics["cell"].get("sql")
    # What the startup file announced is a placeholder of ours.
    if holder is None or getattr(holder, "spec", None) == "underpass":
        shell.register_magic_function(magic, "cell", "sql")
    complete_in(shell, Completer(ask_service, shell.user_ns))


def open_catalog(name: str) -> Catalog:
    """The catalog of an integration, on the connection that its cells use."""
    return Catalog(Integration(shared_client(), name, project_folder()), _pool)


class _OverDataFrames:
    """``%%sql duckdb``; DuckDB is imported when it is first used."""

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        self._database: DataFrames | None = None

    def run(self, cell: str, arguments: Arguments, progress: Progress, results: Results) -> CellResult:
        if self._database is None:
            from .dataframes import DataFrames

            self._database = DataFrames.over(self._shell.user_ns)
        try:
            return run_over_dataframes(cell, self._database, self._shell.ev, arguments, progress, results)
        except Abandoned:
            # A statement still runs in it, and nobody waits for that any more.
            self._database = None
            raise


def run_magic(shell: InteractiveShell, results: Results) -> Any:
    """The function behind both names.

    Args:
        shell: Its variables are those of the cells.
        results: What the cells of both names have given.
    """
    from IPython.core.magic import no_var_expand

    over_dataframes = _OverDataFrames(shell)

    # Names of integrations may have dollar signs and braces.
    @no_var_expand
    def sql(line: str, cell: str) -> Any:
        """Run SQL on an integration: %%sql "My DB" [-o NAME] [--frame KIND] [--limit ROWS] …

        %%sql duckdb runs it over the DataFrames of this notebook, which are tables there by their names.

        {{ expression }} sends the value of a Python expression, as a bound parameter.

        -o NAME             give the rows to this variable; without it to sql_df, with -o _ to none
        --frame KIND        pandas (the default), polars or arrow
        --limit ROWS        fetch so many rows at most
        --max-memory SIZE   refuse a result that needs more memory than this, such as 4GB; none for no limit.
                            Without it the limit depends on the memory that is free.
        --with NAME         put the SELECT that gave NAME in front, as a table of that name; may be repeated
        --decimals KIND     decimal (Arrow's exact decimal128, the default) or float
        --write             allow writing where a system only reads by default (MongoDB)
        """
        arguments = parse_arguments(line)
        status = StatusLine()
        progress = Progress(status)
        integration = Integration(
            shared_client(),
            arguments.integration,
            project_folder(),
            lambda message: status.show("waiting", f"{message} …"),
        )

        try:
            if arguments.over_dataframes:
                result = over_dataframes.run(cell, arguments, progress, results)
            else:
                result = run_cell(cell, integration, _pool, shell.ev, arguments, progress, results)
        except Abandoned:
            status.end("stopped", "Stopped")
            raise _stopped("Stopped before the server answered; its connection was given up.") from None
        except KeyboardInterrupt:
            status.end("stopped", "Stopped")
            raise _stopped("Stopped; nothing of this cell runs on the server any more.") from None
        except UnderpassError as error:
            status.end("failed", "Failed")
            show_offer(error.failure)
            raise
        _give(result, arguments, shell.user_ns, results)
        status.show("done", "\n".join(result.lines), **result.facts)
        return result.frame

    return sql


def _give(result: CellResult, arguments: Arguments, variables: dict[str, Any], results: Results) -> None:
    """Put the rows into their variable; said where nobody wrote its name."""
    name = arguments.variable
    if name is None:
        return
    if result.frame is not None:
        variables[name] = result.frame
        if result.remembered is not None:
            results.remember(name, result.remembered, result.frame)
        result.facts |= {"output": name, "outputIsDefault": arguments.output is None}
        if arguments.output is None:
            result.lines[result.shown] += f" → {name}"
    elif arguments.output:
        result.lines.append(f'There are no rows, so "{name}" is as it was.')


def _stopped(text: str) -> KeyboardInterrupt:
    """What a cell shows when it was stopped: one line instead of a stack."""
    error = KeyboardInterrupt(text)
    error._render_traceback_ = lambda: [text]  # pyright: ignore[reportAttributeAccessIssue]
    return error
