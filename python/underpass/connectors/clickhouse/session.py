"""A session of ClickHouse's over HTTP: what ``SET``, ``USE`` and temporary tables live in.

It outlives the connection, which servers close when it rests for some seconds: the next request dials again,
before anything was sent. What was sent once is never sent again.
"""

from __future__ import annotations

import http.client
import json
import time
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from underpass.connectors.failures import cancelled, connection_lost, escape_refused, not_reached, tls_failed
from underpass.connectors.tls import CONNECT_TIMEOUT, Tls
from underpass.failure import UnderpassError
from underpass.ready import Ready

from .errors import (
    CODE_HEADER,
    LABEL,
    SESSION_IS_LOCKED,
    SESSION_TIMEOUT_TOO_LONG,
    Refusal,
    not_clickhouse,
    reason_of,
)
from .link import dial
from .request import request_of

#: Seconds that the server keeps the session after a statement, if it allows that long.
KEPT = 3600
#: Seconds for the server to forget a session; nobody waits longer for that.
FAREWELL = 2
#: Seconds that an ended statement may go on to hold the session.
UNLOCKING = 5


class Session:
    """One session on one connection at a time, for one thread at a time (``kill`` apart)."""

    def __init__(self, ready: Ready) -> None:
        self._ready = ready
        self._tls = Tls.of(ready)
        self._link = dial(ready, self._tls, LABEL)
        self._id = f"underpass-{uuid.uuid4()}"
        self._query: dict[str, str | int] = {"session_id": self._id, "session_timeout": KEPT}
        #: Nobody knows any more how the server sees it.
        self.is_broken = False
        #: Id of the statement that runs.
        self.running: str | None = None
        #: Id of a statement that was to be ended, and was not found.
        self._missed: str | None = None
        self._may_be_locked = False

    def log_in(self) -> None:
        """Have the server make the session.

        Raises:
            Refusal: it does not want to.
            UnderpassError: it could not be asked.
        """
        try:
            try:
                self._begin()
            except Refusal as refusal:
                if refusal.code != SESSION_TIMEOUT_TOO_LONG:
                    raise
                # Then for as long as the server keeps it.
                del self._query["session_timeout"]
                self._begin()
        except http.client.RemoteDisconnected as error:
            if self._link.secure and not self._tls.certificate:
                # Newer TLS ends the handshake before the server has seen the client's certificate.
                raise tls_failed(
                    self._ready, "the server hung up; it may want a client certificate"
                ) from None
            raise not_clickhouse(self._ready, reason_of(error)) from None
        except http.client.HTTPException as error:
            raise not_clickhouse(self._ready, reason_of(error)) from None
        except OSError as error:
            raise not_reached(self._ready, error) from None
        # From now on, one that the server has forgotten must not begin anew without a word.
        self._query["session_check"] = 1

    def _begin(self) -> None:
        answer = self._link.post(self._query, b"SELECT 1", timeout=CONNECT_TIMEOUT)
        self._accepted(answer)
        text = answer.read()
        self._link.rest()
        if text != b"1\n":
            raise not_clickhouse(self._ready, "it answers something else")

    def execute(
        self,
        sql: str,
        fields: Sequence[tuple[str, bytes]] = (),
        settings: Mapping[str, str | int] | None = None,
        timeout: float | None = None,
    ) -> http.client.HTTPResponse:
        """Begin a statement; ``finish`` when its answer was read.

        Args:
            sql: With the server's own placeholders.
            fields: Their values, see ``params``.
            settings: For this statement.
            timeout: Seconds for each answer of the network.
        Raises:
            Refusal: the server does not run it, or ran into an error.
            UnderpassError: ``connection-lost``.
        """
        if self._may_be_locked:
            self.answers()
            self._may_be_locked = False
        if self._link.is_stale:
            self._redial()
        request = request_of(sql, fields)
        self.running = str(uuid.uuid4())
        query = {**self._query, "query_id": self.running, **(settings or {}), **request.query}
        try:
            answer = self._link.post(query, request.body, request.content_type, timeout)
            self._accepted(answer)
        except (OSError, http.client.HTTPException) as error:
            raise self.lost(error) from None
        return answer

    def finish(self) -> None:
        """The statement's answer was read."""
        self.running = None
        self._link.rest()

    def lost(self, error: Exception) -> UnderpassError:
        """What to raise when the connection broke under a statement, be it because of ``kill``."""
        was_stopped = self.is_broken
        self.running = None
        self.is_broken = True
        self._link.close()
        return (
            cancelled(LABEL, "The statement was stopped.")
            if was_stopped
            else connection_lost(reason_of(error))
        )

    def rows(self, sql: str, fields: Sequence[tuple[str, bytes]] = ()) -> list[list[Any]]:
        """Run a short question of the connector's own."""
        answer = self.execute(sql, fields, {"default_format": "JSONCompactEachRow"})
        try:
            text = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise self.lost(error) from None
        self.finish()
        return [json.loads(line) for line in text.splitlines()]

    def answers(self) -> bool:
        """Whether the server still knows the session; on a new connection, if it closed the old one.

        A statement that was ended may hold the session for a moment longer.
        """
        deadline = time.monotonic() + UNLOCKING
        while not self.is_broken:
            status = self._asked()
            if status != SESSION_IS_LOCKED or time.monotonic() > deadline:
                return status == 0
            time.sleep(0.02)
        return False

    def _asked(self) -> int | None:
        """0 for an answer, the code of a refusal, None for silence. A question that can be sent twice."""
        is_fresh = self._link.is_stale
        try:
            if is_fresh:
                self._redial()
            answer = self._link.post(self._query, b"SELECT 1", timeout=CONNECT_TIMEOUT)
            text = answer.read()
        except (OSError, http.client.HTTPException):
            self._link.close()
            # The server may have closed the old one in this moment.
            return None if is_fresh else self._asked()
        except UnderpassError:
            return None
        self._link.rest()
        if answer.status == http.HTTPStatus.OK and text == b"1\n":
            return 0
        code = answer.headers.get(CODE_HEADER, "")
        return int(code) if code.isdigit() else None

    def kill(self) -> None:
        """End the statement that runs. Called from another thread."""
        running = self.running
        if running is None:
            return
        try:
            link = dial(self._ready, self._tls, LABEL, secure=self._link.secure)
            try:
                statement = f"KILL QUERY WHERE query_id = '{running}' ASYNC"
                answer = link.post({}, statement.encode(), timeout=CONNECT_TIMEOUT)
                found = answer.read()
            finally:
                link.close()
        except (OSError, http.client.HTTPException, UnderpassError):
            return
        if answer.status == http.HTTPStatus.OK and found:
            self._missed = None
        elif answer.status == http.HTTPStatus.OK and self._missed != running:
            # It may not have begun yet.
            self._missed = running
        elif self.running == running:
            # Not everybody may, and behind a load balancer another server may have been asked. A server
            # that can not answer any more gives up, too.
            self.is_broken = True
            self._link.abort()

    def close(self) -> None:
        """Have the server forget the session. Never fails."""
        if not self.is_broken and not self._link.is_stale:
            with suppress(OSError, http.client.HTTPException):
                self._link.post({**self._query, "close_session": 1}, b"SELECT 1", timeout=FAREWELL).read()
        self.is_broken = True
        self._link.close()

    def drop(self) -> None:
        """Give up the connection in the middle of an answer; the session stays."""
        self.running = None
        self._may_be_locked = True
        self._link.close()

    def _redial(self) -> None:
        self._link.close()
        self._link = dial(self._ready, self._tls, LABEL, secure=self._link.secure)

    def _accepted(self, answer: http.client.HTTPResponse) -> None:
        """Raises what an answer without rows says."""
        if answer.status == http.HTTPStatus.OK:
            return
        if 300 <= answer.status < 400:
            self._link.close()
            where = urlsplit(answer.headers.get("Location", ""))
            raise escape_refused(self._ready, where.netloc or where.path or "nowhere", "its answers")
        text = answer.read().decode("utf-8", "replace")
        self.finish()
        code = answer.headers.get(CODE_HEADER, "")
        if not code and "DB::" not in text:
            # Somebody in between, or another server.
            words = " ".join(text.split())[:200]
            raise http.client.HTTPException(f"HTTP status {answer.status} {answer.reason}: {words}")
        raise Refusal(text, int(code) if code.isdigit() else 0)
