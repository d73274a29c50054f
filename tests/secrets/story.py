"""What is there while a story is told, and what is done with it."""

from __future__ import annotations

import subprocess
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.jupyterlab import JupyterLab
from tests.secrets.files import Watch
from tests.secrets.ledger import Ledger
from tests.secrets.processes import Executions, Processes
from tests.secrets.treasure import Treasure
from tests.servers import PrivateNetwork
from tests.workspace import PROGRAMS, Workspace
from underpass.client import ServiceClient


class Story:
    """What is there while it is told."""

    def __init__(self, network: PrivateNetwork, folder: Path, elsewhere: Path, stack: ExitStack) -> None:
        """
        Args:
            network: Its database gets users of the story's own.
            folder: Is searched with all that is in it.
            elsewhere: Is not: what the search itself writes, and the exported key.
            stack: Ends what was started.
        """
        self.network = network
        self.folder = folder
        self.elsewhere = elsewhere
        #: By chapter.
        self.seconds: dict[str, int] = {}
        self._began = time.monotonic()
        self.treasure = Treasure()
        self.ledger = Ledger(self.treasure)
        self.workspace = Workspace(folder)
        self.workspace.environment["TMPDIR"] = str(folder / "tmp")
        (folder / "tmp").mkdir()
        stack.callback(self.workspace.close)
        self.executions = Executions(elsewhere / "executions")
        self.processes = stack.enter_context(Processes())
        shared = [Path(path) for path in ("/tmp", "/var/tmp", "/dev/shm")]
        self.watch = stack.enter_context(Watch([folder], shared))
        self.lab = stack.enter_context(
            JupyterLab(
                self.workspace,
                ("--debug", "--LabApp.expose_app_in_browser=True"),
                self.executions.traced(()),
            )
        )

    def chapter(self, name: str) -> None:
        """One is told."""
        now = time.monotonic()
        self.seconds[name] = round(now - self._began)
        self._began = now

    def run(self, *command: str, stdin: str = "", code: int | None = 0) -> str:
        """Run a program to its end, as somebody in a terminal does; gives what it printed."""
        finished = subprocess.run(
            self.executions.traced([str(PROGRAMS / command[0]), *command[1:]]),
            cwd=self.workspace.project,
            env=self.workspace.environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        said = finished.stdout + finished.stderr
        assert code is None or finished.returncode == code, said
        self.ledger.look("output of commands", " ".join(command), said.encode())
        return finished.stdout

    def request(self, method: str, **params: Any) -> Any:
        """Ask the service as a process of this machine, with nothing of it on a command line."""
        with pytest.MonkeyPatch.context() as environment:
            for name in ("UNDERPASS_HOME", "UNDERPASS_RUNTIME_DIR"):
                environment.setenv(name, self.workspace.environment[name])
            client = ServiceClient("the search")
            try:
                return client.request(f"underpass/{method}", params)
            finally:
                client.close()

    def know_the_key(self, name: str) -> None:
        """Have the workspace's key looked for, too."""
        self.treasure.key_file(name, self.request("key/export")["privateKey"])

    def user(self, name: str) -> dict[str, str]:
        """A user of the database, and what a person types to log in as that."""
        password = self.treasure.password(f"password of {name}")
        quoted = password.replace("'", "''")
        self.network.postgresql.run(f"CREATE ROLE {name} LOGIN PASSWORD '{quoted}'; GRANT analyst TO {name}")
        return {"User": name, "Password": password}
