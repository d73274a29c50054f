"""A proxy in front of SecantusDB: a replica set's members, TLS as mongod has it, operations that end.

``python -m tests.servers.mongodb.front CONFIGURATION`` (a JSON file, see ``Listener``) listens on all
addresses and passes every message on to the server, but for

- ``hello``, which it answers as the member of a replica set that a listener stands for;
- ``currentOp``, ``killOp`` and ``killSessions``: it keeps the list of what runs through each member, and ends
  an operation by answering it as MongoDB does (11601 Interrupted). SecantusDB can only end connections;
- ``{$where: "sleep(MILLISECONDS)…"}`` in a ``find``: it waits so long before it passes the rest on;
- writes to a secondary, which it refuses (10107 NotWritablePrimary).
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import re
import socket
import ssl
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import bson

from .wire import Message, answer_to, read

_SLEEP = re.compile(r"sleep\((\d+)\)")
_WRITES = ("insert", "update", "delete", "findAndModify")
_OWN = ("currentOp", "killOp", "killSessions")


@dataclass(frozen=True)
class Listener:
    """One address; ``host`` and ``port``, or the path of a Unix socket.

    ``tls`` is what mongod's ``--tlsMode`` says: disabled, preferTLS (both on one port) or requireTLS.
    ``members`` are the replica set that it belongs to as ``name``, its first one the primary.
    """

    host: str = ""
    port: int = 0
    path: str = ""
    tls: Literal["disabled", "preferTLS", "requireTLS"] = "disabled"
    certificate: str = ""
    key: str = ""
    name: str = ""
    set_name: str = ""
    members: Sequence[str] = ()

    @property
    def is_secondary(self) -> bool:
        return bool(self.members) and self.members[0] != self.name

    def hello(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The server's answer as this member of its set gives it."""
        changed = {key: value for key, value in body.items() if key != "topologyVersion"}
        if self.members:
            changed |= {
                "setName": self.set_name,
                "setVersion": 1,
                "hosts": list(self.members),
                "primary": self.members[0],
                "me": self.name,
                "isWritablePrimary": not self.is_secondary,
                "ismaster": not self.is_secondary,
                "secondary": self.is_secondary,
            }
        return changed


@dataclass
class Operation:
    """What a client waits for."""

    number: int
    member: str
    asked: Message
    began: float = field(default_factory=time.monotonic)
    killed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def session(self) -> Any:
        return ((self.asked.body or {}).get("lsid") or {}).get("id")

    def describe(self) -> dict[str, Any]:
        """As an entry of ``currentOp``."""
        command = dict(self.asked.body or {})
        return {
            "type": "op",
            "opid": self.number,
            "host": self.member,
            "active": True,
            "op": "getmore" if self.asked.command == "getMore" else "command",
            "ns": f"{command.get('$db')}.{command.get(self.asked.command)}",
            "microsecs_running": bson.Int64((time.monotonic() - self.began) * 1e6),
            "command": command,
        }


class Front:
    """All listeners together, with the operations that run."""

    def __init__(self, server: tuple[str, int]) -> None:
        self._server = server
        self._numbers = itertools.count(1)
        self._running: dict[int, Operation] = {}

    async def listen(self, listener: Listener) -> None:
        """Accept for ever."""
        loop = asyncio.get_running_loop()
        if listener.path:
            server = socket.socket(socket.AF_UNIX)
            server.bind(listener.path)
            server.listen(64)
        else:
            server = socket.create_server((listener.host, listener.port), backlog=64)
        server.setblocking(False)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if listener.tls != "disabled":
            context.load_cert_chain(listener.certificate, listener.key)
        serving = set()
        while True:
            accepted, _ = await loop.sock_accept(server)
            task = asyncio.create_task(self._serve(accepted, listener, context))
            serving.add(task)
            task.add_done_callback(serving.discard)

    async def _serve(self, accepted: socket.socket, listener: Listener, context: ssl.SSLContext) -> None:
        loop = asyncio.get_running_loop()
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            encrypted = await _first_byte(accepted) == b"\x16"
            if encrypted if listener.tls == "disabled" else not encrypted and listener.tls == "requireTLS":
                accepted.close()
                return
            reader = asyncio.StreamReader()
            protocol = asyncio.StreamReaderProtocol(reader)
            transport, _ = await loop.connect_accepted_socket(
                lambda: protocol, accepted, ssl=context if encrypted else None
            )
            writer = asyncio.StreamWriter(transport, protocol, reader, loop)
            with contextlib.closing(writer):
                far_reader, far_writer = await asyncio.open_connection(*self._server)
                with contextlib.closing(far_writer):
                    await Client(self, listener, writer, far_reader, far_writer).serve(reader)

    def begin(self, listener: Listener, asked: Message) -> Operation:
        """Put an operation on the list."""
        operation = Operation(next(self._numbers), listener.name, asked)
        self._running[operation.number] = operation
        return operation

    def end(self, operation: Operation) -> None:
        """Take it off the list."""
        self._running.pop(operation.number, None)

    def manage(self, listener: Listener, body: Mapping[str, Any]) -> dict[str, Any]:
        """Answer one of the commands about operations of this member."""
        here = [each for each in self._running.values() if each.member == listener.name or listener.path]
        if "currentOp" in body:
            return {"inprog": [each.describe() for each in here], "ok": 1.0}
        sessions = [entry.get("id") for entry in body.get("killSessions", ())]
        for each in here:
            if each.number == body.get("op") or each.session in sessions:
                each.killed.set()
        return {"ok": 1.0}


