"""Redshift through psycopg 3: every value arrives as text and is read into Arrow block by block."""

from __future__ import annotations

import csv
import socket
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any, ClassVar, cast

import psycopg
from psycopg import pq

from underpass.connectors.base import (
    PAGE,
    Affected,
    Column,
    Connector,
    Encryption,
    Rows,
    Table,
    unreadable_rows,
)
from underpass.connectors.failures import connection_lost
from underpass.connectors.libpq import connect, connection_options, encryption_of, split_options
from underpass.connectors.libpq_errors import begin_tls, last_clause
from underpass.connectors.read_only import guarded
from underpass.failure import UnderpassError, fail
from underpass.fetching import UNWATCHED, Fetching
from underpass.ready import Ready
from underpass.template import Dialect

from . import wire
from .errors import query_failure
from .limits import limited, only_reads
from .params import Bound, bound, placeholder
from .read_only import RULES
from .types import Table as ArrivingTable

if TYPE_CHECKING:
    from psycopg.pq.abc import PGresult

_FAILED = (pq.ExecStatus.FATAL_ERROR, pq.ExecStatus.BAD_RESPONSE)
_WITH_ROWS = (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.TUPLES_CHUNK, pq.ExecStatus.SINGLE_TUPLE)
#: Numbers with all their digits, and dates that are read in one way only.
_SESSION = {"extra_float_digits": "2", "datestyle": "ISO, MDY"}

_SCHEMAS = """\
SELECT schema_name FROM svv_all_schemas WHERE database_name = current_database() AND schema_name > $1
ORDER BY schema_name LIMIT {count}"""
_TABLES = """\
SELECT table_name, CASE WHEN table_type LIKE '%VIEW%' THEN 'view' ELSE 'table' END FROM svv_all_tables
WHERE database_name = current_database() AND schema_name = $1 AND table_name > $2
ORDER BY table_name LIMIT {count}"""
_COLUMNS = """\
SELECT column_name, data_type, character_maximum_length, numeric_precision, numeric_scale, is_nullable
FROM svv_all_columns WHERE database_name = current_database() AND schema_name = $1 AND table_name = $2
ORDER BY ordinal_position"""


