"""What a process that was given a password leaves when it crashes."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

BEGIN = """
import os, resource
from underpass.core_files import forbid_core_files
def limit(): return resource.getrlimit(resource.RLIMIT_CORE)[0]
_, most = resource.getrlimit(resource.RLIMIT_CORE)
resource.setrlimit(resource.RLIMIT_CORE, (most, most))
forbid_core_files()
"""


def crash(folder: Path, code: str = "") -> str:
    """Run ``code`` behind :data:`BEGIN` in a process that then crashes; gives what it printed."""
    command = [sys.executable, "-c", f"{BEGIN}{code}\nos.abort()"]
    finished = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert finished.returncode == -signal.SIGABRT, finished.stderr
    return finished.stdout.strip()


def test_a_process_that_is_given_a_password_leaves_no_core_file(tmp_path: Path) -> None:
    assert int(crash(tmp_path, "print(limit(), flush=True)")) <= 1
    assert list(tmp_path.iterdir()) == []


def test_who_allows_core_files_afterwards_is_left_alone(tmp_path: Path) -> None:
    again = "resource.setrlimit(resource.RLIMIT_CORE, (most, most))\nforbid_core_files()"
    assert crash(tmp_path, f"{again}\nprint(limit() == most, flush=True)") == "True"
