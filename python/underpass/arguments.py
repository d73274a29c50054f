"""The first line of an SQL cell: ``%%sql <integration> [-o NAME] [--frame KIND] [--limit ROWS] …``."""

from __future__ import annotations

import argparse
import shlex
from dataclasses import dataclass
from keyword import iskeyword
from typing import Literal, NoReturn, cast

from .failure import fail
from .memory import limit_of

USAGE = (
    '%%sql "My DB" [-o NAME] [--frame pandas|polars|arrow] [--limit ROWS] [--max-memory SIZE] '
    "[--with NAME …] [--decimals decimal|float] [--write]"
)

#: The variable for the rows of cells that name none; the next such cell replaces it.
DEFAULT_OUTPUT = "sql_df"
#: Given with ``-o``: keep the rows in no variable.
NO_OUTPUT = "_"

#: Given instead of an integration: SQL over the DataFrames of the kernel.
DATAFRAMES = "duckdb"

Frame = Literal["pandas", "polars", "arrow"]
Decimals = Literal["decimal", "float"]


@dataclass(frozen=True)
class Arguments:
    integration: str
    #: Variable that the rows are given to, as it was written; see ``variable``.
    output: str | None = None
    frame: Frame = "pandas"
    #: Rows to fetch at most; None means all.
    limit: int | None = None
    decimals: Decimals = "decimal"
    #: Allow writing where a system only reads by default.
    write: bool = False
    #: Memory that the result may take, as it was written; None means that it depends on what is free.
    max_memory: str | None = None
    #: Variables of earlier cells whose statements are put in front.
    earlier: tuple[str, ...] = ()

    @property
    def over_dataframes(self) -> bool:
        """No integration is meant, but the variables of the notebook."""
        return self.integration.lower() == DATAFRAMES

    @property
    def variable(self) -> str | None:
        """Where the rows go: ``-o``, or the default; None if they are not kept."""
        return None if self.output == NO_OUTPUT else self.output or DEFAULT_OUTPUT


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise _refuse(f"The first line of this cell is not understood: {message}.")


_parser = _Parser(prog="%%sql", add_help=False, allow_abbrev=False)
_parser.add_argument("integration", nargs="+")
_parser.add_argument("-o", "--output", metavar="NAME")
_parser.add_argument("--frame", choices=("pandas", "polars", "arrow"), default="pandas")
_parser.add_argument("--limit", type=int, metavar="ROWS")
_parser.add_argument("--max-memory", metavar="SIZE")
_parser.add_argument("--with", dest="earlier", action="append", default=[], metavar="NAME")
_parser.add_argument("--write", action="store_true")
_parser.add_argument("--decimals", choices=("decimal", "float"), default="decimal")


def parse_arguments(line: str) -> Arguments:
    """Read the line behind ``%%sql``; quotes as in a shell.

    Raises:
        UnderpassError: says how to write it.
    """
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise _refuse(f"The first line of this cell is not understood: {error}.") from error
    if not words:
        raise _refuse("The first line of this cell does not say which integration to use.")
    parsed = _parser.parse_args(words)
    if len(parsed.integration) > 1:
        name = " ".join(parsed.integration)
        raise _refuse(
            f"The first line of this cell names more than one integration: {', '.join(parsed.integration)}.",
            f'Put a name of several words in quotes: %%sql "{name}"',
        )
    output = parsed.output
    if output is not None and (not output.isidentifier() or iskeyword(output)):
        raise _refuse(f'"{output}" can not be the name of a variable.', "Use one like this: -o df")
    if parsed.limit is not None and parsed.limit < 0:
        raise _refuse("--limit must be a number of rows, 0 or more.", "Use one like this: --limit 100")
    if parsed.max_memory is not None:
        limit_of(parsed.max_memory, "--max-memory")
    return Arguments(
        parsed.integration[0],
        output,
        cast("Frame", parsed.frame),
        parsed.limit,
        cast("Decimals", parsed.decimals),
        parsed.write,
        parsed.max_memory,
        tuple(dict.fromkeys(parsed.earlier)),
    )


def _refuse(message: str, fix: str = f"Write: {USAGE}") -> Exception:
    return fail("invalid-request", "request", message, fix)
