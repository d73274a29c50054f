"""Where the workspace and its one tunnel service lie; the service computes the same."""

from __future__ import annotations

import hashlib
import os
import socket
from dataclasses import dataclass
from pathlib import Path

from .folders import open_home, open_runtime, private_folder

#: ``sun_path`` holds 108 bytes on Linux and 104 on macOS.
LONGEST_SOCKET_PATH = 100


@dataclass(frozen=True)
class Paths:
    """All absolute. ``socket`` exists only while a service listens."""

    home: Path
    runtime: Path
    socket: Path
    #: Names the process that is the service, or is becoming it, or is ending.
    pid: Path
    log: Path

    def environment(self) -> dict[str, str]:
        """Variables that make a process of ours use these very paths."""
        return {"UNDERPASS_HOME": str(self.home), "UNDERPASS_RUNTIME_DIR": str(self.runtime)}


def find_paths() -> Paths:
    """Paths of this user's workspace on this host; makes the folders, for the user alone.

    Raises:
        UnderpassError: a folder can not be used, or others may write to the one of the socket.
    """
    home = open_home(Path(os.environ.get("UNDERPASS_HOME") or Path(_jupyter("data"), "underpass")))
    runtime = open_runtime(Path(os.environ.get("UNDERPASS_RUNTIME_DIR") or _jupyter("runtime")).absolute())
    # Homes are shared by hosts; sockets are not.
    digest = hashlib.sha256(f"{home}\n{socket.gethostname()}".encode()).hexdigest()[:16]
    beside = runtime / f"underpass-{digest}.sock"
    if len(os.fsencode(beside)) <= LONGEST_SOCKET_PATH:
        address = beside
    else:
        address = private_folder(Path(f"/tmp/underpass-{os.getuid()}")) / f"{digest}.sock"
    return Paths(home, runtime, address, beside.with_suffix(".pid"), beside.with_suffix(".log"))


def _jupyter(kind: str) -> str:
    from jupyter_core import paths

    return paths.jupyter_data_dir() if kind == "data" else paths.jupyter_runtime_dir()
