"""The first line of an SQL cell: ``%%sql <integration> [-o NAME] [--decimals float|decimal]``."""

from __future__ import annotations

import argparse
import shlex
from dataclasses import dataclass
from keyword import iskeyword
from typing import Literal, NoReturn, cast

from .failure import fail

USAGE = '%%sql "My DB" [-o NAME] [--decimals decimal|float]'


@dataclass(frozen=True)
class Arguments:
    integration: str
    #: Variable that the rows are given to.
    output: str | None
    decimals: Literal["decimal", "float"]


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise _refuse(f"The first line of this cell is not understood: {message}.")


_parser = _Parser(prog="%%sql", add_help=False, allow_abbrev=False)
_parser.add_argument("integration", nargs="+")
_parser.add_argument("-o", "--output", metavar="NAME")
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
    return Arguments(parsed.integration[0], output, cast("Literal['decimal', 'float']", parsed.decimals))


def _refuse(message: str, fix: str = f"Write: {USAGE}") -> Exception:
    return fail("invalid-request", "request", message, fix)
