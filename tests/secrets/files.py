"""Files that come and go while a story is told: each is opened as it appears and read to its last state."""

from __future__ import annotations

import ctypes
import os
import select
import struct
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from .ledger import Ledger
from .treasure import ANY_KEY

_CREATE, _CLOSE_WRITE, _MODIFY, _MOVED_TO, _IS_DIRECTORY = 0x100, 0x8, 0x2, 0x80, 0x40000000
_NONBLOCK, _CLOEXEC = 0o4000, 0o2000000
_HEAD = struct.Struct("iIII")
#: Bytes of a file that are kept at its end.
LONGEST = 4 * 1024 * 1024
#: Bytes of a file of which each state is kept. What secrets are written into for a moment is small.
SMALL = 64 * 1024
#: Files that are kept open at once.
MOST_OPEN = 500


class Watch:
    """Of folders and what is made in them, by inotify, in a thread of its own; a context manager.

    Keeps each state that was seen of each small file, and the last one of others. Files that nobody may look
    into (sockets, pipes) are left out.
    """

    def __init__(self, own: Sequence[Path], shared: Sequence[Path]) -> None:
        """
        Args:
            own: Folders that are watched with all that is in them.
            shared: Folders of which only what is new is watched.
        """
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._notify = self._libc.inotify_init1(_NONBLOCK | _CLOEXEC)
        assert self._notify >= 0, os.strerror(ctypes.get_errno())
        self._folders: dict[int, Path] = {}
        self._open: dict[Path, int] = {}
        self._states: dict[bytes, str] = {}
        #: The last state of each open file.
        self._last: dict[Path, bytes] = {}
        #: Files that were gone before they could be opened.
        self.missed: list[str] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._own = own
        for folder in own:
            self._follow(folder)
        for folder in shared:
            self._notice(folder)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._ended.set()
        self._thread.join()
        for path in list(self._open):
            self._let_go(path)
        os.close(self._notify)

    def look(self, ledger: Ledger, kind: str) -> None:
        """Search every state that was seen. In shared folders, others may have private keys of their own."""
        for data, where in list(self._states.items()):
            is_ours = any(where.startswith(f"{folder}/") for folder in self._own)
            ledger.look(kind, where, data, () if is_ours else (ANY_KEY,))

    def _notice(self, folder: Path) -> bool:
        mask = _CREATE | _CLOSE_WRITE | _MODIFY | _MOVED_TO
        number = self._libc.inotify_add_watch(self._notify, os.fsencode(folder), mask)
        if number >= 0:
            self._folders[number] = folder
        return number >= 0

    def _follow(self, folder: Path) -> None:
        if not self._notice(folder):
            return
        with suppress(OSError):
            for path in folder.iterdir():
                # Those that were made before anybody watched.
                self._take(path, path.is_dir() and not path.is_symlink())

    def _run(self) -> None:
        while not self._ended.is_set():
            if not select.select([self._notify], [], [], 0.1)[0]:
                continue
            events = os.read(self._notify, 1024 * 1024)
            at = 0
            while at < len(events):
                number, mask, _, length = _HEAD.unpack_from(events, at)
                at += _HEAD.size
                name = os.fsdecode(events[at : at + length].rstrip(b"\0"))
                at += length
                if number in self._folders:
                    self._take(self._folders[number] / name, bool(mask & _IS_DIRECTORY))

    def _take(self, path: Path, is_folder: bool) -> None:
        if is_folder:
            self._follow(path)
            return
        descriptor = self._open.get(path)
        if descriptor is None or not self._is_still(path, descriptor):
            self._let_go(path)
            try:
                # Not waiting for the other end of a pipe; a link leads elsewhere.
                descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
            except FileNotFoundError:
                self.missed.append(str(path))
                return
            except OSError:
                return
            self._open[path] = descriptor
            if len(self._open) > MOST_OPEN:
                self._let_go(next(iter(self._open)))
        self._read(path, descriptor)

    def _is_still(self, path: Path, descriptor: int) -> bool:
        try:
            return os.path.samestat(os.stat(path), os.fstat(descriptor))
        except FileNotFoundError:
            return True

    def _read(self, path: Path, descriptor: int, *, last: bool = False) -> None:
        with suppress(OSError):
            if os.fstat(descriptor).st_size > SMALL and not last:
                return
            data = os.pread(descriptor, LONGEST, 0)
            before = self._last.get(path)
            if before is not None and data.startswith(before):
                # A log that grows has one state.
                self._states.pop(before, None)
            if data:
                self._states.setdefault(data, str(path))
                self._last[path] = data

    def _let_go(self, path: Path) -> None:
        descriptor = self._open.pop(path, None)
        if descriptor is not None:
            self._read(path, descriptor, last=True)
            os.close(descriptor)
            self._last.pop(path, None)
