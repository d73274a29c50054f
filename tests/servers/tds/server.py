"""A server of SQL Server's protocol for the tests: pysqlbridge, and what it lacks.

``python server.py CONFIGURATION`` listens at every port of a JSON file and prints ``listening``:
``{"address", "database", "user", "password", "running": FOLDER, "ports": [{"port", "manner", "certificate",
"key"}]}``. While a statement runs, its text is a file in the folder. Added here: servers without TLS,
statements that are cancelled while they run (WAITFOR), statements with parameters as ODBC sends them, servers
that name another one, tables of all types (``tables``), and a large one (``large``; SIGUSR1 prepares it).
"""

# pyright: reportMissingImports=false
from __future__ import annotations

import json
import logging
import re
import select
import signal
import socket
import struct
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import large
import tables
from pysqlbridge import certificate, logins, server
from pysqlbridge.catalog import Catalog
from pysqlbridge.tds import connection as tds
from pysqlbridge.tds.packet import PacketType, build_packet, reassemble
from pysqlbridge.tds.prelogin import Encryption, Prelogin, Version, server_response
from pysqlbridge.tds.result import Query, QueryResult
from pysqlbridge.tds.token import DoneStatus, done

_WAIT = re.compile(r"WAITFOR\s+DELAY\s+'(\d+):(\d+):(\d+)'", re.IGNORECASE)
#: They change what the statements behind them do, until they are off again.
_INSTEAD = re.compile(r"SET\s+(NOEXEC|SHOWPLAN_TEXT)\s+(ON|OFF)", re.IGNORECASE)
_CALL = re.compile(r"EXEC sp_executesql (.*)", re.DOTALL)
_DECLARED = re.compile(r"(@\w+)\s+([a-z]\w*(?:\([^)]*\))?)", re.IGNORECASE)


def _routing(host: str, port: int) -> bytes:
    """ENVCHANGE 20: the client has to log in at another server ([MS-TDS] 2.2.7.9)."""
    server = struct.pack("<BHH", 0, port, len(host)) + host.encode("utf-16-le")
    body = struct.pack("<BH", 20, len(server)) + server + bytes(2)
    return struct.pack("<BH", 0xE3, len(body)) + body


_ROUTING = _routing("node7.internal", 11003)


class Plain:
    """Stands where the TLS would be on a server that has none."""

    handshake_complete = True

    @staticmethod
    def unwrap(content: bytes) -> bytes:
        return content

    wrap = unwrap


class Connection(tds.Connection):
    """A client's connection. ``socket`` is set by ``Handler``."""

    socket: socket.socket
    #: Situation: ``refused``, ``demanded`` and ``redirecting`` are special.
    manner: str
    running: Path

    def _negotiate_encryption(self, requested: Encryption | None) -> Encryption:
        return Encryption.ON if self.manner == "demanded" else super()._negotiate_encryption(requested)

    def _step_prelogin(self, responses: list[bytes]) -> bool:
        message = reassemble(self._buffer)
        if message is None:
            return False
        asked = Prelogin.parse(message.payload)
        if self.manner != "refused" and asked.encryption is not Encryption.NOT_SUPPORTED:
            return super()._step_prelogin(responses)
        del self._buffer[: message.consumed]
        self._client_prelogin = asked
        answer = server_response(version=self._version, encryption=Encryption.NOT_SUPPORTED, asked=asked)
        responses.append(build_packet(PacketType.TABULAR_RESULT, answer.build()))
        self._tunnel = Plain()
        self._state = tds.ConnectionState.EXPECT_LOGIN
        return True

    def _step_query(self, responses: list[bytes]) -> bool:
        handler = self._query_handler
        try:
            # The handler is the server's own; what it gets from here is the connection it answers to.
            self._query_handler = lambda query: handler(query, self)
            return super()._step_query(responses)
        except Cancelled:
            acknowledged = done(status=DoneStatus.FINAL | DoneStatus.ATTENTION, tds_version=self._tds_version)
            self._send(responses, acknowledged)
            return True
        finally:
            self._query_handler = handler

    def _send(self, responses: list[bytes], payload: bytes, packet_id: int = 1) -> None:
        if isinstance(payload, large.Packets):
            with self.listed(large.TABLE):
                for piece in payload.pieces:
                    self.wait(0)
                    self.socket.sendall(self._tunnel.wrap(piece) if self._session_encrypted else piece)
            return
        if self.manner == "redirecting" and self._state is tds.ConnectionState.EXPECT_LOGIN:
            # Before the end of the answer to a login.
            payload = payload[: -len(done())] + _ROUTING + done()
        super()._send(responses, payload, packet_id)

    def wait(self, seconds: float) -> None:
        """Let the time pass, unless the client cancels or goes away.

        Raises:
            Cancelled: it did.
            ConnectionError: it is gone.
        """
        deadline = time.monotonic() + seconds
        while True:
            left = max(0, deadline - time.monotonic())
            if select.select([self.socket], [], [], left)[0]:
                content = self.socket.recv(65536)
                if not content:
                    raise ConnectionError("the client is gone")
                self._buffer += content
                message = self._take_message()
                if message is not None and message.type is PacketType.ATTENTION:
                    raise Cancelled
            elif not left:
                return

    @contextmanager
    def listed(self, sql: str) -> Iterator[None]:
        """Show a statement to those who look for what runs."""
        path = self.running / str(self._spid)
        path.write_text(sql)
        try:
            yield
        finally:
            path.unlink()


