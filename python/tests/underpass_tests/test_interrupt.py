from __future__ import annotations

import signal
import threading

import pytest

from underpass.interrupt import Abandoned, run_interruptibly

from .conftest import stop

pytestmark = pytest.mark.usefixtures("interruptible")


def test_it_gives_what_the_call_gives() -> None:
    assert run_interruptibly(lambda: 42) == 42


def test_it_raises_what_the_call_raises() -> None:
    with pytest.raises(ZeroDivisionError):
        run_interruptibly(lambda: 1 // 0)


def test_an_interrupt_cancels_until_the_call_has_ended() -> None:
    cancelled, attempts = threading.Event(), []

    def call() -> None:
        stop()
        cancelled.wait()

    def cancel() -> None:
        # The first one comes too early to be of use.
        attempts.append(1)
        if len(attempts) == 2:
            cancelled.set()

    with pytest.raises(KeyboardInterrupt) as stopped:
        run_interruptibly(call, cancel)
    assert not isinstance(stopped.value, Abandoned)
    assert len(attempts) == 2


def test_a_handler_that_restarts_system_calls_does_not_hide_an_interrupt() -> None:
    signal.siginterrupt(signal.SIGINT, False)
    end = threading.Event()

    def call() -> None:
        threading.Timer(0.3, stop).start()
        end.wait()

    with pytest.raises(KeyboardInterrupt):
        run_interruptibly(call, end.set)


def test_a_call_that_can_not_be_cancelled_is_abandoned() -> None:
    end = threading.Event()

    def call() -> None:
        stop()
        end.wait()

    with pytest.raises(Abandoned):
        run_interruptibly(call)
    end.set()


def test_a_second_interrupt_abandons_a_call_that_does_not_end() -> None:
    end = threading.Event()

    def call() -> None:
        stop()
        end.wait()

    with pytest.raises(Abandoned):
        run_interruptibly(call, stop)
    end.set()
