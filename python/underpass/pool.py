"""Connections of this kernel: one for each integration, so that a session's state lives across cells."""

from __future__ import annotations

import ctypes
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from .connectors.base import Connector
from .failure import UnderpassError, fail
from .integration import Integration
from .interrupt import Abandoned, run_interruptibly
from .opening import open_connector
from .ready import Ready

#: A connection that rested longer than this many seconds is asked whether it still stands before it is used.
RESTED = 0.05
#: Seconds that Stop waits for that answer.
PATIENCE = 2
#: Seconds after which who waits for another thread looks again.
_LOOK_AGAIN = 0.02


@dataclass
class Pooled:
    """A connection and what it was made for."""

    connector: Connector
    ready: Ready
    used: float = field(default_factory=time.monotonic)
    #: An explicit transaction was open after the last statement.
    in_transaction: bool = False


class Pool:
    """At most one connection for each integration. Threads that want the same one wait for each other."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._locks: dict[str, threading.RLock] = {}
        self._pooled: dict[str, Pooled] = {}
        self._process = os.getpid()

    @contextmanager
    def connection(self, integration: Integration, ready: Ready) -> Iterator[Pooled]:
        """The connection of an integration, alone for the caller; opened if there is none that is still good.

        A connection is given up when the service says that its tunnel is another one, when the integration
        was changed, and when the server does not answer any more.

        Raises:
            UnderpassError: ``connection-lost``, once, if an explicit transaction was lost with the old
            connection; or
                the failure to open a new one.
        """
        with self._turn(ready.id):
            had = ready.id in self._pooled
            pooled = self._still_good(ready)
            if pooled is None:
                # What was lost may have been the tunnel: its generation is another one now.
                pooled = self._open(integration, integration.ensure() if had else ready)
            stopped_at: float | None = None
            try:
                yield pooled
            except UnderpassError as error:
                if error.failure["code"] == "connection-lost":
                    raise self._lost(pooled, error) from None
                raise
            except Abandoned as stopped:
                self._give_up(pooled, stopped)
                raise
            except KeyboardInterrupt:
                # Where nothing else ends a statement, the connection was ended: it is asked, however soon.
                stopped_at = float("-inf")
                raise
            finally:
                if ready.id in self._pooled:
                    pooled.used = stopped_at or time.monotonic()
                    pooled.in_transaction = pooled.connector.in_transaction

    def close(self) -> None:
        """End all connections; those of a parent process stay."""
        with self._lock:
            self._disown()
            for pooled in self._pooled.values():
                pooled.connector.close()
            self._pooled.clear()

    @contextmanager
    def _turn(self, integration: str) -> Iterator[None]:
        """Be the only one; others, such as completion, may have to be waited for."""
        lock = self._lock_of(integration)
        # Within acquire() Stop may not be heard, see interrupt.LOOK_UP.
        while not lock.acquire(blocking=False):
            time.sleep(_LOOK_AGAIN)
        try:
            yield
        finally:
            lock.release()

    def _lock_of(self, integration: str) -> threading.RLock:
        with self._lock:
            self._disown()
            return self._locks.setdefault(integration, threading.RLock())

    def _disown(self) -> None:
        """In a fork: it must not speak on its parent's connections, nor end them."""
        if self._process == os.getpid():
            return
        for pooled in self._pooled.values():
            # Drivers end what nobody refers to, at the latest when the process ends.
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(pooled.connector))
        self._pooled, self._locks, self._process = {}, {}, os.getpid()

    def _open(self, integration: Integration, ready: Ready) -> Pooled:
        connector = open_connector(integration, ready)
        pooled = self._pooled[ready.id] = Pooled(connector, ready)
        return pooled

    def _still_good(self, ready: Ready) -> Pooled | None:
        pooled = self._pooled.get(ready.id)
        if pooled is None:
            return None
        reason = self._reason_to_drop(pooled, ready)
        if reason is None:
            return pooled
        del self._pooled[ready.id]
        pooled.connector.close()
        if pooled.in_transaction:
            raise fail(
                "connection-lost",
                "query",
                f'{reason} The transaction that was open in "{ready.name}" is rolled back; nothing was run.',
                "Start the transaction again from its BEGIN.",
            )
        return None

    def _reason_to_drop(self, pooled: Pooled, ready: Ready) -> str | None:
        if pooled.ready.generation != ready.generation:
            return "The tunnel was connected anew."
        if pooled.ready != ready:
            return "The integration was changed."
        if time.monotonic() - pooled.used > RESTED and not self._answers(pooled):
            return "The connection was lost."
        return None

    def _answers(self, pooled: Pooled) -> bool:
        stops: list[float] = []

        def wait() -> None:
            # Not cancelled: within a transaction that would end the transaction.
            stops.append(time.monotonic())
            if stops[-1] - stops[0] >= PATIENCE:
                raise Abandoned

        try:
            return run_interruptibly(pooled.connector.ping, wait)
        except Abandoned as stopped:
            self._give_up(pooled, stopped)
            raise

    def _give_up(self, pooled: Pooled, stopped: Abandoned) -> None:
        """Forget a connection that a thread still works with: it can be closed only after that."""
        self._pooled.pop(pooled.ready.id, None)
        stopped.afterwards(pooled.connector.close)

    def _lost(self, pooled: Pooled, error: UnderpassError) -> UnderpassError:
        self._pooled.pop(pooled.ready.id, None)
        pooled.connector.close()
        if not pooled.in_transaction:
            return error
        failure = error.failure
        message = f"{failure['message']} The open transaction is rolled back."
        return UnderpassError(
            {**failure, "message": message, "fix": "Start the transaction again from its BEGIN."}
        )
