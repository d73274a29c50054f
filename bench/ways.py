"""The two ways to a DataFrame that are compared: a SQL cell, and the bare ADBC driver on the same forward."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Protocol
from urllib.parse import quote

import adbc_driver_postgresql.dbapi as adbc
from IPython.core.interactiveshell import InteractiveShell

if TYPE_CHECKING:
    import pandas as pd

NAME = "Bench"
#: How the bare driver is told where the forward is and who logs in.
URI_VARIABLE = "BENCH_URI"


class Way(Protocol):
    """A warm connection that runs one statement at a time."""

    def read(self, statement: str) -> pd.DataFrame: ...


class SQLCell:
    """The magic as a notebook has it, display excluded."""

    def __init__(self) -> None:
        self._shell = InteractiveShell.instance()
        self._shell.run_line_magic("load_ext", "underpass")

    def read(self, statement: str) -> pd.DataFrame:
        self._shell.run_cell_magic("sql", f'"{NAME}" -o frame', statement)
        return self._shell.user_ns["frame"]


class BareDriver:
    """ADBC as a script would use it."""

    def __init__(self) -> None:
        self._connection = adbc.connect(os.environ[URI_VARIABLE], autocommit=True)

    def read(self, statement: str) -> pd.DataFrame:
        with self._connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetch_arrow_table().to_pandas()


WAYS: dict[str, type[SQLCell] | type[BareDriver]] = {"%%sql": SQLCell, "adbc": BareDriver}


def uri(user: str, password: str, port: int, database: str) -> str:
    """Connection string of the bare driver through a forward."""
    return f"postgresql://{quote(user)}:{quote(password)}@127.0.0.1:{port}/{quote(database)}"
