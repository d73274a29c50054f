"""Where the workspace and its one tunnel service lie; the service computes the same."""

from __future__ import annotations

import hashlib
import os
import socket
import stat
from dataclasses import dataclass
from pathlib import Path

from .failure import fail

#: ``sun_path`` holds 108 bytes on Linux and 104 on macOS.
LONGEST_SOCKET_PATH = 100


@dataclass(frozen=True)
class Paths:
    """All absolute. ``socket`` exists only while a service listens."""

    home: Path
    runtime: Path
    socket: Path
    log: Path

    def environment(self) -> dict[str, str]:
        """Variables that make a process of ours use these very paths."""
        return {"UNDERPASS_HOME": str(self.home), "UNDERPASS_RUNTIME_DIR": str(self.runtime)}


def find_paths() -> Paths:
    """Paths of this user's workspace on this host; makes the folders, for the user alone.

    Raises:
        UnderpassError: the socket would lie in a folder that others may write to.
    """
    home = Path(os.environ.get("UNDERPASS_HOME") or Path(_jupyter("data"), "underpass"))
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    home = Path(os.path.realpath(home))
    runtime = Path(os.environ.get("UNDERPASS_RUNTIME_DIR") or _jupyter("runtime")).absolute()
    runtime.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Homes are shared by hosts; sockets are not.
    digest = hashlib.sha256(f"{home}\n{socket.gethostname()}".encode()).hexdigest()[:16]
    beside = runtime / f"underpass-{digest}.sock"
    if len(os.fsencode(beside)) <= LONGEST_SOCKET_PATH:
        address = beside
    else:
        address = _private_folder(Path(f"/tmp/underpass-{os.getuid()}")) / f"{digest}.sock"
    return Paths(home, runtime, address, beside.with_suffix(".log"))


def _jupyter(kind: str) -> str:
    from jupyter_core import paths

    return paths.jupyter_data_dir() if kind == "data" else paths.jupyter_runtime_dir()


def _private_folder(folder: Path) -> Path:
    """A folder in a place where everybody may write: it must be ours alone."""
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise fail(
            "service-unavailable",
            "request",
            f"{folder} is not a private folder of yours.",
            "Set UNDERPASS_RUNTIME_DIR to a short path of a folder that only you can use.",
        )
    return folder
