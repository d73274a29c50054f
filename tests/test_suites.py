"""What ``scripts/run_suites.py`` does with a suite that does not end."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.servers.process import PROJECT_FOLDER

#: Starts a process that does not end, writes down its id, and waits for it.
SUITE = """
import subprocess, sys
child = "import time; print(1, flush=True); time.sleep(600)"
process = subprocess.Popen([sys.executable, "-c", child], stdout=subprocess.PIPE)
process.stdout.readline()
open(sys.argv[1], "w").write(str(process.pid))
try:
    process.wait()
except KeyboardInterrupt:
    open(sys.argv[2], "w").write("cleaned up")
"""


@pytest.fixture
def runner(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location("run_suites", PROJECT_FOLDER / "scripts" / "run_suites.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "run_suites", module)
    spec.loader.exec_module(module)
    return module


def test_a_suite_that_takes_too_long_can_clean_up_and_leaves_no_process_behind(
    runner: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(runner, "LIMIT", 3)
    started, cleaned = tmp_path / "started", tmp_path / "cleaned"
    assert runner.run([sys.executable, "-c", SUITE, str(started), str(cleaned)]) == 1
    assert cleaned.read_text() == "cleaned up"
    with pytest.raises(ProcessLookupError):
        os.kill(int(started.read_text()), 0)


def test_the_exit_code_of_a_suite_is_its_own(runner: ModuleType) -> None:
    assert runner.run([sys.executable, "-c", "raise SystemExit(7)"]) == 7


def test_every_test_of_servers_belongs_to_one_suite(runner: ModuleType) -> None:
    commands = {suite.name: suite.command for suite in runner.SUITES if isinstance(suite, runner.Suite)}
    assert "tests" in commands["integration"]
    ignored = [
        part.removeprefix("--ignore=") for part in commands["integration"] if part.startswith("--ignore=")
    ]
    others = [part for name in ("systems", "compat") for part in commands[name] if part.startswith("tests/")]
    assert others == ignored
