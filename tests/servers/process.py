"""Server processes: started with a log file, watched while they come up, stopped by process id."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

PROJECT_FOLDER = Path(__file__).resolve().parents[2]


class ServerProcess:
    """One server program, started through ``nsenter``, its output in a log."""

    def __init__(
        self,
        argv: Sequence[str],
        log: Path,
        *,
        keep: Sequence[int] = (),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Start it.

        Args:
            argv: The whole command.
            log: Receives both outputs; grows across restarts.
            keep: File descriptors that the server inherits.
            environment: Added to this process's own. Modules of the project can be imported.
        """
        self._name = log.stem
        self._log = log
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=keep,
                env={**os.environ, "PYTHONPATH": str(PROJECT_FOLDER), **(environment or {})},
                start_new_session=True,
            )

    def wait_until(self, ready: Callable[[], bool], seconds: float = 120) -> None:
        """Poll ``ready`` until it is true.

        Raises:
            RuntimeError: the server ended, or did not get ready in time; with the end of its log.
        """
        deadline = time.monotonic() + seconds
        while not ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                tail = self._log.read_text(errors="replace")[-2000:]
                raise RuntimeError(f"{self._name} did not get ready:\n{tail}")
            time.sleep(0.02)

    @property
    def program(self) -> int:
        """Process id of the server itself: ``nsenter`` waits for it as its only child."""
        return only_child(self._process.pid)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Signal the server and wait until it has ended."""
        if self._process.poll() is None:
            os.kill(self.program, number)
        self.wait()

    def wait(self) -> None:
        """Wait for the end of the server."""
        self._process.wait(timeout=60)


def children(pid: int) -> list[int]:
    """Process ids of the direct children of ``pid``; none once it has ended."""
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


def only_child(pid: int) -> int:
    """Process id of the one child of ``pid``."""
    (child,) = children(pid)
    return child
