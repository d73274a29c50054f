"""A DB-API 2.0 connection to an integration: a session of its own, apart from the one that cells share."""

from __future__ import annotations

import ctypes
import functools
import os
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from types import TracebackType

from underpass.connectors.base import Affected, Connector, Rows
from underpass.failure import UnderpassError, fail
from underpass.integration import Integration
from underpass.interrupt import Abandoned
from underpass.ready import Ready
from underpass.statement import Statement

from . import exceptions
from .cursor import Cursor
from .exceptions import Error, InterfaceError, OperationalError, as_errors, failed
from .lifetime import watch
from .parameters import Parameters, of_parameters, statements
from .running import guard_of, run_statement
from .transactions import BY_TYPE, autocommit_of, is_about_transactions, no_transactions


class Connection:
    """What ``underpass.connect`` gives. Threads may share it: their statements run one after the other.

    It does not survive a fork: a child process gets InterfaceError, and the parent's goes on undisturbed.
    """

    # PEP 249 suggests them here, too.
    Warning = exceptions.Warning
    Error = exceptions.Error
    InterfaceError = exceptions.InterfaceError
    DatabaseError = exceptions.DatabaseError
    DataError = exceptions.DataError
    OperationalError = exceptions.OperationalError
    IntegrityError = exceptions.IntegrityError
    InternalError = exceptions.InternalError
    ProgrammingError = exceptions.ProgrammingError
    NotSupportedError = exceptions.NotSupportedError

    def __init__(
        self, integration: Integration, ready: Ready, connector: Connector, *, autocommit: bool
    ) -> None:
        self._integration = integration
        self._ready = ready
        self._connector = connector
        self._autocommit = autocommit
        self._transactions = BY_TYPE.get(ready.type)
        self._lock = threading.RLock()
        self._process = os.getpid()
        self._closed = False
        #: Why nothing can be run any more.
        self._lost: Error | None = None
        #: A statement of the open transaction failed: some systems then undo all of it, whatever is said.
        self._failed = False
        watch(self)

    def __repr__(self) -> str:
        state = "closed" if self._closed else "lost" if self._lost else "open"
        return f"<underpass connection to {self.name!r} ({self.type}), {state}>"

    @property
    def name(self) -> str:
        """The integration's name."""
        return self._ready.name

    @property
    def type(self) -> str:
        """The id of its system, such as ``postgresql``."""
        return self._ready.type

    @property
    def closed(self) -> bool:
        """Nothing can be run any more: it was closed, or lost."""
        return self._closed or self._lost is not None

    @property
    def in_transaction(self) -> bool:
        """A transaction is open."""
        return not self.closed and self._connector.in_transaction

    @property
    def autocommit(self) -> bool:
        """Each statement is committed by itself. Can be set while no transaction is open."""
        return self._autocommit

    @autocommit.setter
    def autocommit(self, value: bool) -> None:
        with self._lock, as_errors():
            if self.in_transaction:
                what = "A transaction is open."
                raise fail("invalid-request", "request", what, "Commit it or roll it back first.")
            self._autocommit = autocommit_of(self._ready, value)

    def cursor(self) -> Cursor:
        """A new cursor."""
        self._require_usable()
        return Cursor(self)

    def commit(self) -> None:
        """Make what was done since the last commit permanent. Does nothing where no transaction is open.

        Raises:
            InternalError: the server could only roll back, because a statement had failed; nothing was kept.
        """
        with self._lock, self._guarded():
            self._require_usable()
            if self._transactions is None or not self._connector.in_transaction:
                return
            if self._failed:
                self._require_sound()
            self._run_all([Statement(self._transactions.commit)])
            self._failed = False

    def rollback(self) -> None:
        """Undo what was done since the last commit. Does nothing where no transaction is open.

        Raises:
            NotSupportedError: the system has no transactions, so nothing can be undone.
        """
        with self._lock, self._guarded():
            self._require_usable()
            if self._transactions is None:
                raise no_transactions(self._ready)
            if self._connector.in_transaction:
                self._run_all([Statement(self._transactions.rollback)])
            self._failed = False

    def cancel(self) -> None:
        """Ask the server to end the statement that another thread runs here; does not wait for it."""
        if not self.closed and self._process == os.getpid():
            with as_errors():
                self._connector.cancel()

    def close(self) -> None:
        """End the session; an open transaction is rolled back, and the tunnel is let go."""
        if self._closed or self._process != os.getpid():
            self._closed = True
            return
        with self._lock:
            self._closed = True
            if self._lost is None:
                self._connector.close()
            self._integration.client.close()

    def __enter__(self) -> Connection:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, stack: TracebackType | None
    ) -> None:
        """Commit, or roll back if the block failed; then close."""
        try:
            # Who has caught that it was lost knows.
            if kind is None and not self.closed:
                self.commit()
        finally:
            self.close()

    def __del__(self) -> None:
        if getattr(self, "_closed", True) or self._process != os.getpid():
            return
        with suppress(Exception):
            warnings.warn(f"{self!r} was not closed", ResourceWarning, stacklevel=2)
        with suppress(Exception):
            self.close()

    def ping(self) -> bool:
        """Whether the server answers, through the tunnel that this connection was made through."""
        if self.closed or self._process != os.getpid():
            return False
        with self._lock, as_errors():
            current = self._integration.ensure().generation == self._ready.generation
            return current and self._connector.ping()

    def execute_statements(self, operation: str, parameters: Parameters | None) -> Rows | Affected:
        """What a cursor runs; the last answer."""
        with self._lock, self._guarded():
            self._require_usable()
            found = statements(type(self._connector), operation, parameters)
            if not found:
                raise fail("invalid-request", "request", "There is no SQL in this statement.", "Write it.")
            self._require_tunnel()
            self._begin(found[0].sql)
            try:
                return self._run_all(found)
            except UnderpassError:
                self._failed = True
                raise

    def _begin(self, first: str) -> None:
        if self._autocommit or self._transactions is None or is_about_transactions(first):
            return
        if not self._connector.in_transaction:
            self._failed = False
            self._run_all([Statement(self._transactions.begin)])

    def _run_all(self, wanted: Sequence[Statement]) -> Rows | Affected:
        answer: Rows | Affected = Affected(None)
        for statement in wanted:
            answer = self._run(statement)
        return answer

    def _run(self, statement: Statement) -> Rows | Affected:
        try:
            return run_statement(self._connector, statement, guard_of(self.name, "arrow"))
        except UnderpassError as error:
            raise of_parameters(error) from None

    def _require_usable(self) -> None:
        if self._process != os.getpid():
            raise failed(
                InterfaceError,
                "invalid-request",
                "This connection belongs to the parent of this process.",
                "Open one in the child: underpass.connect(…)",
            )
        if self._closed:
            raise failed(
                InterfaceError, "invalid-request", "This connection is closed.", "Open a new connection."
            )
        if self._lost is not None:
            raise type(self._lost)(self._lost.failure)

    def _require_tunnel(self) -> None:
        """The session ends with the tunnel that it was made through; behind another is another one."""
        if not self._ready.tunnelled:
            return
        if self._integration.ensure().generation != self._ready.generation:
            raise fail(
                "connection-lost",
                "query",
                f'The tunnel to "{self.name}" was connected anew, and this connection has ended with the '
                "former one. Nothing was sent.",
                "Open a new connection.",
            )

    def _require_sound(self) -> None:
        """A transaction in which something failed can still be committed."""
        assert self._transactions is not None
        try:
            self._connector.try_out()
        except UnderpassError:
            self._run_all([Statement(self._transactions.rollback)])
            self._failed = False
            raise failed(
                exceptions.InternalError,
                "query-failed",
                "A statement of this transaction had failed, so all of it was rolled back. Nothing was kept.",
                "Correct that statement, and run all of it again.",
            ) from None

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Failures in PEP 249's classes; what ends the connection is remembered."""
        try:
            yield
        except UnderpassError as error:
            known = exceptions.as_error(error)
            if known.failure["code"] == "connection-lost":
                self._lose(known, self._connector.close)
            raise known from None
        except Abandoned as stopped:
            gone = failed(
                OperationalError,
                "connection-lost",
                "It was stopped before the server answered, and the connection was given up.",
                "Open a new connection.",
            )
            self._lose(gone, functools.partial(stopped.afterwards, self._connector.close))
            raise

    def _lose(self, error: Error, end: Callable[[], None]) -> None:
        self._lost = error
        end()
        # The tunnel is held for nobody any more.
        self._integration.client.close()

    def disown(self) -> None:
        """In a child process: neither speak on the parent's connection nor end it."""
        # Drivers end what nobody refers to, at the latest when the process ends.
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(self._connector))
        self._lock = threading.RLock()

    def leave(self) -> None:
        """End it with the process, unless a thread still works on it: nobody waits for that."""
        if self._lock.acquire(blocking=False):
            try:
                self.close()
            finally:
                self._lock.release()
