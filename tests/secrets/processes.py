"""Command lines and environments: of programs that are started, and of all processes that run meanwhile."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from pathlib import Path

from .ledger import Ledger

_STRING = re.compile(rb'"((?:\\x[0-9a-f]{2})*)"')


class Executions:
    """Has each program that traced commands start write down its arguments and its environment."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir()
        self._count = 0

    def traced(self, command: Sequence[str]) -> list[str]:
        """``command`` and all its descendants, traced. The process that is started is the command's own."""
        self._count += 1
        return [
            *("strace", "-D", "-ff", "--seccomp-bpf", "--quiet=all"),
            *("--trace=execve,execveat", "--no-abbrev", "-xx", "--string-limit=1000000"),
            *("-o", str(self._folder / f"trace-{self._count}"), *command),
        ]

    def look(self, ledger: Ledger, kind: str) -> None:
        """Search what was written down so far."""
        for path in sorted(self._folder.iterdir()):
            for line in path.read_bytes().splitlines():
                if line.startswith(b"execve"):
                    strings = [
                        bytes.fromhex(string.replace(b"\\x", b"").decode())
                        for string in _STRING.findall(line)
                    ]
                    ledger.look(kind, " ".join(map(repr, strings[:4])), b"\0".join(strings))


class Processes:
    """Reads ``/proc`` again and again, in a thread: programs can rewrite what they were started with.

    A context manager. What it has read is searched once the secrets are all known.
    """

    def __init__(self) -> None:
        self._read: dict[str, dict[bytes, str]] = {"cmdline": {}, "environ": {}}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self.rounds = 0

    def __enter__(self) -> Processes:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._ended.set()
        self._thread.join()

    def look(self, ledger: Ledger) -> None:
        """Search what was read so far."""
        for kind, name in (("command lines", "cmdline"), ("environments", "environ")):
            for data, where in list(self._read[name].items()):
                ledger.look(kind, where, data)

    def _watch(self) -> None:
        while not self._ended.wait(0.02):
            self.rounds += 1
            for process in Path("/proc").iterdir():
                if process.name.isdigit():
                    self._take(process)

    def _take(self, process: Path) -> None:
        for name, read in self._read.items():
            try:
                data = (process / name).read_bytes()
            except OSError:
                # Gone, or somebody else's.
                continue
            if data and data not in read:
                read[data] = f"process {process.name}"