class Redshift(Connector):
    """One session of one cluster or workgroup; statements commit by themselves outside of BEGIN."""

    label = "Redshift"
    #: The last of them is true, and the first false, for every value.
    dialect: ClassVar[Dialect] = Dialect(
        "redshift", placeholder, empty_in=("IS NULL IS NULL", "IS NULL IS NOT NULL")
    )
    rules = RULES

    def __init__(
        self, connection: psycopg.Connection[Any], options: dict[str, Any], files: ExitStack
    ) -> None:
        self._connection = connection
        self._options = options
        #: Certificates, for the connections that cancel.
        self._files = files
        self._cancels = 0

    @classmethod
    def open(cls, ready: Ready) -> Redshift:
        words, settings = split_options(ready)
        with ExitStack() as stack:
            options = stack.enter_context(connection_options(ready, words, "required"))
            connection, mode = connect(
                ready, lambda mode: _dial({**options, "sslmode": mode}), psycopg.Error, cls.label, "required"
            )
            connector = cls(connection, {**options, "sslmode": mode}, stack.pop_all())
            try:
                for name, value in {**_SESSION, **settings}.items():
                    connector._set(name, value)
            except BaseException:
                connector.close()
                raise
            return connector.kept_from_writing(ready)

    @classmethod
    def begin_tls(cls, plain: socket.socket) -> bool:
        return begin_tls(plain)

    @classmethod
    def tls_mode(cls, ready: Ready) -> str:
        return str(ready.fields.get("sslMode") or "required")

    def encryption(self) -> Encryption:
        return encryption_of(self._options["sslmode"])

    def _set(self, name: str, value: str) -> None:
        if name in _SESSION and _SESSION[name] == value:
            self.run(f"SET {name} TO {value}", ())
            return
        try:
            self.run("SELECT set_config($1, $2, false)", (name, value))
        except UnderpassError as error:
            raise fail(
                "invalid-field",
                "login",
                f'Redshift does not take the option "{name}": {error.failure["message"]}',
                'Correct the field "options".',
                field="options",
            ) from None

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
        with_limit = limited(sql, limit) if limit is not None else None
        values = bound(self._connection, params) if params else None
        self._cancels = 0
        try:
            # A cancelled statement would take a transaction with it.
            stop = limit is not None and not self.in_transaction and only_reads(sql)
            table, affected, failed = self._receive(with_limit or sql, values, limit, stop, fetching)
        except psycopg.Error as error:
            raise connection_lost(last_clause(str(error))) from None
        if failed is not None:
            raise query_failure(failed, self.label, length=len(sql), bound=bool(params))
        if table is None:
            return Affected(affected)
        try:
            return table.finished()
        except Exception as error:
            raise unreadable_rows(f"{type(error).__name__}: {error}") from error

    def _receive(
        self, sql: str, values: Bound | None, limit: int | None, stop: bool, fetching: Fetching
    ) -> tuple[ArrivingTable | None, int | None, PGresult | None]:
        """The last result with rows, the last count, and the error; read to the end in any case.

        Args:
            sql: With placeholders.
            values: For them.
            limit: Rows to keep at most.
            stop: Cancel the statement when there are more.
            fetching: Is told of each block.
        """
        table: ArrivingTable | None = None
        affected = failed = unreadable = too_large = None
        ended, stopped = True, False
        for result in wire.execute(self._connection, sql, values):
            if result.status in _FAILED:
                if stopped and result.error_field(pq.DiagnosticField.SQLSTATE) == b"57014":
                    continue
                failed = failed or result
            elif result.status in _WITH_ROWS:
                if ended:
                    table = ArrivingTable(self._connection, result)
                ended = result.status == pq.ExecStatus.TUPLES_OK
                if unreadable is None and too_large is None and table is not None:
                    try:
                        fetching.fetched(*table.add(result, limit))
                    except UnderpassError as error:
                        table, too_large = None, error
                    except Exception as error:
                        unreadable = error
                    full = too_large or (stop and table is not None and table.rows == limit)
                    if full and not stopped and not ended:
                        stopped = True
                        with suppress(psycopg.Error):
                            self._connection.cancel_safe(timeout=5)
            else:
                affected = result.command_tuples
        if too_large is not None:
            raise too_large
        if unreadable is not None and failed is None:
            raise unreadable_rows(f"{type(unreadable).__name__}: {unreadable}") from unreadable
        return table, affected, failed

    def cancel(self) -> None:
        """By libpq's own request, with the same TLS; should that be of no use, by another session."""
        self._cancels += 1
        if self._cancels % 2:
            with suppress(psycopg.Error):
                self._connection.cancel_safe(timeout=5)
                return
        with _dial(self._options) as other:
            other.execute("SELECT pg_cancel_backend(%s)", [self._connection.info.backend_pid])

    def ping(self) -> bool:
        try:
            self.run("SELECT 1", ())
        except UnderpassError as error:
            # In a failed transaction the server answers, and refuses.
            return error.failure["code"] != "connection-lost"
        return True

    @property
    def in_transaction(self) -> bool:
        status = self._connection.pgconn.transaction_status
        return status in (pq.TransactionStatus.INTRANS, pq.TransactionStatus.INERROR)

    def close(self) -> None:
        with suppress(Exception):
            self._connection.close()
        self._files.close()

    def schemas(self, *, after: str = "", count: int = PAGE) -> list[str]:
        return [name for (name,) in self._listed(_SCHEMAS.format(count=int(count)), after)]

    def tables(self, schema: str, *, after: str = "", count: int = PAGE) -> list[Table]:
        listed = self._listed(_TABLES.format(count=int(count)), schema, after)
        return [Table(schema, name, kind) for name, kind in listed]

    def columns(self, schema: str, table: str) -> list[Column]:
        return [
            Column(name, _type_words(kind, length, precision, scale), nullable.upper() == "YES")
            for name, kind, length, precision, scale, nullable in self._listed(_COLUMNS, schema, table)
        ]

    def searched(self) -> list[str]:
        ((schemas,),) = self._listed("SELECT current_schemas(false)")
        return next(csv.reader([schemas.strip("{}")], escapechar="\\"), [])

    def _listed(self, sql: str, *params: str) -> list[tuple[Any, ...]]:
        answer = self.run(sql, params)
        assert isinstance(answer, Rows)
        return list(zip(*(column.to_pylist() for column in answer.take().columns), strict=True))


def _dial(options: dict[str, Any]) -> psycopg.Connection[Any]:
    # Prepared statements would have to be given up by DEALLOCATE ALL, which Redshift does not know. It calls
    # UTF-8 UNICODE, which psycopg did not always know, unless it is asked for by its name, as the options do.
    return cast(
        "psycopg.Connection[Any]", psycopg.connect(**options, autocommit=True, prepare_threshold=None)
    )


def _type_words(kind: str, length: int | None, precision: int | None, scale: int | None) -> str:
    if kind == "numeric" and precision:
        return f"numeric({precision},{scale or 0})"
    return f"{kind}({length})" if length else kind
