"""JSON-RPC 2.0 with a child process over its stdin and stdout."""

from __future__ import annotations

import asyncio
import collections
import contextlib
import itertools
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from underpass import framing
from underpass.failure import UnderpassError, fail

#: JSON-RPC error code that says: ``data`` is a failure of the tunnel service.
FAILURE = -32000
#: Seconds that the child has to end by itself after its stdin was closed.
GRACE = 2.0

#: Called with the method and the parameters of each notification, in their order. Must not raise.
OnNotification = Callable[[str, dict[str, Any]], None]


class ConnectionLost(Exception):
    """The child ended. Whether it handled the request is unknown."""


class Connection:
    """One running child, made by :meth:`open`. Of no use any more once :attr:`lost` is set."""

    def __init__(self, process: asyncio.subprocess.Process, on_notification: OnNotification) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        self.lost = asyncio.Event()
        #: The last lines that the child wrote to stderr: why it ended, if it did.
        self.complaints: collections.deque[str] = collections.deque(maxlen=20)
        self._process = process
        self._stdin = process.stdin
        self._on_notification = on_notification
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._reading = asyncio.create_task(self._read(process.stdout, process.stderr))

    @classmethod
    async def open(
        cls, command: Sequence[str], environment: Mapping[str, str], on_notification: OnNotification
    ) -> Connection:
        """Start the child.

        Raises:
            OSError: it can not be started.
        """
        process = await asyncio.create_subprocess_exec(
            *command,
            env=environment,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            # Ctrl-C in the server's terminal is a question to the server, not to its children.
            start_new_session=True,
        )
        return cls(process, on_notification)

    async def request(self, method: str, params: dict[str, Any]) -> Any:
        """Send a request and wait for its result. When the caller is cancelled, so is the request.

        Raises:
            UnderpassError: the child answered with a failure.
            ConnectionLost: the child ended before it answered.
        """
        if self.lost.is_set():
            raise ConnectionLost
        number = next(self._ids)
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        try:
            self._send({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
            return await answer
        except asyncio.CancelledError:
            self._send({"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": number}})
            raise
        finally:
            del self._waiting[number]

    async def close(self) -> None:
        """End the child and wait until it has ended."""
        self._stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), GRACE)
        except asyncio.TimeoutError:
            self._kill()
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._reading, GRACE)

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            if sys.platform == "win32":
                self._process.kill()
            else:
                # With what it started: the child of a wrapper script would hold our pipes open.
                os.killpg(self._process.pid, signal.SIGKILL)

    def _send(self, message: dict[str, Any]) -> None:
        # Not drained: messages are small, and whoever sent one waits for its answer anyway.
        if not self._stdin.is_closing():
            self._stdin.write(framing.encode(message))

    async def _read(self, stdout: asyncio.StreamReader, stderr: asyncio.StreamReader) -> None:
        """Dispatch messages until the child closes its stdout, then bury it."""
        complaining = asyncio.create_task(self._read_complaints(stderr))
        decoder = framing.Decoder()
        try:
            while piece := await stdout.read(65536):
                for message in decoder.feed(piece):
                    self._dispatch(message)
        except ValueError:
            # Not JSON-RPC: what follows has no meaning.
            self._kill()
        await complaining
        await self._process.wait()
        self.lost.set()
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(ConnectionLost())

    async def _read_complaints(self, stderr: asyncio.StreamReader) -> None:
        # In pieces: a line may be longer than what the reader takes at once.
        rest = b""
        while piece := await stderr.read(4096):
            *lines, rest = (rest + piece)[-65536:].split(b"\n")
            self.complaints.extend(line.decode(errors="replace") for line in lines)

    def _dispatch(self, message: dict[str, Any]) -> None:
        if "method" in message:
            self._on_notification(message["method"], message.get("params") or {})
            return
        answer = self._waiting.get(message["id"])
        if answer is None or answer.done():
            return
        error = message.get("error")
        if error is None:
            answer.set_result(message.get("result"))
        elif error["code"] == FAILURE:
            answer.set_exception(UnderpassError(error["data"]))
        else:
            answer.set_exception(
                fail(
                    "internal",
                    "request",
                    f"The tunnel service refused a message: {error['message']}",
                    "Install the same version of underpass and jupyterlab-underpass.",
                )
            )
