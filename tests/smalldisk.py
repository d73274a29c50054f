"""A workspace whose home is on a disk of a few KiB of its own, which can become full and read-only."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import final

from tests.servers.process import only_child
from tests.workspace import PROGRAMS, Workspace

#: Of tmpfs. Every file takes a whole page.
SIZE = "128k"


@final
class SmallHome(Workspace):
    """The disk is mounted for the commands of this workspace alone, and gone when ``close`` was called."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.home.mkdir(mode=0o700)
        is_root = os.geteuid() == 0
        first = f'mount -t tmpfs -o size={SIZE},mode=700 tmpfs "$0" && echo ready && exec cat'
        self._holder = subprocess.Popen(
            [
                *("unshare", *(() if is_root else ("--user", "--map-current-user", "--keep-caps"))),
                *("--mount", "--fork", "--kill-child", "sh", "-ec", first, str(self.home)),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        assert self._holder.stdout is not None
        if self._holder.stdout.readline() != b"ready\n":
            raise RuntimeError("This machine does not let the tests mount a disk in memory.")
        user = () if is_root else ("--user", "--preserve-credentials")
        self._enter = ("nsenter", f"--target={only_child(self._holder.pid)}", *user, "--mount")

    def underpass(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return self.inside(str(PROGRAMS / "underpass"), *arguments, stdin=stdin)

    def inside(self, *argv: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run a program to its end where the disk is mounted."""
        return subprocess.run(
            [*self._enter, *argv],
            cwd=self.project,
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )

    def fill(self) -> None:
        """Take all the room that is left."""
        self.inside("sh", "-c", 'cat /dev/zero > "$UNDERPASS_HOME/ballast"')

    def make_room(self) -> None:
        self.inside("rm", str(self.home / "ballast"))

    def remount(self, mode: str) -> None:
        """``ro`` or ``rw``."""
        mounted = self.inside("mount", "-o", f"remount,bind,{mode}", str(self.home))
        assert mounted.returncode == 0, mounted.stderr

    def close(self) -> None:
        super().close()
        assert self._holder.stdin is not None
        assert self._holder.stdout is not None
        self._holder.stdin.close()
        self._holder.wait()
        self._holder.stdout.close()
