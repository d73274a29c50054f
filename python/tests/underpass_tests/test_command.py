from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from underpass.failure import Failure


def run(
    *arguments: str, module: str = "underpass", environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", module, *arguments], capture_output=True, text=True, env=environment
    )


@pytest.mark.parametrize("module", ["underpass", "underpass.command"])
def test_it_passes_arguments_and_exit_codes_on(workspace: Path, module: str) -> None:
    types = run("--json", "integration", "types", "postgresql", module=module)
    assert types.returncode == 0, types.stderr
    assert json.loads(types.stdout)["id"] == "postgresql"
    assert run("no-such-command", module=module).returncode == 2


FOLDERS: Mapping[str, Mapping[str, str]] = {
    "nothing is set": {},
    "XDG": {"XDG_DATA_HOME": "{}/xdg"},
    "Jupyter's data": {"JUPYTER_DATA_DIR": "{}/data"},
    "Jupyter's runtime": {"JUPYTER_RUNTIME_DIR": "{}/runtime"},
    "the platform's": {"JUPYTER_PLATFORM_DIRS": "1"},
    "the platform's, with XDG": {"JUPYTER_PLATFORM_DIRS": "1", "XDG_DATA_HOME": "{}/xdg"},
    "ours": {"UNDERPASS_HOME": "{}/home", "UNDERPASS_RUNTIME_DIR": "{}/run"},
    "empty": {"UNDERPASS_HOME": "", "UNDERPASS_RUNTIME_DIR": "", "JUPYTER_DATA_DIR": ""},
}


@pytest.mark.parametrize("variables", FOLDERS.values(), ids=FOLDERS.keys())
def test_the_command_and_a_kernel_use_the_same_folders(tmp_path: Path, variables: Mapping[str, str]) -> None:
    environment = {
        **{name: value for name, value in os.environ.items() if "JUPYTER" not in name},
        "HOME": str(tmp_path),
        **{name: value.format(tmp_path) for name, value in variables.items()},
    }
    for name in ("UNDERPASS_HOME", "UNDERPASS_RUNTIME_DIR", "XDG_DATA_HOME"):
        if name not in variables:
            environment.pop(name, None)
    kernel = subprocess.run(
        [sys.executable, "-c", "from underpass.paths import find_paths; print(find_paths().log)"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    # Named after the home, in the runtime folder.
    assert run("logs", environment=environment).stdout == f"There is nothing in {kernel.stdout.strip()}.\n"


def test_that_it_can_not_be_run_is_a_failure_like_any_other(workspace: Path, tmp_path: Path) -> None:
    """With a node that says the right version and is no program."""
    node = tmp_path / "node"
    node.write_text('#!/bin/sh\nrm -f "$0"\necho v20.0.0\n')
    node.chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}:{Path(shutil.which('rm') or '').parent}"}
    finished = run("--json", "status", environment=environment)
    assert finished.returncode == 1
    failure: Failure = json.loads(finished.stderr)
    assert failure["code"] == "service-unavailable"
    assert str(node) in failure["message"]


def test_the_modules_that_take_long_are_not_imported(workspace: Path) -> None:
    script = "import sys, runpy; sys.argv = ['underpass', '--version']\n"
    listing = "import os; os.execve = lambda *a: print(*sys.modules)\n"
    start = "import underpass.command; underpass.command.main()"
    finished = subprocess.run(
        [sys.executable, "-c", script + listing + start], capture_output=True, text=True, check=True
    )
    modules = set(finished.stdout.split())
    assert "underpass.command" in modules
    assert modules.isdisjoint({"jupyter_core", "pandas", "pyarrow", "IPython", "asyncio"})
