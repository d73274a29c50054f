"""Which process is the tunnel service: the file that it keeps names it, and when it started."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def running_service(pid_file: Path) -> int | None:
    """Id of the process that is the service, or is becoming it, or is ending; None if there is none.

    One that was killed does not count, nor does a process that has its id now.
    """
    try:
        pid, start = pid_file.read_text("ascii").split()
        number = int(pid)
    except (OSError, ValueError):
        return None
    return number if number > 0 and _start_of(number) == start else None


def _start_of(pid: int) -> str | None:
    """When a process started, as the service writes it down."""
    if sys.platform == "linux":
        try:
            stat = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
        except OSError:
            return None
        # The name, in parentheses, may hold anything; behind it stands field 3.
        fields = stat[stat.rindex(")") + 2 :].split()
        return None if fields[0] in "ZX" else fields[19]
    try:
        os.kill(pid, 0)
    except PermissionError:
        pass
    except OSError:
        return None
    return _start_from_ps(pid)


def _start_from_ps(pid: int) -> str:
    command = ["ps", "-o", "lstart=", "-p", str(pid)]
    environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}
    try:
        answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return "_".join(answer.split())
