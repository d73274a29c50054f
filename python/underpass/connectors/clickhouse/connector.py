"""ClickHouse over HTTP: rows arrive as Arrow, and what Arrow does not tell is asked for."""

from __future__ import annotations

import http.client
import json
import re
import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, ClassVar

import pyarrow as pa

from underpass.connectors.base import PAGE, Affected, Column, Connector, Rows, Table, unreadable_rows
from underpass.connectors.read_only import can_not_be_read_only, guarded
from underpass.failure import UnderpassError
from underpass.fetching import UNWATCHED, Fetching
from underpass.ready import Ready
from underpass.template import Dialect

from .errors import LABEL, SETTING_REFUSED, Refusal, login_failure, option_refused, query_failure
from .params import fields as fields_of
from .params import placeholder
from .read_only import LOCK, RULES
from .session import Session
from .stream import Body, Broken, read_table, read_text
from .types import is_ambiguous, plain_table

#: Settings of each statement, where the user may change them and the server knows them.
_SETTINGS: Mapping[str, str] = {
    "cancel_http_readonly_queries_on_client_close": "1",
    "output_format_arrow_date_as_uint16": "0",
    "output_format_arrow_fixed_string_as_fixed_byte_array": "1",
    "output_format_arrow_low_cardinality_as_dictionary": "0",
    "output_format_arrow_string_as_string": "1",
    "output_format_arrow_variant_as_string": "1",
    # Python's HTTP takes a hundred headers.
    "send_progress_in_http_headers": "0",
}
_LIMIT = "limit"

_COMMENT = r"(?:\s|--[^\n]*(?:\n|\Z)|#[ !][^\n]*(?:\n|\Z)|/\*(?:[^*]|\*(?!/))*\*/|\()*"
#: A question, which can be described and whose rows can be limited.
_SELECT = re.compile(_COMMENT + r"(?:select|with|from)\b", re.IGNORECASE)
_INSERT = re.compile(_COMMENT + r"insert\b", re.IGNORECASE)
#: Where the setting must not be used: it limits what is inserted and each part of a UNION or EXCEPT, and does
#: not know a LIMIT that is no plain number, such as -3 (the last three rows).
_UNLIMITED = re.compile(r"\b(?:insert|union|intersect|except)\b|\blimit\b(?!\s+\d+(?![\w.]))", re.IGNORECASE)

_UNTOLD = (
    "ClickHouse did not tell the types of the columns: times, enumerations, addresses and long numbers among "
    "them stay the numbers and bytes that they come as."
)

_SCHEMAS = "SELECT name FROM system.databases WHERE name > {p1:String} ORDER BY name LIMIT {p2:Int64}"
_TABLES = """\
SELECT name, engine LIKE '%View' FROM system.tables
WHERE database = {p1:String} AND name > {p2:String} AND NOT startsWith(name, '.inner')
ORDER BY name LIMIT {p3:Int64}"""
_COLUMNS = """\
SELECT name, type FROM system.columns
WHERE database = {p1:String} AND table = {p2:String} ORDER BY position"""


