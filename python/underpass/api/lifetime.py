"""What happens to connections that are open when the process forks or ends."""

from __future__ import annotations

import atexit
import os
import weakref
from contextlib import suppress
from typing import Protocol


class Owned(Protocol):
    """A connection of the process that made it."""

    def disown(self) -> None:
        """In a child process: neither speak on it nor end it."""
        ...

    def leave(self) -> None:
        """The process ends."""
        ...


_open: weakref.WeakSet[Owned] = weakref.WeakSet()


def watch(connection: Owned) -> None:
    """From now on; as long as somebody else refers to it."""
    _open.add(connection)


def _disown_all() -> None:
    for connection in list(_open):
        connection.disown()


def _close_all() -> None:
    for connection in list(_open):
        with suppress(Exception):
            connection.leave()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_disown_all)
atexit.register(_close_all)
