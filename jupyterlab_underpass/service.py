"""This server's connection to the tunnel service: made with the first request, and again after a loss."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import time
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

from underpass.failure import UnderpassError, fail
from underpass.launch import connect_if_listening, unresponsive
from underpass.node import find_node, find_service
from underpass.paths import find_paths
from underpass.running import running_service
from underpass.service_environment import service_environment

from .connection import Connection, ConnectionLost, OnNotification

PROTOCOL_VERSION = 1
#: Seconds from the start of the child to its first answer.
START_TIMEOUT = 20.0
#: Seconds for a request; testing a connection takes longest.
REQUEST_TIMEOUT = 120.0
#: Seconds that a request waits before the service is asked whether it is there, and for that answer.
PATIENCE = 10.0
#: Seconds. A service that did not even live that long is not announced as lost: front ends would ask for its
#: state, start the next one with that, and so on.
STABLE = 5.0

START_FIX = "Run `underpass status` in a terminal of this machine: it says what is wrong."


class Service:
    """The tunnel service, as this server sees it."""

    def __init__(
        self,
        name: str,
        on_notification: OnNotification,
        on_lost: Callable[[], None],
        log: logging.Logger | logging.LoggerAdapter[Any],
    ) -> None:
        """Nothing is started yet.

        Args:
            name: Who we are, for display.
            on_lost: Called when the service is gone, so that whoever shows its state asks again.
        """
        self._name = name
        self._on_notification = on_notification
        self._on_lost = on_lost
        self._log = log
        #: What the administrator of this server decided; said each time that a connection is made.
        self.admin: dict[str, Any] = {}
        #: Called after each time that a connection was made.
        self.on_connected: Callable[[], None] = lambda: None
        self._opening: asyncio.Task[Connection | UnderpassError] | None = None
        #: Somebody has stopped it on purpose.
        self._stopped = False
        self._watching: set[asyncio.Task[None]] = set()

    async def request(
        self, method: str, params: dict[str, Any], *, repeatable: bool, needed: bool = True
    ) -> Any:
        """Send a request and wait for its result, starting the service if there is none.

        Args:
            repeatable: May be sent once more if the service was lost before it answered.
            needed: A reason to start also a service that was stopped on purpose; to show its state is none.
        Raises:
            UnderpassError: the service answered with a failure, or not at all.
        """
        try:
            return await asyncio.wait_for(self._send(method, params, repeatable, needed), REQUEST_TIMEOUT)
        except asyncio.TimeoutError:
            seconds = f"{REQUEST_TIMEOUT:.0f} s"
            raise unavailable(f"There was no answer to {method} within {seconds}.", "Try again.") from None

    def connect_soon(self) -> None:
        """Start the service, or find it, without waiting for it. Why it can not be is in the log."""
        self._soon(self._connect_quietly())

    async def _connect_quietly(self) -> None:
        with contextlib.suppress(UnderpassError):
            await self._connected()

    async def stop(self) -> None:
        """Leave the service, which ends by itself when nobody else needs it."""
        for watching in self._watching:
            watching.cancel()
        opening, self._opening = self._opening, None
        if opening is not None:
            opening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                opened = await opening
                if isinstance(opened, Connection):
                    await opened.close()

    async def _send(self, method: str, params: dict[str, Any], repeatable: bool, needed: bool) -> Any:
        while True:
            connection = await self._connected(needed)
            try:
                return await self._ask(connection, method, params)
            except ConnectionLost:
                if not repeatable:
                    raise unavailable(
                        f"The tunnel service ended while it worked on {method}.",
                        "Look whether it was done, and try again if not: the service is started anew.",
                    ) from None
                repeatable = False

    async def _ask(self, connection: Connection, method: str, params: dict[str, Any]) -> Any:
        """Ask, and notice a service that hangs: one that works on the request answers another one."""
        asking = asyncio.create_task(connection.request(method, params))
        try:
            while not (await asyncio.wait({asking}, timeout=PATIENCE))[0]:
                with contextlib.suppress(ConnectionLost):
                    await asyncio.wait_for(connection.request("underpass/hello", {}), PATIENCE)
            return asking.result()
        except asyncio.TimeoutError:
            self._soon(connection.close())
            raise unresponsive(running_service(find_paths().pid)) from None
        finally:
            asking.cancel()

    async def _connected(self, needed: bool = True) -> Connection:
        """The connection. All who wait for it wait for one start, which goes on when they stop waiting."""
        if self._stopped and not needed and not await asyncio.to_thread(is_listening):
            raise stopped()
        opening = self._opening
        if opening is not None and opening.done():
            opened = opening.result()
            if isinstance(opened, UnderpassError) or opened.lost.is_set():
                opening = None
        if opening is None:
            self._stopped = False
            opening = self._opening = asyncio.create_task(self._open())
        opened = await asyncio.shield(opening)
        if isinstance(opened, UnderpassError):
            # A new one each time: one exception would collect the tracebacks of all who waited.
            raise UnderpassError(opened.failure)
        return opened

    async def _open(self) -> Connection | UnderpassError:
        """Start the shim, which finds or starts the service. An error is a result: nobody may be waiting."""
        try:
            # In a thread: it looks for programs, and runs one to ask for its version.
            command, environment = await asyncio.to_thread(find_shim)
            connection = await Connection.open(command, environment, self._notified)
        except UnderpassError as error:
            return self._unavailable(error)
        except OSError as error:
            return self._unavailable(unavailable(f"Node.js can not be started: {error}", START_FIX))
        params = {
            "protocolVersion": PROTOCOL_VERSION,
            "client": {"kind": "jupyterlab", "name": self._name, "approves": True},
            **({"admin": self.admin} if self.admin else {}),
        }
        initialize = connection.request("underpass/initialize", params)
        try:
            answer = await asyncio.wait_for(initialize, START_TIMEOUT)
        except ConnectionLost:
            error = find_failure(connection.complaints)
            error = error or unavailable("The tunnel service ended at once.", START_FIX)
        except asyncio.TimeoutError:
            error = unavailable(f"The tunnel service did not start within {START_TIMEOUT:.0f} s.", START_FIX)
        except UnderpassError as refused:
            error = refused
        except asyncio.CancelledError:
            await connection.close()
            raise
        else:
            self._log.info("Connected to the tunnel service")
            for problem in answer.get("problems", []):
                self._log.warning("%s", problem)
            self._soon(self._watch(connection))
            self.on_connected()
            return connection
        await connection.close()
        return self._unavailable(error)

    def _unavailable(self, error: UnderpassError) -> UnderpassError:
        self._log.warning("The tunnel service is not available: %s", error)
        return error

    async def _watch(self, connection: Connection) -> None:
        start = time.monotonic()
        await connection.lost.wait()
        self._log.warning(
            "The tunnel service was stopped; whoever needs it starts it again"
            if self._stopped
            else "The tunnel service was lost; the next request starts it again"
        )
        if self._stopped or time.monotonic() - start >= STABLE:
            self._on_lost()

    def _notified(self, method: str, params: dict[str, Any]) -> None:
        if method == "underpass/ending":
            self._stopped = params.get("reason") == "stopped"
        self._on_notification(method, params)

    def _soon(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._watching.add(task)
        task.add_done_callback(self._watching.discard)


def find_shim() -> tuple[list[str], dict[str, str]]:
    """Command and environment of what connects its stdio to the service.

    Raises:
        UnderpassError: a part is missing.
    """
    command = [find_node(), str(find_service()), "serve", "--stdio", "--json"]
    # Not with what a person set for other programs of Node: a debugger, say.
    return command, service_environment({**os.environ, **find_paths().environment()})


def find_failure(lines: Iterable[str]) -> UnderpassError | None:
    """What the shim said in JSON before it ended, if it did."""
    for line in lines:
        with contextlib.suppress(ValueError, TypeError, KeyError):
            said = json.loads(line)
            return fail(said["code"], said["stage"], said["message"], said["fix"], **said.get("detail", {}))
    return None


def is_listening() -> bool:
    """Whether a service runs that can be connected to."""
    with contextlib.suppress(UnderpassError):
        connection = connect_if_listening(find_paths())
        if connection is not None:
            connection.close()
            return True
    return False


def stopped() -> UnderpassError:
    return fail(
        "service-stopped",
        "request",
        "The tunnel service was stopped.",
        "Start it in the Integrations sidebar, or run an SQL cell: the forwards come back on the same ports.",
    )


def unavailable(message: str, fix: str) -> UnderpassError:
    return fail("service-unavailable", "request", message, fix)