class Cancelled(BaseException):
    """Not an Exception: pysqlbridge answers those as errors."""


class Handler(server._Handler):
    """Serves one client."""

    def handle(self) -> None:
        # Looked for by ``connect``, which is called in the same thread.
        _current.handler = self
        super().handle()


_current = threading.local()


def connect(*arguments: Any, **options: Any) -> Connection:
    """Make the connection of the client that this thread serves."""
    listener = _current.handler.server
    if listener.manner == "redirecting":
        options["version"] = Version(12, 0, 2000)
    made = Connection(*arguments, **options)
    made.socket = _current.handler.request
    made.manner, made.running = listener.manner, listener.running
    return made


class Database:
    """What all ports answer from."""

    def __init__(self) -> None:
        self._catalog = Catalog()
        for table in tables.TABLES:
            self._catalog.add(table)

    def answer(self, query: Query, connection: Connection) -> QueryResult:
        """Run one batch or one call."""
        query = _as_batch(query)
        with connection.listed(query.sql):
            if asked := _INSTEAD.search(query.sql):
                query.session["instead"] = asked[1].upper() if asked[2].upper() == "ON" else ""
                return self._catalog.answer(Query("", session=query.session))
            if query.session.get("instead"):
                sql = tables.PLAN if query.session["instead"] == "SHOWPLAN_TEXT" else ""
                return self._catalog.answer(Query(sql, session=query.session))
            if wait := _WAIT.search(query.sql):
                hours, minutes, seconds = map(int, wait.groups())
                connection.wait(hours * 3600 + minutes * 60 + seconds)
                query = Query(_WAIT.sub("", query.sql), query.parameters, session=query.session)
            if large.TABLE in query.sql:
                return large.answer()
            if "dbo.received" in query.sql:
                return tables.received(query.session["declared"], query.parameters)
            return self._catalog.answer(query)


def _as_batch(query: Query) -> Query:
    """What a call holds: ODBC prepares whatever has parameters, and the connector calls sp_executesql."""
    procedure = (query.procedure or "").lower()
    if procedure == "sp_unprepare":
        return Query("", session=query.session)
    if procedure == "sp_prep_exec":
        _, declared, sql, *values = query.arguments
        query = Query(sql, _by_name(declared, values), session=query.session)
    if called := _CALL.fullmatch(query.sql.strip()):
        sql, declared, *values = (query.parameters[name.strip()] for name in called[1].split(","))
        query.session["declared"] = _DECLARED.findall(declared)
        query = Query(sql, _by_name(declared, values), session=query.session)
    return query


def _by_name(declared: str, values: list[Any]) -> dict[str, Any]:
    return {name: value for (name, _), value in zip(_DECLARED.findall(declared), values, strict=False)}


def main() -> None:
    configuration = json.loads(Path(sys.argv[1]).read_text())
    logging.basicConfig(level=logging.INFO)
    server.Connection = connect
    store = logins.LoginStore([logins.Login(configuration["user"], configuration["password"], hashed=False)])
    database = Database()
    for settings in configuration["ports"]:
        listener: Any = server.BridgeServer(
            configuration["address"],
            settings["port"],
            certificate.load(settings["certificate"], settings["key"]),
            database.answer,
            configuration["database"],
            store,
        )
        listener.RequestHandlerClass = Handler
        listener.manner, listener.running = settings["manner"], Path(configuration["running"])
        threading.Thread(target=listener.serve_forever, daemon=True).start()
    signal.signal(
        signal.SIGUSR1, lambda *_: print("prepared", len(large.answer().encode().pieces), flush=True)
    )
    print("listening", flush=True)
    while True:
        signal.pause()


if __name__ == "__main__":
    main()
