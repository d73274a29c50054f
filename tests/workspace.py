"""A workspace of a test's own, and the ``underpass`` command in it."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from tests.servers import PrivateNetwork
from underpass.running import running_service

#: The programs of the environment that the tests run in.
PROGRAMS = Path(sys.executable).parent


class Workspace:
    """Home, runtime folder and one project, with nothing in them at first."""

    def __init__(self, folder: Path) -> None:
        self.home, self.runtime, self.project = folder / "home", folder / "runtime", folder / "project"
        self.runtime.mkdir(mode=0o700)
        self.project.mkdir()
        self.environment: dict[str, str] = {
            **os.environ,
            "PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}",
            "UNDERPASS_HOME": str(self.home),
            "UNDERPASS_RUNTIME_DIR": str(self.runtime),
            # Jupyter's own files of servers and kernels are not this person's either.
            "JUPYTER_RUNTIME_DIR": str(self.runtime / "jupyter"),
            "JUPYTER_CONFIG_DIR": str(folder / "jupyter-config"),
            "JUPYTER_DATA_DIR": str(folder / "jupyter-data"),
            "IPYTHONDIR": str(folder / "ipython"),
        }
        self.environment.pop("UNDERPASS_PROJECT", None)

    def underpass(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run the command to its end, in the project."""
        return subprocess.run(
            [PROGRAMS / "underpass", *arguments],
            cwd=self.project,
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )

    def result(self, *arguments: str, stdin: str = "") -> Any:
        """Run the command, which must succeed, and parse what it prints as JSON."""
        finished = self.underpass("--json", *arguments, stdin=stdin)
        assert finished.returncode == 0, finished.stderr
        return json.loads(finished.stdout)

    def failure(self, *arguments: str, stdin: str = "") -> dict[str, Any]:
        """Run the command, which must fail, and return the structured error."""
        finished = self.underpass("--json", *arguments, stdin=stdin)
        assert finished.returncode == 1, finished.stdout
        return json.loads(finished.stderr.splitlines()[-1])

    def popen(self, *arguments: str) -> subprocess.Popen[str]:
        """Start the command, with pipes."""
        return subprocess.Popen(
            [PROGRAMS / "underpass", *arguments],
            cwd=self.project,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    @contextlib.contextmanager
    def running(self, *arguments: str) -> Iterator[subprocess.Popen[str]]:
        """The command, running; interrupted at the end if it still does."""
        with self.popen(*arguments) as process:
            try:
                yield process
            finally:
                if process.poll() is None:
                    process.send_signal(signal.SIGINT)

    @contextlib.contextmanager
    def forward(self, name: str) -> Iterator[int]:
        """Hold the forward of an integration open; gives its local port."""
        with self.running("forward", name) as process:
            yield forward_port(process)

    def service(self) -> int | None:
        """Process id of the tunnel service, if one runs."""
        return next(filter(None, map(running_service, self.runtime.glob("*.pid"))), None)

    def log(self) -> list[dict[str, Any]]:
        """What the tunnel services of this workspace have written down."""
        (log,) = self.runtime.glob("*.log")
        return [json.loads(line) for line in log.read_text().splitlines()]

    def kill_service(self) -> None:
        """End the tunnel service as a crash would, and wait until it is gone."""
        pid = self.service()
        assert pid is not None, "no service runs"
        _end(pid, signal.SIGKILL)

    def close(self) -> None:
        """End the tunnel service, which would stay a while for its next client."""
        if pid := self.service():
            _end(pid, signal.SIGTERM)

    def add_database(self, network: PrivateNetwork, name: str = "My DB", **fields: object) -> Any:
        """Add the network's database behind its bastion; ``fields`` override, ``password`` too."""
        database, bastion = network.postgresql.description, network.bastion.description
        values: Mapping[str, object] = {
            "host": database["host"],
            "port": database["port"],
            "user": database["user"],
            "database": database["database"],
            "sshEnabled": "true",
            "sshHost": bastion["host"],
            "sshPort": bastion["port"],
            "sshUser": bastion["user"],
            **{field: value for field, value in fields.items() if field != "password"},
        }
        settings = [part for field, value in values.items() for part in ("--set", f"{field}={value}")]
        password = str(fields.get("password", database["password"]))
        adding = ["integration", "add", "--type", "postgresql", "--name", name]
        return self.result(*adding, *settings, "--secret", "password=-", stdin=password)

    def authorize(self, network: PrivateNetwork) -> None:
        """Have the bastion let this workspace's key in."""
        network.bastion.authorize(self.result("key", "show")["publicKey"])

    def approve_host_key(self, network: PrivateNetwork) -> None:
        """Trust the bastion, with the fingerprint that its administrator gave."""
        bastion = network.bastion.description
        address = f"{bastion['host']}:{bastion['port']}"
        self.result("hostkey", "approve", address, bastion["hostKeyFingerprint"])


def forward_port(process: subprocess.Popen[str]) -> int:
    """Local port that a started ``underpass forward`` prints."""
    assert process.stdout is not None
    for line in process.stdout:
        variable, _, value = line.strip().partition("=")
        if variable.endswith("_LOCAL_PORT"):
            return int(value)
    assert process.stderr is not None
    raise AssertionError(process.stderr.read())


def until_line(stream: IO[str], text: str) -> str:
    """Read lines until one has this text; gives it."""
    lines: list[str] = []
    for line in stream:
        lines.append(line)
        if text in line:
            return line
    raise AssertionError("".join(lines))


def _end(pid: int, number: signal.Signals) -> None:
    process = os.pidfd_open(pid)
    signal.pidfd_send_signal(process, number)
    ended, _, _ = select.select([process], [], [], 30)
    os.close(process)
    assert ended, "the tunnel service did not end"
