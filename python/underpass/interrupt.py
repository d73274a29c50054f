"""Blocking calls of drivers that Stop can end."""

from __future__ import annotations

import _thread
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

Result = TypeVar("Result")

#: Seconds after which a waiting main thread looks for signals by itself. Most wake it; not those whose
#: handler was installed with SA_RESTART, as polars does when the driver imports it, nor any on Windows.
LOOK_UP = 0.1
#: Seconds between attempts to cancel: the first may come before the statement has reached the server.
CANCEL_AGAIN = 0.5


class Abandoned(KeyboardInterrupt):
    """Stopped before the server answered: the driver's call is still running."""

    def __init__(self, running: _thread.LockType | None = None) -> None:
        super().__init__()
        self._running = running

    def afterwards(self, finish: Callable[[], None]) -> None:
        """Call ``finish`` in a thread of its own once the call has ended."""

        def wait() -> None:
            if self._running is not None:
                self._running.acquire()
            finish()

        _thread.start_new_thread(wait, ())


def run_interruptibly(
    call: Callable[[], Result],
    cancel: Callable[[], None] | None = None,
    meanwhile: Callable[[], Exception | None] | None = None,
) -> Result:
    """Run ``call`` in a thread of its own while this one stays open to KeyboardInterrupt.

    On an interrupt ``cancel`` is called, again and again until ``call`` has ended; then KeyboardInterrupt is
    raised. Without ``cancel`` nobody waits for that end; with one that raises Abandoned, nobody any longer.
    Drivers do not see the signal, so none of them needs to know what it means. ``meanwhile`` is called
    some times a second in this thread; an exception that it gives ends the call as an interrupt would, and is
    raised then. What it raises itself is nobody's concern.

    Raises:
        KeyboardInterrupt: stopped, and the statement has ended.
        Abandoned: stopped twice, or there is no ``cancel``; what ``call`` works with must not be used again.
    """
    outcome: list[tuple[bool, Result | BaseException]] = []
    # A bare lock: an interrupt in the Python code of threading.Event can leave it locked for ever.
    done = _thread.allocate_lock()
    done.acquire()

    def work() -> None:
        try:
            outcome.append((True, call()))
        except BaseException as error:
            outcome.append((False, error))
        finally:
            done.release()

    try:
        # Not threading.Thread: an interrupt within its start() would leave open whether the call runs.
        _thread.start_new_thread(work, ())
        while not done.acquire(timeout=LOOK_UP):
            if meanwhile is None or cancel is None:
                continue
            reason: Exception | None = None
            with suppress(Exception):
                reason = meanwhile()
            if reason is not None:
                while not outcome:
                    with suppress(Exception):
                        cancel()
                    done.acquire(timeout=CANCEL_AGAIN)
                outcome.clear()
                raise reason
    except KeyboardInterrupt:
        if cancel is None:
            raise Abandoned(done) from None
        try:
            while not outcome:
                with suppress(Exception):
                    cancel()
                done.acquire(timeout=CANCEL_AGAIN)
        except KeyboardInterrupt:
            if not outcome:
                raise Abandoned(done) from None
        raise
    succeeded, value = outcome[0]
    if succeeded:
        return value  # pyright: ignore[reportReturnType]
    assert isinstance(value, BaseException)
    raise value
