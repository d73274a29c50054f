"""Dremio through ADBC's driver for Flight SQL: rows arrive as Arrow, on the connection that was opened."""

from __future__ import annotations

import re
import socket
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, ClassVar

import adbc_driver_flightsql.dbapi as adbc
import pyarrow as pa
from adbc_driver_flightsql import DatabaseOptions

from underpass.connectors.base import (
    PAGE,
    Affected,
    Column,
    Connector,
    Rows,
    Table,
    unreadable_rows,
)
from underpass.connectors.read_only import guarded
from underpass.failure import UnderpassError
from underpass.fetching import UNWATCHED, Fetching
from underpass.ready import Ready
from underpass.statement import Statement
from underpass.template import Dialect

from .endpoints import staying
from .errors import INVALID_ARGUMENT, code_of, is_broken, knows_no_parameters, login_failure, query_failure
from .opening import LABEL, open_connection, set_query_timeout
from .params import parameter_batch, plain_values, with_literals
from .read_only import RULES
from .types import plain_table

#: Dremio answers these with one row: how many there were.
_CHANGES = re.compile(
    r"(?:\s|--[^\n]*(?:\n|\Z)|/\*(?:[^*]|\*(?!/))*\*/)*(?:insert|update|delete|merge)\b", re.IGNORECASE
)

_SCHEMAS = """\
SELECT SCHEMA_NAME FROM INFORMATION_SCHEMA.SCHEMATA
WHERE SCHEMA_NAME > ? ORDER BY SCHEMA_NAME LIMIT {}"""
_TABLES = """\
SELECT TABLE_NAME, TABLE_TYPE FROM INFORMATION_SCHEMA."TABLES"
WHERE TABLE_SCHEMA = ? AND TABLE_NAME > ? ORDER BY TABLE_NAME LIMIT {}"""
_COLUMNS = """\
SELECT COLUMN_NAME, DATA_TYPE, IS_NULLABLE FROM INFORMATION_SCHEMA."COLUMNS"
WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION"""