class ClickHouse(Connector):
    """One session of one ClickHouse server."""

    label = LABEL
    tls_of_python = True
    dialect: ClassVar[Dialect] = Dialect("clickhouse", placeholder, ("IN {}", "NOT IN {}"))
    rules = RULES

    def __init__(self, session: Session) -> None:
        self._session = session
        self._settings: dict[str, str | int] = {}
        self._can_limit = False

    @classmethod
    def begin_tls(cls, plain: socket.socket) -> bool:
        # The port decides.
        return True

    @classmethod
    def open(cls, ready: Ready) -> ClickHouse:
        session = Session(ready)
        try:
            session.log_in()
            connector = cls(session)
            connector._prepare(ready)
            if ready.read_only:
                connector._lock(ready)
        except Refusal as refusal:
            session.close()
            raise login_failure(refusal, ready) from None
        except UnderpassError:
            session.close()
            raise
        return connector.kept_from_writing(ready)

    def _lock(self, ready: Ready) -> None:
        """Have the server refuse what writes, for as long as the session lasts."""
        try:
            self._session.rows(LOCK)
        except Refusal as refusal:
            # This user may not write in the first place, and may change nothing about it.
            if self._session.rows("SELECT toUInt8(getSetting('readonly')) > 0") != [[1]]:
                raise can_not_be_read_only(ready, refusal.sentence) from None

    def _prepare(self, ready: Ready) -> None:
        if database := ready.fields.get("database"):
            self._session.rows(f"USE {_quoted(database, '`')}")
        for name, value in (ready.fields.get("options") or {}).items():
            self._set(name, value, ready)
        self._choose_settings()

    def _choose_settings(self) -> bool:
        """Find out which settings may be sent with a statement; whether these are others than before."""
        before = (self._settings, self._can_limit)
        names = ", ".join(f"'{name}'" for name in (*_SETTINGS, _LIMIT))
        asked = f"SELECT name, value FROM system.settings WHERE name IN ({names}) AND NOT readonly"
        changeable = dict(self._session.rows(asked))
        self._can_limit = changeable.pop(_LIMIT, None) is not None
        self._settings = {
            name: _SETTINGS[name] for name, value in changeable.items() if value != _SETTINGS[name]
        }
        return before != (self._settings, self._can_limit)

    def _set(self, name: str, value: str, ready: Ready) -> None:
        try:
            self._session.rows(f"SET {_quoted(name, '`')} = {_quoted(value, chr(39))}")
        except Refusal as refusal:
            raise option_refused(refusal, name, ready) from None

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
        fields = fields_of(params)
        is_question = _SELECT.match(sql) is not None
        settings: dict[str, str | int] = {**self._settings, "default_format": "ArrowStream"}
        if limit and is_question and self._can_limit and not _UNLIMITED.search(sql):
            settings[_LIMIT] = limit
        try:
            answer = self._session.execute(sql, fields, settings)
            table = self._read(answer, limit, fetching)
            if isinstance(table, Rows):
                return table
            if isinstance(table, Affected):
                return _counted(table, sql)
            zone = answer.headers.get("X-ClickHouse-Timezone") or "UTC"
            names = self._types(sql, fields, table.schema) if is_question else None
        except Refusal as refusal:
            if refusal.code == SETTING_REFUSED and self._choose_settings():
                # A cell has locked the settings: nothing was run with those that were sent along.
                return self.run(sql, params, limit=limit, write=write, fetching=fetching)
            raise query_failure(refusal, sql) from None
        rows = _converted(table, names, zone)
        if is_question and names is None and any(is_ambiguous(field.type) for field in table.schema):
            # Such as a SELECT that asks for FORMAT ArrowStream.
            rows.remarks = [*rows.remarks, _UNTOLD]
        return rows

    def _read(
        self, answer: http.client.HTTPResponse, limit: int | None, fetching: Fetching
    ) -> pa.Table | Rows | Affected:
        body = Body(answer)
        written = answer.headers.get("X-ClickHouse-Format")
        try:
            if written is None:
                body.finish()
                self._session.finish()
                return _affected(answer)
            if written != "ArrowStream":
                text = read_text(body, fetching)
                self._session.finish()
                return _as_written(text, written)
            table, is_whole = read_table(body, limit, fetching)
            if not is_whole:
                self._skip(body)
            self._session.finish()
            return table
        except UnderpassError:
            self._skip(body)
            self._session.finish()
            raise
        except Broken as broken:
            if broken.text is None:
                raise self._session.lost(broken) from None
            self._session.drop()
            raise Refusal(broken.text) from None
        except pa.ArrowException as error:
            self._session.finish()
            if body.is_empty:
                return _affected(answer)
            raise unreadable_rows(str(error)) from None
        except (OSError, http.client.HTTPException) as error:
            raise self._session.lost(error) from None

    def _skip(self, body: Body) -> None:
        """Have the server end what nobody wants to read."""
        self._session.kill()
        with suppress(Broken):
            body.finish()
            return
        self._session.drop()

    def _types(self, sql: str, fields: Sequence[tuple[str, bytes]], schema: pa.Schema) -> list[str] | None:
        """ClickHouse's own types of the columns, if Arrow's do not say enough; None if it can not tell."""
        if not any(is_ambiguous(field.type) for field in schema):
            return None
        try:
            described = self._session.rows(f"DESCRIBE TABLE ({sql}\n)", fields)
        except Refusal:
            return None
        return [kind for _, kind, *_ in described] if len(described) == len(schema) else None

    def cancel(self) -> None:
        self._session.kill()

    def ping(self) -> bool:
        return self._session.answers()

    @property
    def in_transaction(self) -> bool:
        return False

    def close(self) -> None:
        self._session.close()

    def schemas(self, *, after: str = "", count: int = PAGE) -> list[str]:
        return [name for (name,) in self._listed(_SCHEMAS, after, count)]

    def tables(self, schema: str, *, after: str = "", count: int = PAGE) -> list[Table]:
        listed = self._listed(_TABLES, schema, after, count)
        return [Table(schema, name, "view" if is_view else "table") for name, is_view in listed]

    def columns(self, schema: str, table: str) -> list[Column]:
        listed = self._listed(_COLUMNS, schema, table)
        nullable = ("Nullable(", "LowCardinality(Nullable(")
        return [Column(name, kind, kind.startswith(nullable)) for name, kind in listed]

    def _listed(self, sql: str, *params: str | int) -> list[list[Any]]:
        try:
            return self._session.rows(sql, fields_of(params))
        except Refusal as refusal:
            raise query_failure(refusal, sql) from None


def _affected(answer: http.client.HTTPResponse) -> Affected:
    """Rows that were written, also by materialized views."""
    try:
        return Affected(int(json.loads(answer.headers["X-ClickHouse-Summary"])["written_rows"]))
    except (KeyError, TypeError, ValueError):
        return Affected(None)


def _counted(affected: Affected, sql: str) -> Affected:
    """Only inserts count: of other statements the server says 0, whatever they do."""
    return affected if affected.rows or _INSERT.match(sql) else Affected(None)


def _as_written(text: bytes, written: str) -> Rows:
    """One row of what a statement with FORMAT gave."""
    try:
        column: pa.Array = pa.array([text.decode()])
    except UnicodeDecodeError:
        column = pa.array([text])
    remark = f"The statement asks for FORMAT {written}, so there is only its text."
    return Rows(pa.table({written: column}), [remark])


def _converted(table: pa.Table, names: list[str] | None, zone: str) -> Rows:
    try:
        return plain_table(table, names, zone)
    except Exception as error:
        raise unreadable_rows(f"{type(error).__name__}: {error}") from error


def _quoted(text: str, quote: str) -> str:
    escaped = text.replace("\\", "\\\\").replace(quote, f"\\{quote}")
    return f"{quote}{escaped}{quote}"
