"""MindsDB: what differs from MySQL."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

from underpass.connectors import failures
from underpass.connectors.base import PAGE, Affected, Column, Rows, Table
from underpass.connectors.mysql.connector import MySQL, last_of
from underpass.connectors.mysql.kinds import DOUBLE, FLOAT
from underpass.connectors.mysql.reading import Definition, ServerError, definition_of
from underpass.connectors.mysql.session import Session
from underpass.connectors.read_only import guarded
from underpass.failure import UnderpassError
from underpass.fetching import UNWATCHED, Fetching
from underpass.ready import Ready
from underpass.template import Dialect

from .literals import check, literal
from .read_only import RULES

#: How the parser marks where it stopped: the line, then dashes up to the place.
_MARK = re.compile(r"\n>([^\n]*)\n(-*)\^")


class MindsDB(MySQL):
    """One session. There are no transactions, and no statement ends another one."""

    label = "MindsDB"
    # What a list without items is compared with must have a FROM there.
    dialect: ClassVar[Dialect] = Dialect(
        "mysql", lambda _, value: literal(value), empty_list="NULL", positional=True
    )
    rules = RULES
    variables: ClassVar[dict[str, str]] = {}
    executes_comments: ClassVar[bool] = False
    reads_only: ClassVar[str | None] = None

    def __init__(self, session: Session, ready: Ready) -> None:
        super().__init__(session, ready)
        session.define = _definition_of

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
        check(sql, params)
        return last_of(self._guarded(sql, (), limit, fetching=fetching))

    def _failure(self, error: ServerError, sql: str) -> UnderpassError:
        # The parser repeats the statement, values included.
        message = error.message.replace(f" - {sql}", "")
        position = _position_of(message, sql)
        told = {"position": position} if position else {}
        return failures.query_failed(f"{message} (error {error.code})", "", server=error.code, **told)

    def cancel(self) -> None:
        """Stop waiting: the connection is given up, and the server goes on."""
        self._session.abandon()

    def schemas(self, *, after: str = "", count: int = PAGE) -> list[str]:
        listed = self._asked("SELECT schema_name AS name FROM information_schema.schemata")
        return sorted(name for name in listed["name"] if name > after)[:count]

    def tables(self, schema: str, *, after: str = "", count: int = PAGE) -> list[Table]:
        listed = self._asked(
            "SELECT table_name AS name, table_type AS kind FROM information_schema.tables"
            f" WHERE table_schema = {literal(schema)}"
        )
        found = sorted(zip(listed["name"], listed["kind"], strict=True))
        return [
            Table(schema, name, "view" if "VIEW" in kind else "table") for name, kind in found if name > after
        ][:count]

    def columns(self, schema: str, table: str) -> list[Column]:
        listed = self._asked(
            "SELECT column_name AS name, data_type AS type FROM information_schema.columns"
            f" WHERE table_schema = {literal(schema)} AND table_name = {literal(table)}"
        )
        return list(map(Column, listed["name"], listed["type"]))

    def searched(self) -> list[str]:
        # It gives the column a name of its own.
        (names,) = self._asked("SELECT DATABASE()").values()
        return [name for name in names if name]


def _definition_of(payload: bytes) -> Definition:
    """A column; all numbers with a point are called FLOAT, however many digits they have."""
    column = definition_of(payload)
    return replace(column, type=DOUBLE) if column.type == FLOAT else column


def _position_of(message: str, sql: str) -> int | None:
    """Characters of ``sql``, from 1, up to where the parser's mark is."""
    found = _MARK.search(message)
    if found is None:
        return None
    lines = sql.split("\n")
    # Of several lines each has a space before it.
    for number in reversed(range(len(lines))):
        for indent in ("", " "):
            if found[1] == indent + lines[number]:
                return failures.position_of(sql, number + 1, len(found[2]) - len(indent))
    return None
