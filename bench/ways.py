"""The ways to a DataFrame that are compared, by name: a SQL cell, and a system's peers."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
from IPython.core.interactiveshell import InteractiveShell

from tests.person import Person

from .systems import Read, find_benchmark

#: Name of the integration.
NAME = "Bench"
CELL = "%%sql"


def sql_cell(table: str) -> Read:
    """The magic as a notebook has it, display excluded; logged in, as the peers are."""
    shell = InteractiveShell.instance()
    shell.run_line_magic("load_ext", "underpass")
    shell.run_cell_magic("sql", f'"{NAME}" -o frame --limit 1', table)

    def read(statement: str) -> pd.DataFrame:
        shell.run_cell_magic("sql", f'"{NAME}" -o frame', statement)
        return shell.user_ns["frame"]

    return read


def open_way(system: str, way: str) -> Read:
    """A warm connection, either the cell's or that of a peer."""
    if way == CELL:
        return sql_cell(find_benchmark(system).TABLE)
    with Person(Path(os.environ["UNDERPASS_PROJECT"])) as person:
        return find_benchmark(system).PEERS[way](person.ensure(NAME))


def ways_of(system: str) -> list[str]:
    """The cell first."""
    return [CELL, *find_benchmark(system).PEERS]
