"""PostgreSQL through ADBC: rows arrive as Arrow, by COPY where the statement allows it."""

from __future__ import annotations

import re
import socket
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, ClassVar

import adbc_driver_postgresql.dbapi as adbc
import pyarrow as pa

from underpass.connectors.base import PAGE, Affected, Column, Connector, Encryption, Rows, Table
from underpass.connectors.libpq import connect, encryption_of
from underpass.connectors.libpq_errors import begin_tls
from underpass.connectors.read_only import guarded
from underpass.failure import UnderpassError
from underpass.fetching import UNWATCHED, Fetching
from underpass.ready import Ready
from underpass.statement import Statement
from underpass.template import Dialect

from .errors import query_failure, reading_failure
from .limits import can_not_stand_within, limited, of_the_inner
from .params import parameter_batch, plain_values, want_types, with_casts
from .read_only import RULES
from .types import TypeNames, parameter_types, plain_table
from .uri import uri, uri_options

_STATUS = "adbc.postgresql.transaction_status"
_USE_COPY = "adbc.postgresql.use_copy"
#: What COPY takes as its query; behind comments and opening brackets.
_COPYABLE = re.compile(
    r"(?:\s|--[^\n]*(?:\n|\Z)|/\*(?:[^*]|\*(?!/))*\*/|\()*(?:select|with|values|table)\b", re.IGNORECASE
)
#: With parameters, the driver says how many rows these touched only if it is told that there are no rows.
_CHANGES = re.compile(
    r"(?:\s|--[^\n]*(?:\n|\Z)|/\*(?:[^*]|\*(?!/))*\*/)*(?:insert|update|delete|merge)\b", re.IGNORECASE
)

_SCHEMAS = """\
SELECT nspname::text AS name FROM pg_catalog.pg_namespace
WHERE nspname::text > $1 AND nspname::text !~ '^pg_(toast|temp)' AND has_schema_privilege(oid, 'USAGE')
ORDER BY nspname::text LIMIT $2"""
_TABLES = """\
SELECT c.relname::text AS name, CASE WHEN c.relkind IN ('v', 'm') THEN 'view' ELSE 'table' END AS kind
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relname::text > $2 AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
ORDER BY c.relname::text LIMIT $3"""
_COLUMNS = """\
SELECT a.attname::text AS name, pg_catalog.format_type(a.atttypid, a.atttypmod) AS type,
    NOT a.attnotnull AS nullable
FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relname = $2 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum"""