class Dremio(Connector):
    """One session of a Dremio. It knows no transactions."""

    label = LABEL
    tls_of_python = True
    dialect: ClassVar[Dialect] = Dialect(
        "dremio",
        lambda _number, _value: "?",
        empty_list="SELECT NULL FROM (VALUES (1)) WHERE 1 = 0",
        positional=True,
    )
    rules = RULES

    def __init__(self, connection: adbc.Connection, ready: Ready) -> None:
        self._connection = connection
        self._ready = ready
        #: Until the server says that it does not.
        self._takes_parameters = True
        self._running: adbc.Cursor | None = None

    @classmethod
    def begin_tls(cls, plain: socket.socket) -> bool:
        # The port decides.
        return True

    @classmethod
    def open(cls, ready: Ready) -> Dremio:
        try:
            made = cls(open_connection(ready), ready)
        except adbc.Error as error:
            # Without the driver's exception: what it says may quote its options.
            raise login_failure(error, ready) from None
        try:
            if ready.secrets.get("token"):
                # Until now nobody has looked at it.
                made._plan("SELECT 1")
            wanted = (ready.fields.get("options") or {}).get(DatabaseOptions.TIMEOUT_QUERY.value, "0")
            set_query_timeout(made._connection, wanted)
        except adbc.Error as error:
            made.close()
            raise login_failure(error, ready) from None
        except BaseException:
            made.close()
            raise
        return made.kept_from_writing(ready)

    @guarded
    def run(
        self,
        sql: str,
        params: Sequence[Any],
        *,
        limit: int | None = None,
        write: bool = False,
        fetching: Fetching = UNWATCHED,
    ) -> Rows | Affected:
        changes = _CHANGES.match(sql) is not None
        if changes:
            # The one row that says how many is none of theirs.
            limit = None
        values = plain_values(params)
        statement = Statement(sql, values, sql)
        try:
            with self._connection.cursor() as cursor:
                self._running = cursor
                try:
                    partitions = self._with_parameters(cursor, statement)
                    if partitions is None:
                        statement = with_literals(sql, values) if values else statement
                        partitions = self._partitions(cursor, statement.sql)
                    table = self._read(cursor, partitions, limit, fetching)
                finally:
                    self._running = None
        except (adbc.Error, pa.ArrowException, OSError, UnicodeError) as error:
            # Without the driver's exception: its text may repeat the statement with its values.
            raise query_failure(error, statement, self._ready) from None
        if table.column_names == ["Records"] and table.num_rows == 1 and changes:
            return Affected(table["Records"][0].as_py())
        try:
            return Rows(plain_table(table))
        except Exception as error:
            raise unreadable_rows(str(error)) from None

    def _with_parameters(self, cursor: adbc.Cursor, statement: Statement) -> list[bytes] | None:
        """Plan a statement with its values beside it; None if it has none or the server takes none."""
        if not statement.params or not self._takes_parameters:
            return None
        try:
            return self._partitions(cursor, statement.sql, statement.params)
        except adbc.Error as error:
            if not knows_no_parameters(error):
                raise
            # Not for ever: only the types of this one may be unknown.
            self._takes_parameters = code_of(error) == INVALID_ARGUMENT
            return None

    def _plan(self, sql: str) -> None:
        with self._connection.cursor() as cursor:
            self._partitions(cursor, sql)

    def _partitions(self, cursor: adbc.Cursor, sql: str, values: Sequence[Any] = ()) -> list[bytes]:
        """Where the rows are; nothing has run yet."""
        statement = cursor.adbc_statement
        statement.set_sql_query(sql)
        if values:
            statement.prepare()
            statement.bind(parameter_batch(values, _expected(statement)))
        handles, _, _ = statement.execute_partitions()
        return [staying(handle, self._ready) for handle in handles]

    def _read(
        self, cursor: adbc.Cursor, partitions: Sequence[bytes], limit: int | None, fetching: Fetching
    ) -> pa.Table:
        """Run what was planned. Dremio gives one partition, others may give more."""
        tables: list[pa.Table] = []
        for partition in partitions:
            wanted = None if limit is None else limit - sum(table.num_rows for table in tables)
            cursor.adbc_read_partition(partition)
            reader = cursor.fetch_record_batch()
            tables.append(self._first(reader, wanted, fetching))
        return pa.concat_tables(tables)

    def _first(self, reader: pa.RecordBatchReader, count: int | None, fetching: Fetching) -> pa.Table:
        batches: list[pa.RecordBatch] = []
        try:
            for batch in reader:
                batches.append(batch if count is None else batch[:count])
                fetching.arrived(batches[-1])
                count = None if count is None else count - batches[-1].num_rows
                if count is not None and count <= 0:
                    self._leave()
                    break
        except UnderpassError:
            self._leave()
            raise
        return pa.Table.from_batches(batches, reader.schema)

    def _leave(self) -> None:
        """Or the server would wait for somebody to take the rest."""
        with suppress(adbc.Error):
            self._connection.adbc_cancel()

    def cancel(self) -> None:
        # One is the statement's planning, the other the reading of its rows.
        if (running := self._running) is not None:
            with suppress(adbc.Error):
                running.adbc_cancel()
        self._connection.adbc_cancel()

    def ping(self) -> bool:
        try:
            self._plan("SELECT 1")
        except adbc.Error as error:
            return not is_broken(error)
        return True

    @property
    def in_transaction(self) -> bool:
        return False

    def close(self) -> None:
        with suppress(Exception):
            # The driver says good-bye to the server, and would wait for ever for its answer.
            self._connection.adbc_connection.set_options(**{DatabaseOptions.TIMEOUT_UPDATE.value: "2"})
            self._connection.close()

    def schemas(self, *, after: str = "", count: int = PAGE) -> list[str]:
        return self._listed(_SCHEMAS.format(count), after)["SCHEMA_NAME"]

    def tables(self, schema: str, *, after: str = "", count: int = PAGE) -> list[Table]:
        listed = self._listed(_TABLES.format(count), schema, after)
        return [
            Table(schema, name, "view" if kind == "VIEW" else "table")
            for name, kind in zip(listed["TABLE_NAME"], listed["TABLE_TYPE"], strict=True)
        ]

    def columns(self, schema: str, table: str) -> list[Column]:
        listed = self._listed(_COLUMNS, schema, table)
        nullable = [answer == "YES" for answer in listed["IS_NULLABLE"]]
        return list(map(Column, listed["COLUMN_NAME"], listed["DATA_TYPE"], nullable))

    def _listed(self, sql: str, *params: str) -> dict[str, list[Any]]:
        answer = self.run(sql, params)
        assert isinstance(answer, Rows)
        return answer.take().to_pydict()


def _expected(statement: Any) -> pa.Schema | None:
    """The types of the parameters of a prepared statement, where the server says them."""
    try:
        return pa.Schema._import_from_c(statement.get_parameter_schema().address)
    except (adbc.Error, pa.ArrowException):
        return None
