from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "underpass.command", *arguments], capture_output=True, text=True
    )


def test_it_passes_arguments_and_exit_codes_on(workspace: Path) -> None:
    status = run("--json", "status")
    assert status.returncode == 0, status.stderr
    assert json.loads(status.stdout)["workspace"] == str(workspace.parent / "home")
    assert run("no-such-command").returncode != 0
