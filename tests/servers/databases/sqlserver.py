"""In place of SQL Server: pysqlbridge, which speaks its protocol (TDS 7.4), and ``tests/servers/tds``.

It is what clients see on port 1433: PRELOGIN, TLS inside of TDS, LOGIN7 with name and password, batches and
calls, a good part of T-SQL (variables, temporary tables, transactions, several results), the server's error
numbers. Microsoft's own ODBC driver works with it. It is not SQL Server: an evaluator in Python reads T-SQL
over tables in memory, everything read-only; types that it has no values for are in one table that is given as
it stands. There is no TDS 8 (Encrypt=strict), no line numbers in errors, no sys.dm_exec_requests: what runs
is a file of the server's own for each statement. SQL Server itself comes from Microsoft's packages alone,
which are not to be had everywhere.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
from pathlib import Path
from typing import final

from tests.servers.process import PROJECT_FOLDER

from .base import FLAWS, Database, Login, Site

PYTHON = PROJECT_FOLDER / ".build/servers/sqlserver/bin/python"
SERVER = PROJECT_FOLDER / "tests/servers/tds/server.py"
USER = "analyst_of_sales"
DATABASE = "shop"
PORT = 1433


@final
class SQLServer(Database):
    """One process with a port for each situation."""

    system = "sqlserver"

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        # What a connection string has to write in a special way.
        self._password = f"{secrets.token_urlsafe(12)};{{}}= '%"
        self._running = site.folder / "running"
        self._running.mkdir()
        self._listening: list[dict[str, object]] = []
        for number, situation in enumerate(("offered", "refused", "demanded", *FLAWS)):
            flaw = situation if situation in FLAWS else None
            certificate = site.authority.server(self.host, flaw)
            self._add(PORT + number, situation, certificate.certificate, certificate.key)
            self.offer(situation, PORT + number)
        self.offer("stripped", PORT, stripper="tds")
        #: Says that another server has the database, as Azure does.
        self.redirecting_port = PORT + 10
        right = site.authority.server(self.host)
        self._add(self.redirecting_port, "redirecting", right.certificate, right.key)
        configuration = site.folder / "configuration.json"
        configuration.touch(mode=0o600)
        configuration.write_text(
            json.dumps(
                {
                    "address": self.address,
                    "database": DATABASE,
                    "user": USER,
                    "password": self._password,
                    "running": str(self._running),
                    "ports": self._listening,
                }
            )
        )
        log = self._log = site.folder / "server.log"
        self._process = site.namespace.start([str(PYTHON), str(SERVER), str(configuration)], log)
        self._process.wait_until(lambda: "listening" in log.read_text())

    def _add(self, port: int, manner: str, certificate: Path, key: Path) -> None:
        self._listening.append(
            {"port": port, "manner": manner, "certificate": str(certificate), "key": str(key)}
        )

    def login(self, port: int) -> Login:
        fields = {"host": self.host, "port": port, "user": USER, "database": DATABASE}
        return Login(fields, {"password": self._password})

    def marked(self, marker: str) -> str:
        return f"SELECT '{marker}' AS marker"

    def slow(self, marker: str) -> str:
        return f"WAITFOR DELAY '00:01:00'; SELECT '{marker}' AS marker"

    def running(self, marker: str) -> bool:
        return any(marker in _text(path) for path in self._running.iterdir())

    def prepare_large_table(self) -> None:
        """Have ``dbo.measurements`` ready: a million rows, encoded once, so that the reader is measured."""
        os.kill(self._process.program, signal.SIGUSR1)
        self._process.wait_until(lambda: "prepared" in self._log.read_text())

    def stop(self) -> None:
        self._process.stop()
        shutil.rmtree(self._running, ignore_errors=True)


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except FileNotFoundError:
        # It has just ended.
        return ""


database = SQLServer
