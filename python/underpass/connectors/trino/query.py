"""One statement on its way through Trino's protocol: it is posted, then its pages are fetched one by one.

Each answer names where the next one is, until the last. https://trino.io/docs/current/develop/client-protocol.html
"""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from http.client import HTTPException
from typing import Any

import orjson

from underpass.connectors.failures import (
    cancelled,
    connection_lost,
    escape_refused,
    login_refused,
    query_failed,
)
from underpass.ready import Ready

from .errors import LABEL
from .session import Session
from .wire import Answer, Wire, host_of

_STATEMENT = "/v1/statement"
#: Answers of proxies and busy servers after which the same page may be asked for again, and for how long.
_AGAIN = (429, 502, 503, 504)
_PATIENCE = 30
#: Those of a server that has not begun with a statement.
_NOT_TAKEN = (429, 503)
_PAUSE = 0.1

Page = Mapping[str, Any]


class Query:
    """A statement that runs; ``cancel`` may be called from another thread."""

    def __init__(self, ready: Ready, wire: Wire, session: Session) -> None:
        self._ready = ready
        self._wire = wire
        self._session = session
        self._headers = session.headers()
        self._next: str | None = None
        self._cancelled = threading.Event()

    def pages(self, sql: str, *, ahead: bool) -> Generator[Page]:
        """Run ``sql`` and give each answer of the server, errors of the statement included.

        If it is not read to its end, ``end`` has to be called.

        Args:
            sql: What to run.
            ahead: The next page is fetched while one is worked with.
        Raises:
            UnderpassError: the connection was lost, the login is not valid any more, or the server refers to
                another one.
        """
        page = self._post(sql)
        if not ahead:
            while True:
                yield page
                if self._next is None:
                    return
                page = self._fetch()
        with ThreadPoolExecutor(1) as fetcher:
            while self._next is not None:
                following: Future[Page] = fetcher.submit(self._fetch)
                try:
                    yield page
                finally:
                    # Nobody else may use the connection meanwhile.
                    following.exception()
                page = following.result()
            yield page

    def cancel(self) -> None:
        """Have the server end it, on a connection of its own: the first one waits for a page."""
        self._cancelled.set()
        if (path := self._next) is not None:
            wire = self._wire.another()
            try:
                wire.request("DELETE", path, self._headers)
            finally:
                wire.close()

    def end(self) -> None:
        """Have the server end it if it still runs. Never fails."""
        path, self._next = self._next, None
        if path is not None:
            with suppress(Exception):
                self._wire.request("DELETE", path, self._headers)

    def _post(self, sql: str) -> Page:
        answer = self._ask("POST", _STATEMENT, sql.encode())
        if answer.status in _NOT_TAKEN:
            raise query_failed(f"{LABEL} did not take the statement: {answer.words()}", "Run it again later.")
        return self._read(answer)

    def _fetch(self) -> Page:
        assert self._next is not None
        deadline = time.monotonic() + _PATIENCE
        while True:
            answer = self._ask("GET", self._next)
            if answer.status not in _AGAIN or time.monotonic() > deadline or self._cancelled.is_set():
                return self._read(answer)
            self._cancelled.wait(_PAUSE)

    def _ask(self, method: str, path: str, body: bytes | None = None) -> Answer:
        try:
            return self._wire.request(method, path, self._headers, body)
        except (OSError, HTTPException) as error:
            self._next = None
            raise connection_lost(str(error) or type(error).__name__) from None

    def _read(self, answer: Answer) -> Page:
        """A page of the protocol, and what it says about the session."""
        if answer.status != 200:
            self._next = None
            if answer.status in (401, 403):
                raise login_refused(self._ready, LABEL, answer.words(), answer.status)
            raise connection_lost(answer.words())
        try:
            page: Page = orjson.loads(answer.body)
        except orjson.JSONDecodeError:
            self._next = None
            raise connection_lost("what answers is not Trino") from None
        self._session.update(answer.headers)
        uri = page.get("nextUri")
        self._next = None if uri is None else self._wire.path_of(uri)
        if isinstance(page.get("data"), dict):
            raise escape_refused(self._ready, _segment(page["data"]), "the rows of a statement")
        if self._cancelled.is_set() and self._next is not None:
            # Asked for before it was known where.
            self.end()
            raise cancelled(LABEL, "Query was canceled")
        return page


def _segment(data: Mapping[str, Any]) -> str:
    """Where a server that spools has put rows, although nobody asked it to."""
    segments: Sequence[Mapping[str, Any]] = data.get("segments") or ()
    return next((host_of(str(segment["uri"])) for segment in segments if segment.get("uri")), "segments")
