"""What MySQL's and MariaDB's servers have in common: one process for each certificate, one database.

They are copies of one initialised data folder, started side by side.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import tempfile
from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import pymysql

from tests.servers.certificates import Certificate, Flaw
from tests.servers.process import ServerProcess

from .base import FLAWS, Database, Login, Site, Situation

USER = "analyst_of_shop"
CERTIFIED = "certified_analyst"
DATABASE = "shop"

#: They are small, and nothing has to survive a crash.
SMALL = (
    "--skip-log-bin",
    "--skip-name-resolve",
    "--performance-schema=OFF",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-doublewrite=OFF",
    "--local-infile=ON",
    "--max-allowed-packet=256M",
    "--max-connections=60",
)


class MySQLFamily(Database):
    """The situations of servers that agree upon TLS in band."""

    first_port: ClassVar[int] = 3306

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self.password = secrets.token_urlsafe(15)
        #: The path of a Unix socket must be short.
        self.files = Path(tempfile.mkdtemp(prefix=f"underpass-{self.system}-", dir="/tmp"))
        self._processes: dict[int, ServerProcess] = {}
        try:
            self._start_all()
        except BaseException:
            self.stop()
            raise

    @abstractmethod
    def initialise(self, data: Path) -> None:
        """Make the data folder that all of them start from."""

    @abstractmethod
    def program(self, data: Path, port: int) -> list[str]:
        """The command that serves ``data`` at ``port``, but what it says about TLS."""

    @abstractmethod
    def without_tls(self) -> Sequence[str]:
        """Arguments for a server that has no TLS."""

    def _start_all(self) -> None:
        template = self.files / "template"
        self.initialise(template)
        offered: Sequence[Situation] = ("offered", "refused", "demanded", *FLAWS)
        for port, situation in enumerate(offered, start=self.first_port):
            data = self.files / situation
            shutil.copytree(template, data)
            argv = [
                *self.program(data, port),
                *SMALL,
                f"--init-file={self._first_statements()}",
                f"--datadir={data}",
                f"--bind-address={self.address}",
                f"--port={port}",
                f"--socket={self._socket(port)}",
                f"--pid-file={data}.pid",
                *self._tls(situation),
                *as_owner(),
            ]
            log = self.site.folder / f"{situation}.log"
            self._processes[port] = self.site.namespace.start(argv, log)
            self.offer(situation, port)
        shutil.rmtree(template)
        self.offer("stripped", self.first_port, stripper="mysql")
        for port, process in self._processes.items():
            process.wait_until(lambda port=port: self._answers(port), 120)

    def _tls(self, situation: Situation) -> Sequence[str]:
        if situation == "refused":
            return self.without_tls()
        flaws: dict[str, Flaw] = {flaw: flaw for flaw in FLAWS}
        files = self.site.authority.server(self.host, flaws.get(situation))
        paths = [f"--ssl-ca={files.authority}", f"--ssl-cert={files.certificate}", f"--ssl-key={files.key}"]
        return [*paths, "--require-secure-transport=ON"] if situation == "demanded" else paths

    def _socket(self, port: int) -> str:
        return str(self.files / f"{port}.sock")

    def _first_statements(self) -> Path:
        """Run by each server before it listens."""
        path = self.files / "first.sql"
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(
                f"CREATE DATABASE IF NOT EXISTS {DATABASE};\n"
                f"CREATE USER IF NOT EXISTS {USER}@'%' IDENTIFIED BY '{self.password}';\n"
                f"CREATE USER IF NOT EXISTS {CERTIFIED}@'%' IDENTIFIED BY '{self.password}' REQUIRE X509;\n"
                f"GRANT ALL ON {DATABASE}.* TO {USER}@'%';\n"
                f"GRANT ALL ON {DATABASE}.* TO {CERTIFIED}@'%';\n"
            )
        return path

    def _answers(self, port: int) -> bool:
        try:
            self.ask("SELECT 1", port=port)
        except (OSError, pymysql.OperationalError):
            return False
        return True

    def ask(self, statement: str, *params: Any, port: int | None = None) -> Sequence[Sequence[Any]]:
        """Run a statement as the administrator, past the network."""
        with socket.socket(socket.AF_UNIX) as plain:
            plain.connect(self._socket(port or self.first_port))
            connection = pymysql.Connection(
                user="root",
                database=DATABASE,
                ssl_disabled=True,
                charset="utf8mb4",
                autocommit=True,
                defer_connect=True,
            )
            connection.connect(plain)
            with connection, connection.cursor() as cursor:
                cursor.execute(statement, params or None)
                return cursor.fetchall()

    def login(self, port: int) -> Login:
        fields = {"host": self.host, "port": port, "user": USER, "database": DATABASE}
        return Login(fields, {"password": self.password})

    def client(self) -> Certificate:
        """What the user ``CERTIFIED`` has to show."""
        return self.site.authority.client(CERTIFIED)

    def marked(self, marker: str) -> str:
        return f"SELECT '{marker}' AS marker"

    def slow(self, marker: str) -> str:
        # MySQL ends a SLEEP without an error where nothing comes after it.
        return f"SELECT '{marker}' AS marker FROM (SELECT 1 AS n UNION ALL SELECT 2) AS two WHERE SLEEP(60)"

    def running(self, marker: str) -> bool:
        others = "FROM information_schema.PROCESSLIST WHERE ID <> CONNECTION_ID()"
        found = f"SELECT COUNT(*) {others} AND INFO LIKE %s"
        return any(self.ask(found, f"%{marker}%", port=port)[0][0] for port in self._processes)

    def stop(self) -> None:
        for process in self._processes.values():
            # Nothing of theirs is kept.
            process.stop(signal.SIGKILL)
        shutil.rmtree(self.files, ignore_errors=True)


def as_owner() -> Sequence[str]:
    """Arguments without which these servers refuse to run as root."""
    return ["--user=root"] if os.geteuid() == 0 else []
