"""A workspace folder that the user may not use: root may do everything, so another user tries."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.clients import await_gone
from tests.neighbour import NOBODY
from underpass.node import find_node, find_service
from underpass.running import running_service


class Place:
    """Folders that every user can find, the program, and a runtime folder of that user."""

    def __init__(self, folder: Path) -> None:
        folder.chmod(0o755)
        self.folder = folder
        self.runtime = folder / "runtime"
        self.runtime.mkdir(0o700)
        os.chown(self.runtime, NOBODY, NOBODY)
        self._program = shutil.copy(find_service(), folder)
        os.chmod(self._program, 0o644)

    def underpass(self, home: Path, *arguments: str) -> tuple[int, Any]:
        """The command's status, and its result or failure."""
        finished = subprocess.run(
            [find_node(), self._program, "--json", *arguments],
            cwd="/",
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(self.runtime),
                "UNDERPASS_HOME": str(home),
                "UNDERPASS_RUNTIME_DIR": str(self.runtime),
            },
            user=NOBODY,
            group=NOBODY,
            extra_groups=[],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        said = finished.stdout if finished.returncode == 0 else finished.stderr.splitlines()[-1]
        return finished.returncode, json.loads(said)

    def end_services(self) -> None:
        for pid in filter(None, map(running_service, self.runtime.glob("*.pid"))):
            os.kill(pid, signal.SIGTERM)
            await_gone(pid)


@pytest.fixture
def place() -> Iterator[Place]:
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        place = Place(Path(folder))
        yield place
        place.end_services()


@pytest.mark.parametrize("below", ["", "deep"])
def test_a_home_that_the_user_may_not_open_is_named_with_what_to_do(place: Place, below: str) -> None:
    locked = place.folder / "locked"
    locked.mkdir(0o700)
    status, failure = place.underpass(locked / below, "key", "show")
    assert status == 1
    assert failure["code"] == "storage-failed"
    assert str(locked / below) in failure["message"]
    assert "UNDERPASS_HOME" in failure["fix"]


def test_a_home_that_the_user_may_only_read_is_read_and_says_what_it_can_not_write(place: Place) -> None:
    home = place.folder / "home"
    home.mkdir(0o755)
    assert place.underpass(home, "integration", "list")[0] == 0
    status, failure = place.underpass(home, "key", "show")
    assert status == 1
    assert failure["code"] == "storage-failed"
    assert str(home) in failure["message"]
    assert list(home.iterdir()) == []
