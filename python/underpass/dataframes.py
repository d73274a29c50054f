"""``%%sql duckdb``: SQL over the DataFrames of this kernel, by DuckDB, in this process.

A table's name is first one that was created in such cells, then a variable that holds a DataFrame of pandas
or polars or a table of Arrow: read in place, nothing is copied beforehand. See docs/decisions/0060.
"""

from __future__ import annotations

import builtins
import json
import sys
import warnings
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from types import CodeType
from typing import Any, ClassVar

import pandas as pd
import pyarrow as pa
import pyarrow.compute

from .arguments import DATAFRAMES
from .connectors import failures
from .connectors.base import Affected, Column, Connector, Rows, Table
from .failure import UnderpassError, fail
from .fetching import UNWATCHED, Fetching
from .guard import SHARE
from .memory import available
from .ready import Endpoint, Ready
from .template import Dialect

LABEL = "DuckDB"
READY = Ready(
    DATAFRAMES, LABEL, DATAFRAMES, 0, Endpoint("", 0), Endpoint("", 0), tunnelled=False, fields={}, secrets={}
)
#: Rows in a batch.
_BATCH = 1 << 16
_INT64 = (-(2**63), 2**63 - 1)
#: No extensions from the network and no files of its own, unless a cell asks for them.
_CONFIGURATION = {
    "autoinstall_known_extensions": "false",
    "temp_directory": "",
}
#: Of the session. Zones are known only with an extension, which most builds contain.
_SETTINGS = ("SET errors_as_json = true", "SET TimeZone = 'UTC'")
#: DuckDB finds variables in the frame that calls it; this one holds the tables and nothing else.
_RUN = compile("_underpass_connection.sql(_underpass_sql, params=_underpass_params)", "<SQL>", "eval")
_AGAIN = compile("_underpass_connection.execute(_underpass_sql, _underpass_params)", "<SQL>", "eval")

# Its functions are made at run time, unknown to type checkers.
pc: Any = pyarrow.compute


class DataFrames(Connector):
    """One database in memory for this kernel; tables created in cells stay until it ends."""

    label = LABEL
    dialect: ClassVar[Dialect] = Dialect(DATAFRAMES, lambda number, _: f"${number}")

    def __init__(self, duckdb: Any, variables: Mapping[str, Any]) -> None:
        self._duckdb = duckdb
        self._variables = variables
        self._connection = duckdb.connect(config=_configuration())
        for setting in _SETTINGS:
            with suppress(duckdb.Error):
                self._connection.execute(setting)

    @classmethod
    def over(cls, variables: Mapping[str, Any]) -> DataFrames:
        """Open it.

        Args:
            variables: Those of the notebook; looked at anew by each statement.
        Raises:
            UnderpassError: DuckDB is not installed.
        """
        try:
            import duckdb
        except ModuleNotFoundError as error:
            raise fail(
                "driver-missing",
                "request",
                "DuckDB is not installed in this kernel.",
                "Run this in a cell, then run this one again: %pip install 'underpass[duckdb]'",
                missing="duckdb",
                requirement="underpass[duckdb]",
            ) from error
        return cls(duckdb, variables)

    @classmethod
    def open(cls, ready: Ready) -> DataFrames:
        return cls.over({})

    def run(
        self,
        sql: str,
        params: Sequence[Any],
        *,
        limit: int | None = None,
        write: bool = False,
        fetching: Fetching = UNWATCHED,
    ) -> Rows | Affected:
        tables = tables_of(self._variables)
        try:
            relation = self._ask(_RUN, sql, params, tables)
            if relation is None:
                return Affected(None)
            names, kinds = list(relation.columns), [str(kind) for kind in relation.types]
            table = self._fetch(relation, limit, fetching)
        except self._duckdb.Error as error:
            raise self._failure(error, sql, params, tables) from None
        if names in (["Success"], ["Count"]) and not table.num_rows:
            return Affected(None)
        if names == ["Count"] and self._changes(sql):
            return Affected(table.column(0)[0].as_py())
        columns = [_plain(column, kind) for column, kind in zip(table.columns, kinds, strict=True)]
        return Rows(pa.Table.from_arrays(columns, names=names))

    def _ask(self, how: CodeType, sql: str, params: Sequence[Any], tables: Mapping[str, Any]) -> Any:
        scope = {
            # What DuckDB imports on the way, to read a frame, it imports from here.
            "__builtins__": builtins,
            "_underpass_connection": self._connection,
            "_underpass_sql": sql,
            "_underpass_params": list(params) or None,
            **tables,
        }
        with warnings.catch_warnings():
            # How it reads a frame is DuckDB's matter, not the user's.
            warnings.simplefilter("ignore")
            return eval(how, scope)

    def _fetch(self, relation: Any, limit: int | None, fetching: Fetching) -> pa.Table:
        # Until 1.4 it had another name.
        read = getattr(relation, "to_arrow_reader", None) or relation.fetch_record_batch
        batches: list[pa.RecordBatch] = []
        count = 0
        with closing(read(_BATCH)) as reader:
            for batch in reader:
                if limit is not None and count >= limit:
                    break
                batches.append(batch if limit is None else batch[: limit - count])
                count += batches[-1].num_rows
                fetching.arrived(batches[-1])
            return pa.Table.from_batches(batches, reader.schema)

    def _changes(self, sql: str) -> bool:
        """Whether the rows of a statement are not its own, but one that counts those that it changed."""
        (statement,) = self._duckdb.extract_statements(sql)[-1:]
        return self._duckdb.ExpectedResultType.CHANGED_ROWS in statement.expected_result_type

    def _failure(
        self, error: Exception, sql: str, params: Sequence[Any], tables: Mapping[str, Any]
    ) -> UnderpassError:
        if isinstance(error, self._duckdb.InterruptException):
            return failures.cancelled(LABEL, "the statement was interrupted")
        told = _told(error)
        if told is None and isinstance(error, (self._duckdb.BinderException, self._duckdb.CatalogException)):
            told = self._told_again(sql, params, tables)
        kind, _, plain = str(error).partition(": ")
        message = str(told["exception_message"]) if told else plain or kind
        if isinstance(error, self._duckdb.OutOfMemoryException):
            return fail(
                "result-too-large",
                "query",
                f"DuckDB ran out of the memory that it may use. {message.splitlines()[0]}",
                "Aggregate or filter earlier in the statement, or allow more: SET memory_limit = '8GB'",
            )
        fix = ""
        if told and told.get("error_subtype") == "MISSING_ENTRY" and told.get("type") == "Table":
            known = ", ".join(sorted(name for name in tables if not name.startswith("_"))) or "none"
            fix = f"Run the cell that makes it first. DataFrames of this notebook: {known}."
        position = _position(told, sql)
        return failures.query_failed(message, fix, **({"position": position} if position else {}))

    def _told_again(
        self, sql: str, params: Sequence[Any], tables: Mapping[str, Any]
    ) -> dict[str, Any] | None:
        """The same error as data, with its place: names are looked up first, so nothing has run or will."""
        try:
            self._ask(_AGAIN, sql, params, tables)
        except self._duckdb.Error as error:
            return _told(error)
        return None

    def cancel(self) -> None:
        self._connection.interrupt()

    def ping(self) -> bool:
        return True

    @property
    def in_transaction(self) -> bool:
        return False

    def close(self) -> None:
        with suppress(Exception):
            self._connection.close()

    def schemas(self, *, after: str = "", count: int = 1000) -> list[str]:
        return []

    def tables(self, schema: str, *, after: str = "", count: int = 1000) -> list[Table]:
        names = sorted(name for name in tables_of(self._variables) if name > after and name[0] != "_")
        return [Table("", name, "table") for name in names[:count]]

    def columns(self, schema: str, table: str) -> list[Column]:
        return []