class PostgreSQL(Connector):
    """One session of one PostgreSQL server; statements commit by themselves outside of BEGIN."""

    label = "PostgreSQL"
    dialect: ClassVar[Dialect] = Dialect(
        "postgres", lambda number, _: f"${number}", ("= ANY({})", "<> ALL({})")
    )
    rules = RULES

    def __init__(self, connection: adbc.Connection, mode: str) -> None:
        self._connection = connection
        #: libpq's, that the connection was made with.
        self._mode = mode
        self._type_names = TypeNames(self._table)
        self._in_transaction = False

    @classmethod
    def open(cls, ready: Ready) -> PostgreSQL:
        with uri_options(ready) as options:
            connection, mode = connect(
                ready, lambda mode: adbc.connect(uri(options, mode), autocommit=True), adbc.Error, cls.label
            )
        return cls(connection, mode).kept_from_writing(ready)

    @classmethod
    def begin_tls(cls, plain: socket.socket) -> bool:
        return begin_tls(plain)

    def encryption(self) -> Encryption:
        return encryption_of(self._mode)

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
        values = plain_values(params)
        if limit is not None and _COPYABLE.match(sql):
            text = limited(sql, limit)
            try:
                if not self.in_transaction or self._parses(text):
                    return self._run_bound(text, values, None, fetching)
            except UnderpassError as error:
                if not can_not_stand_within(error.failure.get("detail", {})):
                    raise of_the_inner(error) from None
        return self._run_bound(sql, values, limit, fetching)

    def _parses(self, sql: str) -> bool:
        """Whether a statement can be run; asked for within a transaction, which a refusal would end."""
        # The status tells: the driver keeps quiet about some refusals.
        with suppress(adbc.Error):
            self._execute("SAVEPOINT underpass_limit")
            with suppress(adbc.Error), self._connection.cursor() as cursor:
                cursor.adbc_prepare(sql)
            parses = self._status() == "intrans"
            if not parses:
                self._execute("ROLLBACK TO underpass_limit")
            self._execute("RELEASE underpass_limit")
            return parses
        return False

    def _run_bound(
        self, sql: str, values: list[Any], limit: int | None, fetching: Fetching
    ) -> Rows | Affected:
        statement = Statement(sql, values, sql)
        refusal: adbc.Error | None = None
        try:
            if want_types(values):
                statement, refusal = self._with_casts(statement)
            return self._run(statement.sql, values, limit, fetching)
        except (adbc.Error, pa.ArrowException) as error:
            if refusal is not None and isinstance(error, adbc.ProgrammingError):
                # Wrong in either way; the first says it without types that nobody wrote.
                error = refusal
            lost = self._status() == "unknown"
            # Without the driver's exception: its text repeats all of the statement.
            raise query_failure(error, statement, lost=lost) from None

    def _with_casts(self, statement: Statement) -> tuple[Statement, adbc.Error | None]:
        """The statement with casts; as it is, with the reason, if the server can not tell what it expects.

        Then what Python says about the values may do.
        """
        try:
            with self._savepoint(), self._connection.cursor() as cursor:
                schema = cursor.adbc_prepare(statement.sql)
                if schema is None:
                    raise adbc.NotSupportedError("The server refused it.")
                expected = parameter_types(schema, self._type_names, statement.sql)
        except adbc.NotSupportedError:
            return statement, None
        except adbc.ProgrammingError as error:
            return statement, error
        return with_casts(statement.sql, statement.params, expected), None

    @contextmanager
    def _savepoint(self) -> Iterator[None]:
        """What fails in here does not end the transaction that is open."""
        if not self.in_transaction:
            yield
            return
        self._execute("SAVEPOINT underpass_types")
        try:
            yield
        except adbc.Error:
            # The first failure is the one to tell.
            with suppress(adbc.Error):
                self._execute("ROLLBACK TO underpass_types")
                self._execute("RELEASE underpass_types")
            raise
        self._execute("RELEASE underpass_types")

    def _execute(self, sql: str) -> None:
        with self._connection.cursor(adbc_stmt_kwargs={_USE_COPY: "false"}) as cursor:
            cursor.execute(sql)

    def _run(self, sql: str, values: Sequence[Any], limit: int | None, fetching: Fetching) -> Rows | Affected:
        copy = not values and _COPYABLE.match(sql) is not None
        # A comment at the end would hide what the driver writes behind the statement.
        text = f"{sql}\n" if "--" in sql else sql
        with self._connection.cursor(adbc_stmt_kwargs={_USE_COPY: "true" if copy else "false"}) as cursor:
            batch = parameter_batch(values) if values else None
            if batch is not None and _counted(sql):
                cursor.executemany(text, batch)
                return Affected(cursor.rowcount)
            cursor.execute(text, batch)
            affected = cursor.rowcount
            try:
                table = self._fetch(cursor, limit, fetching)
            except (adbc.Error, pa.ArrowException) as error:
                if getattr(error, "sqlstate", None) or self._status() == "unknown":
                    raise
                raise reading_failure(error) from None
        if not table.num_columns:
            return Affected(affected if affected >= 0 else None)
        try:
            return plain_table(table, self._type_names)
        except adbc.Error:
            raise
        except Exception as error:
            raise reading_failure(error) from error

    def _fetch(self, cursor: adbc.Cursor, limit: int | None, fetching: Fetching) -> pa.Table:
        """The first rows; the others are read, too, so that the statement comes to its end."""
        # Not fetch_record_batch(), which forgets what the server said of an error.
        results: Any = cursor._results
        reader = results.reader
        # One for all of it: an iterator that is left behind releases the rows, and the driver then crashes
        # when it is asked for more.
        arriving = iter(reader)
        batches, count = [], 0
        try:
            for batch in arriving:
                if limit is None or count < limit:
                    batches.append(batch if limit is None else batch[: limit - count])
                    count += batches[-1].num_rows
                    fetching.arrived(batches[-1])
        except UnderpassError:
            batches.clear()
            self.cancel()
            # What was under way has to be taken before anything else can be asked.
            with suppress(adbc.Error, pa.ArrowException):
                deque(arriving, maxlen=0)
            raise
        return pa.Table.from_batches(batches, reader.schema)

    def _table(self, sql: str) -> pa.Table:
        with self._connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetch_record_batch().read_all()

    def cancel(self) -> None:
        self._connection.adbc_cancel()

    def ping(self) -> bool:
        try:
            with self._connection.cursor(adbc_stmt_kwargs={_USE_COPY: "false"}) as cursor:
                statement = cursor.adbc_statement
                statement.set_sql_query("SELECT 1")
                handle, _ = statement.execute_query()
                handle.release()
        except adbc.Error:
            # In a failed transaction the server answers, and refuses.
            return self._status() != "unknown"
        return True

    @property
    def in_transaction(self) -> bool:
        status = self._status()
        # Drivers before 1.13 call a connection active after a COPY, which neither begins nor ends one.
        if status in ("idle", "intrans", "inerror"):
            self._in_transaction = status != "idle"
        return self._in_transaction

    def _status(self) -> str:
        try:
            return str(self._connection.adbc_connection.get_option(_STATUS))
        except adbc.Error:
            return "unknown"

    def close(self) -> None:
        with suppress(Exception):
            self._connection.close()

    def schemas(self, *, after: str = "", count: int = PAGE) -> list[str]:
        return self._listed(_SCHEMAS, after, count)["name"]

    def tables(self, schema: str, *, after: str = "", count: int = PAGE) -> list[Table]:
        listed = self._listed(_TABLES, schema, after, count)
        return [Table(schema, name, kind) for name, kind in zip(listed["name"], listed["kind"], strict=True)]

    def columns(self, schema: str, table: str) -> list[Column]:
        listed = self._listed(_COLUMNS, schema, table)
        return list(map(Column, listed["name"], listed["type"], listed["nullable"]))

    def searched(self) -> list[str]:
        return self._listed("SELECT unnest(current_schemas(false))::text AS name")["name"]

    def _listed(self, sql: str, *params: str | int) -> dict[str, list[Any]]:
        answer = self.run(sql, params)
        assert isinstance(answer, Rows)
        return answer.take().to_pydict()


def _counted(sql: str) -> bool:
    return _CHANGES.match(sql) is not None and "returning" not in sql.lower()
