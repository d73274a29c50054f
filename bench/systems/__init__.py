"""What is read from each system, and what the cell is compared with: one module each.

A module has ``TABLE`` (the cell that reads the big table), ``prepare(database)`` (fills it), ``PEERS``
(public ways to a DataFrame) and ``AIM`` (time of the cell as a multiple of the fastest peer's, at most);
``ROWS`` if it is no million.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Protocol, TypeAlias, cast

import pandas as pd

from tests.servers.databases import Database
from underpass.ready import Ready

#: Reads a statement's rows on a warm connection.
Read: TypeAlias = Callable[[str], pd.DataFrame]
#: Opens the warm connection of a public driver, through the forward of the integration.
Peer: TypeAlias = Callable[[Ready], Read]


class Benchmark(Protocol):
    """Such a module."""

    TABLE: str
    PEERS: Mapping[str, Peer]
    AIM: float

    def prepare(self, database: Database) -> None: ...


def find_benchmark(system: str) -> Benchmark:
    """The module of a system."""
    return cast("Benchmark", import_module(f"{__name__}.{system}"))