def tables_of(variables: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the variables that SQL can read."""
    kinds: tuple[type, ...] = (
        pd.DataFrame,
        pa.Table,
        pa.RecordBatch,
        pa.RecordBatchReader,
    )
    if dataset := sys.modules.get("pyarrow.dataset"):
        kinds += (dataset.Dataset,)
    if polars := sys.modules.get("polars"):
        kinds += (polars.DataFrame, polars.LazyFrame)
    return {name: value for name, value in dict(variables).items() if isinstance(value, kinds)}


def _configuration() -> dict[str, str]:
    free = available()
    limit = {} if free is None else {"memory_limit": f"{int(SHARE * free / 1e6)}MB"}
    return {**_CONFIGURATION, **limit}


def _told(error: Exception) -> dict[str, Any] | None:
    """What DuckDB says of an error, as data."""
    _, brace, rest = str(error).partition("{")
    try:
        told = json.loads(brace + rest)
    except ValueError:
        return None
    return told if isinstance(told, dict) and "exception_message" in told else None


def _position(told: Mapping[str, Any] | None, sql: str) -> int | None:
    """Characters of ``sql``, from 1; DuckDB counts bytes, from 0."""
    if told is None or not str(told.get("position", "")).isdigit():
        return None
    return len(sql.encode()[: int(told["position"])].decode("utf-8", "replace")) + 1


def _plain(column: pa.ChunkedArray, kind: str) -> pa.ChunkedArray:
    """Moments are in UTC; sums of whole numbers are 128 bits long there, and most of them fit into 64."""
    if pa.types.is_timestamp(column.type) and column.type.tz:
        return column.cast(pa.timestamp(column.type.unit, "UTC"))
    if kind != "HUGEINT" or len(column) == column.null_count:
        return column.cast(pa.int64()) if kind == "HUGEINT" else column
    ends = pc.min_max(column).as_py()
    fits = _INT64[0] <= ends["min"] and ends["max"] <= _INT64[1]
    return column.cast(pa.int64()) if fits else column
