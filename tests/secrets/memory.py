"""Memory of processes, and what a crash of one leaves behind."""

from __future__ import annotations

import os
import resource
import select
import signal
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from .ledger import OVERLAP, PIECE, Ledger

_PATTERN = Path("/proc/sys/kernel/core_pattern")


def allow_cores() -> None:
    """Let processes that are started from now on leave core files."""
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (most, most))


def look_into_memory(ledger: Ledger, kind: str, pid: int, but: Collection[str]) -> None:
    """Search what a core file would hold: everything that the process can write to."""
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in maps:
            span, access, *_ = line.split()
            if not access.startswith("rw"):
                continue
            at, end = (int(part, 16) for part in span.split("-"))
            while at < end:
                with suppress(OSError, ValueError):
                    memory.seek(at)
                    ledger.look(kind, f"{pid} at {at:x}", memory.read(min(PIECE, end - at)) or b"", but)
                at += PIECE - OVERLAP


def abort(pid: int) -> Path:
    """Have a process crash, and wait until it is gone.

    Returns:
        Where its core file lies, if it leaves one and the system puts it into the process's folder.
    """
    folder = Path(os.readlink(f"/proc/{pid}/cwd"))
    process = os.pidfd_open(pid)
    try:
        signal.pidfd_send_signal(process, signal.SIGABRT)
        gone, _, _ = select.select([process], [], [], 60)
    finally:
        os.close(process)
    assert gone, f"process {pid} did not end"
    pattern = _PATTERN.read_text().strip()
    uses_pid = Path("/proc/sys/kernel/core_uses_pid").read_text().strip() == "1" and "%p" not in pattern
    name = pattern.replace("%p", str(pid)) + (f".{pid}" if uses_pid else "")
    return folder / name
