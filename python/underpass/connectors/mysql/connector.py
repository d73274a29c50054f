"""MySQL: PyMySQL logs in, the rows are read in blocks into Arrow (docs/decisions/0013)."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar

from underpass.connectors import failures
from underpass.connectors.base import PAGE, Affected, Column, Connector, Rows, Table, unreadable_rows
from underpass.connectors.read_only import can_not_be_read_only, guarded
from underpass.failure import UnderpassError, fail
from underpass.fetching import UNWATCHED, Fetching
from underpass.ready import Ready
from underpass.statement import Statement
from underpass.template import Dialect, statements_of

from .catalog import COLUMNS, SCHEMAS, SEARCHED, TABLES
from .comments import has_executed, split_with_executed
from .dial import begin_tls, log_in
from .errors import query_failure
from .options import assignments, speaks_other_text, split_options, wrong_option
from .params import placeholder
from .read_only import BEFORE, RULES
from .reading import ServerError
from .session import Answer, Session, Unreadable
from .wire import ProtocolError

#: Statements that only read: their rows can be limited, and the rest of them be cancelled.
_READS = re.compile(
    r"(?:\s|--[^\n]*(?:\n|\Z)|#[^\n]*(?:\n|\Z)|/\*(?:[^*]|\*(?!/))*\*/|\()*"
    r"(?:select|with|values|table|show|describe|desc|explain)\b",
    re.IGNORECASE,
)
_CHANGES = re.compile(r"\b(?:insert|update|delete|replace)\b", re.IGNORECASE)
#: What may change the session's time zone, by itself or in a routine; and what does so for itself alone.
_TIME_ZONE = re.compile(r"time_zone|\b(?:call|execute)\b", re.IGNORECASE)
_OWN_TIME_ZONE = re.compile(r"\b(?:set\s+statement|set_var)\b.*time_zone", re.IGNORECASE | re.DOTALL)
_OFFSET = re.compile(r"([+-])(\d\d?):(\d\d)")


class MySQL(Connector):
    """One session; statements commit by themselves outside of a transaction."""

    label = "MySQL"
    tls_of_python = True
    dialect: ClassVar[Dialect] = Dialect(
        "mysql",
        lambda _, value: placeholder(value),
        empty_list="SELECT NULL FROM DUAL WHERE 1 = 0",
        positional=True,
    )
    rules = RULES
    #: What sessions begin with: in this time zone, a TIMESTAMP is a moment.
    variables: ClassVar[dict[str, str]] = {"time_zone": "+00:00"}
    #: The server executes what is in ``/*! … */``.
    executes_comments: ClassVar[bool] = True

    #: Said at the beginning of a session that must not write.
    reads_only: ClassVar[str | None] = BEFORE

    def __init__(self, session: Session, ready: Ready) -> None:
        self._session = session
        self._ready = ready

    @classmethod
    def statements(cls, cell: str, evaluate: Callable[[str], Any]) -> list[Statement]:
        if cls.executes_comments and has_executed(cell):
            return statements_of(cell, replace(cls.dialect, split=split_with_executed), evaluate)
        return super().statements(cell, evaluate)

    @classmethod
    def begin_tls(cls, plain: socket.socket) -> bool:
        return begin_tls(plain)

    @classmethod
    def open(cls, ready: Ready) -> Connector:
        connector = cls(Session(log_in(ready, cls.label)), ready)
        try:
            connector._set_variables()
            if ready.read_only and cls.reads_only:
                connector._read_only(cls.reads_only)
            connector._session.wait_for_ever()
        except BaseException:
            connector.close()
            raise
        return connector.kept_from_writing(ready)

    def _read_only(self, statement: str) -> None:
        """Have the server refuse what writes.

        Raises:
            UnderpassError: it does not know how to.
        """
        try:
            self._session.ask(statement)
        except ServerError as error:
            raise can_not_be_read_only(self._ready, error.message) from None
        except (OSError, ProtocolError) as error:
            raise failures.not_reached(self._ready, ConnectionAbortedError(str(error))) from None

    def _set_variables(self) -> None:
        """Make the session what cells expect, and what the integration says."""
        _, given = split_options(self._ready)
        variables = {**self.variables, **given}
        if not variables:
            return
        try:
            self._session.ask(assignments(variables))
        except ServerError as error:
            named = next((name for name in given if name in error.message), ", ".join(given))
            raise wrong_option(named, f"was refused by the server: {error.message}", "Correct it.") from None
        except (OSError, ProtocolError) as error:
            raise failures.not_reached(self._ready, ConnectionAbortedError(str(error))) from None
        if "time_zone" in variables:
            self._learn_time_zone()

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
        if speaks_other_text(sql):
            raise fail(
                "invalid-request",
                "request",
                "Cells are sent in UTF-8 and answers are read as that: with this statement text would become "
                "other text.",
                "Leave it out. Columns of any character set are converted by the server.",
            )
        reads = _READS.match(sql) is not None and not _CHANGES.search(sql)
        with self._limited(limit if reads else None), self._watched_time_zone(sql):
            answers = self._guarded(sql, params, limit, kill=reads, fetching=fetching)
        return last_of(answers)

    @contextmanager
    def _limited(self, limit: int | None) -> Iterator[None]:
        """Have the server send at most so many rows of a SELECT that does not say itself."""
        if limit is None:
            yield
            return
        before = self._asked("SELECT @@SESSION.sql_select_limit AS rows_before")["rows_before"][0]
        try:
            self._guarded(f"SET SESSION sql_select_limit = {limit:d}")
            yield
        finally:
            # On a connection that is lost there is nothing to restore.
            with suppress(OSError, ProtocolError):
                self._restore_limit(before)

    def _restore_limit(self, before: int) -> None:
        """Have all later statements give all of their rows, or none."""
        for _ in range(3):
            # A KILL QUERY that comes late ends this statement.
            with suppress(ServerError):
                self._session.ask(f"SET SESSION sql_select_limit = {before:d}")
                return
        self._session.abandon()

    @contextmanager
    def _watched_time_zone(self, sql: str) -> Iterator[None]:
        """Know what the times of a statement mean, and those of later ones."""
        if not _TIME_ZONE.search(sql):
            yield
            return
        if _OWN_TIME_ZONE.search(sql):
            self._session.offset = None
        try:
            yield
        finally:
            # Unknown, if the server does not tell.
            self._session.offset = None
            with suppress(UnderpassError):
                self._learn_time_zone()

    def _guarded(
        self,
        sql: str,
        params: Sequence[Any] = (),
        limit: int | None = None,
        *,
        kill: bool = False,
        fetching: Fetching = UNWATCHED,
    ) -> list[Answer]:
        """Run a statement, with its failures put into words."""
        enough = self._end_rest if kill else _drain
        try:
            return self._session.run(sql, params, limit=limit, enough=enough, fetching=fetching)
        except ServerError as error:
            failure = self._failure(error, sql)
            if failure.failure["code"] != "connection-lost":
                # Some errors roll back everything, some come behind a BEGIN; only the next answer tells.
                with suppress(ServerError, OSError, ProtocolError):
                    self._session.ping()
            raise failure from None
        except (OSError, ProtocolError) as error:
            raise failures.connection_lost(failures.scrubbed(str(error), self._ready)) from None
        except Unreadable as error:
            raise unreadable_rows(str(error)) from None

    def _failure(self, error: ServerError, sql: str) -> UnderpassError:
        return query_failure(error, sql, self.label)

    def _end_rest(self) -> None:
        """End a statement whose further rows nobody wants; if that can not be, they are read all the same."""
        with suppress(Exception):
            self.cancel()

    def _learn_time_zone(self) -> None:
        self._session.offset = _offset_of(self._asked("SELECT @@SESSION.time_zone AS zone")["zone"][0])

    def _asked(self, sql: str, *params: Any) -> dict[str, list[Any]]:
        """Run a query of our own; values by column."""
        rows = last_of(self._guarded(sql, params))
        assert isinstance(rows, Rows)
        return rows.take().to_pydict()

    def cancel(self) -> None:
        other = Session(log_in(self._ready, self.label))
        try:
            other.ask(f"KILL QUERY {self._session.id}")
        finally:
            other.close()

    def ping(self) -> bool:
        try:
            self._session.ping()
        except (ServerError, OSError, ProtocolError):
            return False
        return True

    @property
    def in_transaction(self) -> bool:
        return self._session.in_transaction

    def close(self) -> None:
        self._session.close()

    def schemas(self, *, after: str = "", count: int = PAGE) -> list[str]:
        return self._asked(SCHEMAS, after, count)["name"]

    def tables(self, schema: str, *, after: str = "", count: int = PAGE) -> list[Table]:
        listed = self._asked(TABLES, schema, after, count)
        return [Table(schema, name, kind) for name, kind in zip(listed["name"], listed["kind"], strict=True)]

    def columns(self, schema: str, table: str) -> list[Column]:
        listed = self._asked(COLUMNS, schema, table)
        return list(map(Column, listed["name"], listed["type"], map(bool, listed["nullable"])))

    def searched(self) -> list[str]:
        return [name for name in self._asked(SEARCHED)["name"] if name]


def _offset_of(zone: str) -> timedelta | None:
    """Distance from UTC of the zones that have the same all year."""
    found = _OFFSET.fullmatch(zone)
    if found is None:
        return timedelta(0) if zone.upper() == "UTC" else None
    distance = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return -distance if found[1] == "-" else distance


def _drain() -> None:
    """Read the rest: ending the statement would undo what it changes."""


def last_of(answers: Sequence[Answer]) -> Rows | Affected:
    """The last result with rows, of a procedure that has several; else what was counted last."""
    rows = [answer for answer in answers if isinstance(answer, Rows)]
    if rows:
        if len(rows) > 1:
            remark = f"The last of {len(rows)} results is shown."
            return Rows(rows[-1].take(), [*rows[-1].remarks, remark])
        return rows[0]
    last = answers[-1]
    assert not isinstance(last, Rows)
    return Affected(last.affected)
