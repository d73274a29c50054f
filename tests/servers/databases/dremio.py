"""In place of Dremio a Flight SQL server of our own (``tests/servers/dremio``: Apache Arrow's, on SQLite).

It is what clients see of Dremio's port 32010: Flight SQL over gRPC, log-in with a password or a personal
access token, sessions, INFORMATION_SCHEMA, Arrow types, cancelling. It is not Dremio: SQLite reads the
statements, and nothing is distributed. Dremio itself is not to be had without a registry of containers.
"""

from __future__ import annotations

import http.client
import json
import os
import secrets
import socket
from contextlib import closing
from pathlib import Path
from typing import Any, final

from tests.servers.certificates import Authority
from tests.servers.namespace import Namespace
from tests.servers.process import PROJECT_FOLDER

from .base import FLAWS, Database, Login, Site

PROGRAM = PROJECT_FOLDER / ".build/servers/dremio/dremio"
USER = "warehouse_analyst"
#: Folders of a source have names with dots.
SCHEMAS = ("lake", "lake.sales", "scratch")

TLS_PORT = 32010
#: Low, because the taps are at higher ports.
PLAIN_PORT = 12040

#: As long as SQLite counts.
ENDLESS = (
    "WITH RECURSIVE counter(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counter WHERE n < 3000000000) "
    "SELECT '{}' AS marker, count(*) AS n FROM counter"
)


@final
class FlightServer:
    """One such process. Its files and its control socket lie in ``folder``."""

    def __init__(
        self, namespace: Namespace, folder: Path, listen: list[str], *options: str, login: Login, token: str
    ) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        argv = [str(PROGRAM), f"-folder={folder}", f"-schemas={','.join(SCHEMAS)}", *options]
        self._process = namespace.start(
            [*argv, *(f"-listen={where}" for where in listen)],
            folder / "dremio.log",
            environment={
                "DREMIO_USER": login.fields["user"],
                "DREMIO_PASSWORD": login.secrets["password"],
                "DREMIO_TOKEN": token,
            },
        )
        self._process.wait_until(self._answers)

    def _answers(self) -> bool:
        try:
            return self.jobs() == []
        except OSError:
            return False

    def jobs(self) -> list[dict[str, str]]:
        """``id`` and ``sql`` of what runs."""
        return json.loads(self._ask("GET", "/jobs"))

    def execute(self, statements: str) -> None:
        """Run SQL, past the network."""
        self._ask("POST", "/execute", statements.encode())

    def reflect(self, query: str) -> None:
        """Keep the rows of a query in memory."""
        self._ask("POST", "/reflect", query.encode())

    def cancel(self, job: str) -> None:
        """End a statement, as an administrator."""
        self._ask("POST", f"/cancel?id={job}")

    def _ask(self, method: str, path: str, body: bytes | None = None) -> Any:
        with closing(_Control(self._folder)) as control:
            control.request(method, path, body)
            answer = control.getresponse()
            text = answer.read().decode()
        if answer.status != http.HTTPStatus.OK:
            raise RuntimeError(text)
        return text

    def stop(self) -> None:
        """End it."""
        self._process.stop()


class _Control(http.client.HTTPConnection):
    """HTTP over the socket in a server's folder, which is no part of any network."""

    def __init__(self, folder: Path) -> None:
        super().__init__("control")
        self._folder = folder

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        # The path of a socket has to be short.
        descriptor = os.open(self._folder, os.O_PATH)
        try:
            self.sock.connect(f"/proc/self/fd/{descriptor}/control")
        finally:
            os.close(descriptor)


@final
class Dremio(Database):
    """One process that listens for each situation."""

    system = "dremio"

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self.token = secrets.token_urlsafe(24)
        self._password = secrets.token_urlsafe(18)
        listen = [f"{self.address}:{PLAIN_PORT}"]
        self.offer("refused", PLAIN_PORT)
        self.offer("stripped", PLAIN_PORT, stripper="plain-port")
        for number, situation in enumerate(("offered", "demanded", *FLAWS)):
            flaw = next((flaw for flaw in FLAWS if flaw == situation), None)
            listen.append(f"{self.address}:{TLS_PORT + number}{_files(site.authority, self.host, flaw)}")
            self.offer(situation, TLS_PORT + number)
        self._extra: list[FlightServer] = []
        self.server = FlightServer(
            site.namespace, site.folder / "server", listen, login=self.login(TLS_PORT), token=self.token
        )

    def another(self, port: int, *options: str) -> FlightServer:
        """A server of its own at ``port``, with the right certificate."""
        listen = f"{self.address}:{port}{_files(self.site.authority, self.host, None)}"
        folder = self.site.folder / f"server-{len(self._extra)}"
        login = self.login(port)
        self._extra.append(
            FlightServer(self.site.namespace, folder, [listen], *options, login=login, token=self.token)
        )
        return self._extra[-1]

    def login(self, port: int) -> Login:
        return Login({"host": self.host, "port": port, "user": USER}, {"password": self._password})

    def marked(self, marker: str) -> str:
        return f"SELECT '{marker}' AS marker"

    def slow(self, marker: str) -> str:
        return ENDLESS.format(marker)

    def running(self, marker: str) -> bool:
        return any(marker in job["sql"] for job in self.server.jobs())

    def stop(self) -> None:
        for server in (*self._extra, self.server):
            server.stop()


def _files(authority: Authority, host: str, flaw: Any) -> str:
    made = authority.server(host, flaw)
    return f",{made.certificate},{made.key}"


database = Dremio
