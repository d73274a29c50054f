"""Run the suites of this checkout, all or those named, and say at the end how many tests passed and failed.

``python scripts/run_suites.py [NAME …]``. Every suite runs, also after another one failed. Counts come from
the reports that the suites write; a suite without a report counts as one failure. The sum is also left in
``.build/reports/summary.txt``. Exit code 1 if anything failed.

A server that ``scripts/install-servers.sh`` could not install is one failure, named at the end; the tests
that need it are not run (see ``tests/missing.py``).
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[1]
REPORTS = ROOT / ".build" / "reports"
SERVERS = ROOT / ".build" / "servers"
#: Seconds after which a suite is ended, as a failure.
LIMIT = 2400
#: Seconds that it then has to stop its servers.
CLEANING = 60


@dataclass(frozen=True)
class Count:
    passed: int = 0
    failed: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(self.passed + other.passed, self.failed + other.failed)

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed"


@dataclass(frozen=True)
class Suite:
    """One runner of tests; ``{report}`` is where it writes its JUnit XML, ``{port}`` a free one."""

    name: str
    command: Sequence[str]
    environment: dict[str, str] = field(default_factory=dict)
    #: Its tests need the servers of ``scripts/servers``.
    uses_servers: bool = False

    def run(self) -> Count:
        report = REPORTS / f"{self.name}.xml"
        report.unlink(missing_ok=True)
        port = free_port()
        values = {key: value.format(report=report, port=port) for key, value in self.environment.items()}
        code = run([part.format(report=report) for part in self.command], values)
        try:
            count = read_report(report)
        except (FileNotFoundError, ElementTree.ParseError):
            return Count(failed=1)
        if count == Count() or (code != 0 and count.failed == 0):
            # Nothing ran, or the runner itself failed.
            return count + Count(failed=1)
        return count


@dataclass(frozen=True)
class Linters:
    """Commands that count as one test each."""

    name: str
    commands: Sequence[Sequence[str]]
    uses_servers: bool = False

    def run(self) -> Count:
        codes = [run(command) for command in self.commands]
        return Count(codes.count(0), len(codes) - codes.count(0))


PYTEST = ("python", "-m", "pytest")
SUITES = (
    Linters(
        "lint",
        (
            ("npx", "tsc", "--build"),
            ("npm", "run", "--silent", "eslint"),
            ("npm", "run", "--silent", "prettier"),
            ("npm", "run", "--silent", "stylelint"),
            ("ruff", "check"),
            ("ruff", "format", "--check"),
            ("pyright", "--warnings"),
            ("python", "scripts/build_docs.py"),
        ),
    ),
    Suite("unit", ("node", "scripts/unit-tests.mjs", "{report}")),
    Suite("python", ("pytest", "python", "jupyterlab_underpass", "--junit-xml={report}")),
    Suite(
        "integration",
        (
            *(*PYTEST, "tests", "--junit-xml={report}"),
            *(f"--ignore=tests/{folder}" for folder in ("systems", "matrix", "compat")),
        ),
        uses_servers=True,
    ),
    # One process: the servers are large, and take their time to start.
    Suite("systems", (*PYTEST, "tests/systems", "tests/matrix", "--junit-xml={report}"), uses_servers=True),
    Suite("compat", (*PYTEST, "tests/compat", "--junit-xml={report}")),
    Suite(
        "ui",
        ("npx", "playwright", "test", "--config=ui-tests", "--reporter=list,junit"),
        {"PLAYWRIGHT_JUNIT_OUTPUT_FILE": "{report}", "UNDERPASS_UI_PORT": "{port}"},
    ),
)


def run(command: Sequence[str], environment: dict[str, str] | None = None) -> int:
    """Exit code of ``command``, run in the root folder with the checkout's own programs first."""
    print(f"\n$ {' '.join(command)}", flush=True)
    values = {
        **os.environ,
        "PATH": f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1",
        **(environment or {}),
    }
    process = subprocess.Popen(
        command, cwd=ROOT, env=values, stdin=subprocess.DEVNULL, start_new_session=True
    )
    try:
        return process.wait(LIMIT)
    except subprocess.TimeoutExpired:
        print(f"Ended after {LIMIT} s.", flush=True)
        return 1
    finally:
        if process.poll() is None:
            end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """With all that it started. Runners stop the servers of their tests when they are interrupted."""
    os.killpg(process.pid, signal.SIGINT)
    with suppress(subprocess.TimeoutExpired):
        process.wait(CLEANING)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def free_port() -> int:
    """A port of this machine that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def read_report(path: Path) -> Count:
    """Test cases of a JUnit report. A skipped test is neither passed nor failed."""
    passed = failed = 0
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        outcomes = {child.tag for child in case}
        if outcomes & {"failure", "error"}:
            failed += 1
        elif "skipped" not in outcomes:
            passed += 1
    return Count(passed, failed)


def missing_servers() -> dict[str, str]:
    """Servers that could not be installed, by name, each with the last words of its installation."""
    return {
        path.stem: " | ".join(path.read_text(errors="replace").split("\n")[-4:]).strip(" |")
        for path in sorted(SERVERS.glob("*.failed"))
    }


def main(names: Sequence[str]) -> int:
    known = {suite.name: suite for suite in SUITES}
    if unknown := [name for name in names if name not in known]:
        print(f"No such suite: {', '.join(unknown)}. There are {', '.join(known)}.", file=sys.stderr)
        return 2
    REPORTS.mkdir(parents=True, exist_ok=True)
    total, lines = Count(), []
    for name in names or known:
        start = time.monotonic()
        count = known[name].run()
        total += count
        lines.append(f"{name:12} {count} ({time.monotonic() - start:.0f} s)")
    if any(known[name].uses_servers for name in names or known):
        for server, reason in missing_servers().items():
            total += Count(failed=1)
            lines.append(f"server {server}: could not be installed, its tests were not run: {reason}")
    print("\n" + "\n".join(lines))
    (REPORTS / "summary.txt").write_text(f"{total}\n")
    print(total, flush=True)
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
