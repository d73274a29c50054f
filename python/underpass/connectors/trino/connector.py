"""Trino through its own statement protocol: pages of JSON, cast to Arrow column by column."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from http.client import HTTPException
from typing import Any, ClassVar

import pyarrow as pa

from underpass.connectors.base import PAGE, Affected, Column, Connector, Rows, Table, unreadable_rows
from underpass.connectors.failures import no_tls, not_reached
from underpass.connectors.read_only import guarded
from underpass.connectors.tls import Tls, speaks_tls
from underpass.failure import UnderpassError
from underpass.fetching import UNWATCHED, Fetching
from underpass.ready import Ready
from underpass.template import Dialect

from .catalog import Catalog
from .errors import LABEL, login_failure, query_failure
from .literals import literal
from .options import compresses, session_of
from .query import Page, Query
from .read_only import RULES
from .session import Session
from .types import Type, finished, stored
from .wire import Wire

#: Before a statement with parameters. On its own lines, so that the server's columns are the statement's.
_EXECUTE = "EXECUTE IMMEDIATE\n'\n"


class Trino(Connector):
    """One session: its state travels with each request, the connection itself has none."""

    label = LABEL
    tls_of_python = True
    dialect: ClassVar[Dialect] = Dialect("trino", lambda _, __: "?", positional=True)
    rules = RULES

    def __init__(self, ready: Ready, wire: Wire, session: Session) -> None:
        self._ready = ready
        self._wire = wire
        self._session = session
        self._query: Query | None = None
        self._lost = False
        self._catalog = Catalog(self._listed, ready.fields.get("catalog") or None)

    @classmethod
    def begin_tls(cls, plain: socket.socket) -> bool:
        # The port decides.
        return True

    @classmethod
    def open(cls, ready: Ready) -> Trino:
        session = session_of(ready)
        tls = Tls.of(ready)
        try:
            encrypted = speaks_tls(ready.endpoint.host, ready.endpoint.port, tls)
        except OSError as error:
            raise not_reached(ready, error) from None
        if not encrypted and tls.mode != "preferred":
            raise no_tls(ready, LABEL)
        password, token = ready.secrets.get("password"), ready.secrets.get("token")
        if encrypted:
            session.log_in(str(ready.fields["user"]), password, token)
        wire = Wire(ready, tls.context() if encrypted else None, compress=compresses(ready))
        connector = cls(ready, wire, session)
        try:
            answer = wire.request("HEAD", "/v1/statement", session.headers())
            if answer.status in (404, 405, 501):
                # Older servers and some gateways do not know this question.
                connector.run("SELECT 1", ())
            elif answer.status != 200:
                raise login_failure(ready, answer, withheld=not encrypted and bool(password or token))
        except HTTPException as error:
            wire.close()
            raise not_reached(ready, OSError(f"no HTTP ({type(error).__name__})")) from None
        except OSError as error:
            wire.close()
            raise not_reached(ready, error) from None
        except BaseException:
            wire.close()
            raise
        return connector.kept_from_writing(ready)

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
        text, lines = sql, 0
        if params:
            quoted = sql.replace("'", "''")
            text = f"{_EXECUTE}{quoted}' USING {', '.join(map(literal, params))}"
            lines = _EXECUTE.count("\n")
        query = self._query = Query(self._ready, self._wire, self._session)
        result = _Result(limit, fetching)
        try:
            with closing(query.pages(text, ahead=limit is None)) as pages:
                for page in pages:
                    if error := page.get("error"):
                        raise query_failure(error, sql, lines, bound=bool(params))
                    result.add(page)
                    # A statement that is not read to its end would take its transaction with it.
                    if result.is_full and not self.in_transaction:
                        break
        except UnderpassError as error:
            self._lost = error.failure["code"] == "connection-lost"
            raise
        finally:
            query.end()
            self._query = None
        return result.take()

    def cancel(self) -> None:
        if (query := self._query) is not None:
            query.cancel()

    def ping(self) -> bool:
        try:
            return self._wire.request("GET", "/v1/info", {}).status == 200
        except (OSError, HTTPException, UnderpassError):
            return False

    @property
    def in_transaction(self) -> bool:
        return self._session.transaction is not None

    def close(self) -> None:
        if self.in_transaction and not self._lost:
            # The server would keep it for minutes.
            with suppress(Exception):
                self.run("ROLLBACK", ())
        self._wire.close()

    def schemas(self, *, after: str = "", count: int = PAGE) -> list[str]:
        return self._catalog.schemas(after, count)

    def tables(self, schema: str, *, after: str = "", count: int = PAGE) -> list[Table]:
        return self._catalog.tables(schema, after, count)

    def columns(self, schema: str, table: str) -> list[Column]:
        return self._catalog.columns(schema, table)

    def _listed(self, sql: str, *params: str) -> list[tuple[Any, ...]]:
        answer = self.run(sql, params)
        assert isinstance(answer, Rows)
        return list(zip(*answer.take().to_pydict().values(), strict=True))


class _Result:
    """What a statement gives, page by page."""

    def __init__(self, limit: int | None, fetching: Fetching) -> None:
        self._fetching = fetching
        self.columns: list[tuple[str, Type]] = []
        self._limit = limit
        self._count = 0
        self._update: str | None = None
        self._affected: int | None = None
        self._chunks: list[list[Any]] = []
        self._warnings: dict[str, None] = {}

    @property
    def has_rows(self) -> bool:
        """They are its own, not the count of those that it changed."""
        return bool(self.columns) and not (self._update and [name for name, _ in self.columns] == ["rows"])

    @property
    def is_full(self) -> bool:
        """There are as many rows as are wanted."""
        return self._limit is not None and self.has_rows and self._count >= self._limit

    def add(self, page: Page) -> None:
        """Keep what a page says."""
        if not self.columns and page.get("columns"):
            self.columns = [(item["name"], Type.parse(item["typeSignature"])) for item in page["columns"]]
            self._chunks = [[] for _ in self.columns]
        self._update = page.get("updateType") or self._update
        self._affected = page.get("updateCount", self._affected)
        self._warnings.update({str(warning["message"]): None for warning in page.get("warnings", ())})
        rows = page.get("data") or ()
        if self._limit is not None and self.has_rows:
            rows = rows[: self._limit - self._count]
        if not rows:
            return
        self._count += len(rows)
        size = 0
        try:
            for chunks, values, (_, kind) in zip(
                self._chunks, zip(*rows, strict=True), self.columns, strict=True
            ):
                chunks.append(stored(values, kind))
                size += chunks[-1].nbytes
        except (pa.ArrowException, ValueError, TypeError) as error:
            raise unreadable_rows(str(error)) from None
        self._fetching.fetched(len(rows), size)

    def take(self) -> Rows | Affected:
        """All of it, with the types that columns have in the end."""
        if not self.has_rows:
            return Affected(self._affected)
        try:
            made = [finished(*column) for column in self._take_columns()]
        except (pa.ArrowException, ValueError, TypeError) as error:
            raise unreadable_rows(str(error)) from None
        names = [name for name, _ in self.columns]
        remarks = [
            f'Column "{name}" {remark}' for name, (_, remark) in zip(names, made, strict=True) if remark
        ]
        warnings = [f"Trino warns: {warning}" for warning in self._warnings]
        return Rows(pa.Table.from_arrays([array for array, _ in made], names=names), [*remarks, *warnings])

    def _take_columns(self) -> Iterator[tuple[pa.ChunkedArray[Any], Type]]:
        for chunks, (_, kind) in zip(self._chunks, self.columns, strict=True):
            yield pa.chunked_array(chunks or [stored((), kind)]), kind
            # As soon as it is cast its text is of no use.
            chunks.clear()
