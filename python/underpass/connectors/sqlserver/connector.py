"""SQL Server through mssql-python: a cell is one batch, its rows arrive as Arrow."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, ClassVar

import mssql_python
import mssql_python.ddbc_bindings
import pyarrow as pa
from mssql_python.cursor import Cursor

from underpass.connectors.base import PAGE, Affected, Column, Connector, Rows, Table, unreadable_rows
from underpass.connectors.failures import cancelled
from underpass.connectors.read_only import guarded
from underpass.failure import UnderpassError
from underpass.fetching import UNWATCHED, Fetching
from underpass.ready import Ready
from underpass.statement import Statement
from underpass.template import Dialect, is_comment, statements_of

from . import catalog
from .batches import TOKENIZER, batches, has_go, is_one_query
from .errors import LABEL, Diagnosis, query_failure
from .opening import open_connection
from .params import call, placeholder
from .read_only import RULES
from .rows import plain_table, read

#: Open transactions, and whether every statement begins one by itself (SET IMPLICIT_TRANSACTIONS).
_TRANSACTIONS = "SELECT @@TRANCOUNT AS open_now, @@OPTIONS & 2 AS implicit"

# Loaded by hand, unknown to type checkers.
_bindings: Any = mssql_python.ddbc_bindings


class SQLServer(Connector):
    """One session of one server; statements commit by themselves outside of BEGIN TRANSACTION."""

    label = LABEL
    dialect: ClassVar[Dialect] = Dialect(TOKENIZER, placeholder, flat_with=True, split=batches)
    rules = RULES

    def __init__(self, connection: mssql_python.Connection) -> None:
        self._connection = connection
        self._running: _Cursor | None = None
        self._asked_to_end = False
        self._in_transaction = False
        self._implicit = False

    @classmethod
    def statements(cls, cell: str, evaluate: Callable[[str], Any]) -> list[Statement]:
        if "{{" not in cell and not has_go(cell):
            # As it stands: MERGE needs its semicolon, and not all of T-SQL can be cut into tokens.
            text = cell.strip()
            return [] if is_comment(text) else [Statement(text, cell=cell, start=cell.find(text))]
        return statements_of(cell, cls.dialect, evaluate)

    @classmethod
    def open(cls, ready: Ready) -> SQLServer:
        return cls(open_connection(ready)).kept_from_writing(ready)

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
        # What can be cut off, and what leaves no transaction behind.
        plain = is_one_query(sql)
        try:
            answer = self._run(sql, params, limit, cut=plain, fetching=fetching)
        finally:
            if not plain or self._in_transaction or self._implicit:
                self._look_for_transaction()
        return answer

    def _run(
        self,
        sql: str,
        params: Sequence[Any],
        limit: int | None,
        *,
        cut: bool,
        fetching: Fetching = UNWATCHED,
    ) -> Rows | Affected:
        self._asked_to_end = False
        values: list[Any] = []
        text, sizes = sql, None
        if params:
            text, values, sizes = call(sql, params)
        cursor = self._running = _Cursor(self._connection)
        try:
            if sizes:
                cursor.setinputsizes([*sizes])
            cursor.execute(text, *([values] if values else []))
            answer = _results(cursor, limit, fetching, cut=cut)
        except UnderpassError:
            cursor.stop()
            raise
        except (mssql_python.Error, RuntimeError) as error:
            found = Diagnosis(error, cursor.records())
            # What is left of the batch ends with it, and nothing else can be asked before.
            cursor.close()
            lost = found.may_be_lost and self._is_dead()
            # Without the driver's exception: it may repeat the values.
            raise query_failure(found, sql, params, lost=lost, asked=self._asked_to_end) from None
        except pa.ArrowException as error:
            raise unreadable_rows(str(error)) from None
        finally:
            self._running = None
            cursor.close()
        if self._asked_to_end:
            # The driver does not always say so itself.
            raise cancelled(LABEL, "The statement was cancelled.")
        return answer

    def cancel(self) -> None:
        self._asked_to_end = True
        if (running := self._running) is not None:
            running.stop()

    def ping(self) -> bool:
        return not self._is_dead()

    @property
    def in_transaction(self) -> bool:
        return self._in_transaction

    def close(self) -> None:
        with suppress(Exception):
            self._connection.close()

    def _look_for_transaction(self) -> None:
        match self._scalars(_TRANSACTIONS):
            # Else it stays as it was: the connection is gone, with what was open, or this session
            # executes nothing (SET NOEXEC, SET SHOWPLAN_XML).
            case (int(opened), int(implicit)):
                self._in_transaction, self._implicit = opened > 0, implicit > 0

    def _is_dead(self) -> bool:
        cursor = _Cursor(self._connection)
        try:
            # Its row does not matter: a session that executes nothing has none.
            cursor.execute("SELECT 1 AS alive")
        except (mssql_python.Error, RuntimeError):
            return True
        finally:
            cursor.close()
        return False

    def _scalars(self, sql: str) -> Any:
        """The one row of a query of ours; None if there is no answer."""
        cursor = _Cursor(self._connection)
        try:
            cursor.execute(sql)
            row = cursor.fetchone()
            return None if row is None else tuple(row)
        except (mssql_python.Error, RuntimeError):
            return None
        finally:
            cursor.close()

    def schemas(self, *, after: str = "", count: int = PAGE) -> list[str]:
        return self._listed(catalog.SCHEMAS, count, after)["name"]

    def tables(self, schema: str, *, after: str = "", count: int = PAGE) -> list[Table]:
        listed = self._listed(catalog.TABLES, count, schema, after)
        return [
            Table(schema, name, "view" if kind == "VIEW" else "table")
            for name, kind in zip(listed["name"], listed["kind"], strict=True)
        ]

    def columns(self, schema: str, table: str) -> list[Column]:
        listed = self._listed(catalog.COLUMNS, PAGE, schema, table)
        types = map(
            catalog.type_name,
            listed["type"],
            listed["length"],
            listed["digits"],
            listed["scale"],
            listed["fraction"],
        )
        nullable = [answer == "YES" for answer in listed["nullable"]]
        return list(map(Column, listed["name"], types, nullable))

    def searched(self) -> list[str]:
        found = self._scalars("SELECT SCHEMA_NAME() AS name")
        return [found[0]] if found and found[0] else ["dbo"]

    def _listed(self, sql: str, count: int, *params: str) -> dict[str, list[Any]]:
        names = [placeholder(number, param) for number, param in enumerate(params, start=1)]
        answer = self._run(sql.format(*names, count=count), params, None, cut=True)
        assert isinstance(answer, Rows)
        return answer.take().to_pydict()


class _Cursor(Cursor):
    """Keeps what the server said: after a failure the driver throws its handle away."""

    _records: list[tuple[str, str]] | None = None

    def __init__(self, connection: mssql_python.Connection) -> None:
        #: Held while the handle goes away, or is used by another thread.
        self._handle = threading.RLock()
        super().__init__(connection)

    def _reset_cursor(self) -> None:
        with self._handle:
            if self.hstmt:
                self._records = _bindings.DDBCSQLGetAllDiagRecords(self.hstmt)
            super()._reset_cursor()

    def close(self) -> None:
        with self._handle:
            super().close()

    def stop(self) -> None:
        """Have the server end what runs; the one call of ODBC that may come from another thread."""
        with self._handle:
            if self.hstmt:
                # DB-API has none.
                self.hstmt._cancel()

    def records(self) -> list[tuple[str, str]]:
        """State with number, and message, of each thing that went wrong last."""
        if self._records is None and self.hstmt:
            return _bindings.DDBCSQLGetAllDiagRecords(self.hstmt)
        return self._records or []


def _results(cursor: _Cursor, limit: int | None, fetching: Fetching, *, cut: bool) -> Rows | Affected:
    """The last result of a batch that has rows; all are read, or those behind it would not run.

    Args:
        cursor: Has executed it.
        limit: Rows of a result at most.
        fetching: Is told of each batch.
        cut: What is left behind the limit need not be read.
    """
    rows: Rows | None = None
    affected: int | None = None
    more: bool | None = True
    while more:
        if cursor.description:
            table, unread = read(cursor, limit, fetching)
            rows = plain_table(table, cursor)
            if unread and cut:
                break
        elif cursor.rowcount >= 0:
            affected = (affected or 0) + cursor.rowcount
        more = cursor.nextset()
    return rows or Affected(affected)