class Client:
    """One connection, with its own to the server."""

    def __init__(
        self,
        front: Front,
        listener: Listener,
        writer: asyncio.StreamWriter,
        far_reader: asyncio.StreamReader,
        far_writer: asyncio.StreamWriter,
    ) -> None:
        self._front, self._listener, self._writer = front, listener, writer
        self._far_reader, self._far_writer = far_reader, far_writer
        self._logged_in = bool(listener.path)
        #: The last message to the server, until it is answered.
        self._exchange: asyncio.Task[Message] | None = None

    async def serve(self, reader: asyncio.StreamReader) -> None:
        """Answer until the client has gone; what runs for it then ends."""
        running: asyncio.Task[None] | None = None
        try:
            while True:
                asked = await read(reader)
                if running is not None:
                    await running
                running = asyncio.create_task(self._answer(asked))
                running.add_done_callback(self._hang_up_on_failure)
        finally:
            for task in (running, self._exchange):
                if task is not None:
                    task.cancel()
                    await asyncio.gather(task, return_exceptions=True)

    def _hang_up_on_failure(self, answering: asyncio.Task[None]) -> None:
        """Where the server has gone, the client must not wait for ever."""
        if not answering.cancelled() and answering.exception():
            self._writer.close()

    async def _answer(self, asked: Message) -> None:
        body = asked.body or {}
        if asked.command in _OWN and self._logged_in:
            await self._send(answer_to(asked, self._front.manage(self._listener, body)))
        elif asked.command in _WRITES and self._listener.is_secondary:
            refusal = {"ok": 0.0, "errmsg": "not primary", "code": 10107, "codeName": "NotWritablePrimary"}
            await self._send(answer_to(asked, refusal))
        else:
            operation = self._front.begin(self._listener, asked)
            try:
                await self._run(operation)
            finally:
                self._front.end(operation)

    async def _run(self, operation: Operation) -> None:
        asked = operation.asked
        work = asyncio.create_task(self._ask(asked))
        killed = asyncio.create_task(operation.killed.wait())
        try:
            await asyncio.wait((work, killed), return_when=asyncio.FIRST_COMPLETED)
            if killed.done():
                reason = {"errmsg": "operation was interrupted", "code": 11601, "codeName": "Interrupted"}
                await self._send(answer_to(asked, {"ok": 0.0, **reason}))
            else:
                await self._send(work.result())
        finally:
            work.cancel()
            killed.cancel()
            await asyncio.gather(work, killed, return_exceptions=True)

    async def _ask(self, asked: Message) -> Message:
        """The server's answer, as this member gives it."""
        body = asked.body or {}
        where = (body.get("filter") or {}).get("$where")
        if where is not None and (pause := _SLEEP.match(str(where))):
            await asyncio.sleep(int(pause[1]) / 1000)
            rest = {key: value for key, value in body["filter"].items() if key != "$where"}
            asked = asked.with_body({**body, "filter": rest})
        # What was ended goes on in the server; its answer is taken before the next one's.
        earlier = self._exchange
        self._exchange = asyncio.create_task(self._after(earlier, asked))
        answer = await asyncio.shield(self._exchange)
        body = answer.body or {}
        if asked.command.lower() in ("hello", "ismaster"):
            return answer.with_body(self._listener.hello(body))
        if asked.command in ("saslStart", "saslContinue") and body.get("ok") and body.get("done"):
            self._logged_in = True
        return answer

    async def _after(self, earlier: asyncio.Task[Message] | None, asked: Message) -> Message:
        if earlier is not None:
            await earlier
        self._far_writer.write(asked.raw)
        await self._far_writer.drain()
        return await read(self._far_reader)

    async def _send(self, answer: Message) -> None:
        self._writer.write(answer.raw)
        await self._writer.drain()


async def _first_byte(accepted: socket.socket) -> bytes:
    """What a client says first, left where it is."""
    accepted.setblocking(False)
    loop = asyncio.get_running_loop()
    readable = loop.create_future()
    loop.add_reader(accepted, lambda: readable.done() or readable.set_result(None))
    try:
        await readable
    finally:
        loop.remove_reader(accepted)
    return accepted.recv(1, socket.MSG_PEEK)


async def serve(configuration: Mapping[str, Any]) -> None:
    """Run all listeners."""
    front = Front((configuration["server"][0], configuration["server"][1]))
    tasks = [asyncio.create_task(front.listen(Listener(**each))) for each in configuration["listeners"]]
    print("listening", flush=True)
    await asyncio.gather(*tasks)


if __name__ == "__main__":
    asyncio.run(serve(json.loads(Path(sys.argv[1]).read_text())))
