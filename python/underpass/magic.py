"""``%%sql`` and ``%%underpass``: a cell of SQL, run on an integration of the workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .arguments import Arguments, parse_arguments
from .cell import CellResult, run_cell
from .client import project_folder, shared_client
from .completion import Completer, complete_in
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

_pool = kernel_pool()


def register(shell: InteractiveShell) -> None:
    """Make the cells known to ``shell``; ``%%sql`` only if nobody else has it."""
    shell.register_magic_function(run_magic(shell), "cell", "underpass")
    holder = shell.magics_manager.magics["cell"].get("sql")
    # What the startup file announced is a placeholder of ours.
    if holder is None or getattr(holder, "spec", None) == "underpass":
        shell.register_magic_function(run_magic(shell), "cell", "sql")
    complete_in(shell, Completer(open_catalog))


def open_catalog(name: str) -> Catalog:
    """The catalog of an integration, on the connection that its cells use."""
    return Catalog(Integration(shared_client(), name, project_folder()), _pool)


def run_magic(shell: InteractiveShell) -> Any:
    """The function behind both names."""

    def sql(line: str, cell: str) -> Any:
        """Run SQL on an integration: %%sql "My DB" [-o NAME] [--frame KIND] [--limit ROWS] …

        {{ expression }} sends the value of a Python expression, as a bound parameter.
        -o NAME        give the rows to a variable, too
        --frame        pandas (the default), polars or arrow
        --limit ROWS   fetch so many rows at most
        --write        allow writing where a system only reads by default (MongoDB)
        --decimals     exact decimals (Arrow's decimal128, the default) or float64
        """
        arguments = parse_arguments(line)
        status = StatusLine()
        integration = Integration(
            shared_client(),
            arguments.integration,
            project_folder(),
            lambda message: status.show("waiting", f"{message} …"),
        )

        try:
            result = run_cell(cell, integration, _pool, shell.ev, arguments, Progress(status))
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
        _give(result, arguments, shell.user_ns)
        status.show("done", "\n".join(result.lines), **result.facts)
        return result.frame

    return sql


def _give(result: CellResult, arguments: Arguments, variables: dict[str, Any]) -> None:
    """Put the rows into their variable; said where nobody wrote its name."""
    name = arguments.variable
    if name is None:
        return
    if result.frame is not None:
        variables[name] = result.frame
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
