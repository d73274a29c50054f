"""A small synchronous client of the tunnel service, for kernels and scripts."""

from __future__ import annotations

import atexit
import itertools
import os
import selectors
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from . import __version__
from .elsewhere import require_here
from .failure import Failure, UnderpassError, fail
from .framing import Decoder, encode
from .launch import POLL_INTERVAL, connect_to_service, unresponsive
from .paths import find_paths
from .running import running_service

PROTOCOL_VERSION = 1
#: JSON-RPC error code that says: ``data`` is a Failure.
FAILURE = -32000
#: Seconds without a word after which the service is asked whether it is there, and then is taken for hanging.
PATIENCE = 15.0
#: Seconds that a service which makes room for another version may take to end.
LONGEST_END = 10.0

Progress = Callable[[str], None]


class ServiceClient:
    """One connection to the service, made at the first request. Threads share it, one request at a time."""

    def __init__(self, name: str) -> None:
        """``name`` is shown to people as who uses a forward, e.g. a notebook's."""
        self.name = name
        self._lock = threading.Lock()
        self._ids = itertools.count(1)
        self._connection: socket.socket | None = None
        self._decoder = Decoder()
        self._process = os.getpid()

    def request(self, method: str, params: dict[str, Any], progress: Progress | None = None) -> Any:
        """Send a request and wait for its result.

        A service that was killed is started again and asked once more. ``progress`` gets what the service
        says while it works on the request. Interrupting this ends the connection, and with it the request.

        Raises:
            UnderpassError: the service refused, or can not be started.
        """
        with self._lock:
            if self._process != os.getpid():
                # A fork shares the parent's connection; two readers would take each other's answers.
                self._forget()
            fresh = self._connection is None
            try:
                return self._exchange(method, params, progress)
            except (OSError, EOFError) as error:
                if fresh:
                    raise _lost() from error
            try:
                return self._exchange(method, params, progress)
            except (OSError, EOFError) as error:
                raise _lost() from error

    def close(self) -> None:
        """End the connection; the next request makes a new one."""
        with self._lock:
            self._forget()

    def _exchange(self, method: str, params: dict[str, Any], progress: Progress | None) -> Any:
        try:
            if self._connection is None:
                self._connect()
            assert self._connection is not None
            return self._call(self._connection, method, params, progress)
        except UnderpassError:
            raise
        except BaseException:
            # Broken, or interrupted with an answer still to come.
            self._forget()
            raise

    def _connect(self) -> None:
        """Connect and introduce ourselves. A service of another version that nobody uses is replaced."""
        require_here()
        try:
            self._introduce()
        except UnderpassError as error:
            room = self._make_room(error.failure)
            self._forget()
            if not room:
                raise
            try:
                self._introduce()
            except UnderpassError:
                self._forget()
                raise

    def _introduce(self) -> None:
        self._connection = connect_to_service()
        self._decoder = Decoder()
        self._process = os.getpid()
        client = {"kind": "kernel", "name": self.name, "version": __version__}
        params = {"protocolVersion": PROTOCOL_VERSION, "client": client}
        self._call(self._connection, "underpass/initialize", params, None, patient=False)

    def _make_room(self, failure: Failure) -> bool:
        """Have a service that refused us for its version end, if nobody uses it; False if it stays."""
        detail = failure.get("detail", {})
        if failure["code"] != "protocol-version" or detail.get("usedBy") != [] or self._connection is None:
            return False
        try:
            self._call(self._connection, "underpass/shutdown", {"onlyIdle": True}, None, patient=False)
        except UnderpassError:
            # Somebody has come in the meantime.
            return False
        place, deadline = find_paths().pid, time.monotonic() + LONGEST_END
        while running_service(place) == detail.get("pid") and time.monotonic() < deadline:
            time.sleep(POLL_INTERVAL)
        return True

    def _call(
        self,
        connection: socket.socket,
        method: str,
        params: dict[str, Any],
        progress: Progress | None,
        *,
        patient: bool = True,
    ) -> Any:
        """Send a request and wait for its answer; ``patient`` where it may need work."""
        number = self._send(connection, method, params)
        asked = not patient
        while True:
            if not _has_more(connection, PATIENCE):
                if asked:
                    self._forget()
                    raise unresponsive(running_service(find_paths().pid))
                # It may take long; a service that works on it answers this one.
                asked = True
                self._send(connection, "underpass/hello", {})
                continue
            asked = False
            piece = connection.recv(65536)
            if not piece:
                raise EOFError("The service ended the connection.")
            for message in self._decoder.feed(piece):
                if message.get("id") == number and "method" not in message:
                    return _result(message)
                if message.get("method") == "underpass/progress" and progress:
                    progress(str(message["params"]["message"]))

    def _send(self, connection: socket.socket, method: str, params: dict[str, Any]) -> int:
        number = next(self._ids)
        connection.sendall(encode({"jsonrpc": "2.0", "id": number, "method": method, "params": params}))
        return number

    def _forget(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(OSError):
                connection.close()


def _has_more(connection: socket.socket, seconds: float) -> bool:
    """Wait for bytes. Stop ends this under any signal handler, as some let ``recv`` go on waiting."""
    with selectors.DefaultSelector() as selector:
        selector.register(connection, selectors.EVENT_READ)
        return bool(selector.select(seconds))


def _result(message: dict[str, Any]) -> Any:
    error = message.get("error")
    if error is None:
        return message["result"]
    if error["code"] == FAILURE:
        failure: Failure = error["data"]
        raise UnderpassError(failure)
    raise fail(
        "internal",
        "request",
        f"The tunnel service answered: {error['message']}",
        "Use the same version of underpass everywhere, and restart the service.",
    )


def _lost() -> UnderpassError:
    return fail(
        "service-unavailable",
        "request",
        "The tunnel service ended while it was asked.",
        "Run the cell again: the service is started anew.",
    )


_shared: ServiceClient | None = None
_shared_lock = threading.Lock()


def shared_client() -> ServiceClient:
    """The client of this kernel."""
    global _shared
    with _shared_lock:
        if _shared is None:
            _shared = ServiceClient(consumer_name())
            atexit.register(_shared.close)
        return _shared


def consumer_name() -> str:
    """Who uses a forward, for people: the notebook where Jupyter says which, else this process."""
    session = os.environ.get("JPY_SESSION_NAME")
    return Path(session).name if session else f"kernel {os.getpid()}"


def project_folder() -> str:
    """Absolute folder whose project this kernel belongs to."""
    return os.path.abspath(os.environ.get("UNDERPASS_PROJECT") or os.getcwd())
