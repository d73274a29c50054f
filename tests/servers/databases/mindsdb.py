"""MindsDB itself, with a PostgreSQL behind it that it queries.

It has one certificate or none, and takes a minute to start: so there is one. Flawed certificates, and a
server without TLS, are a proxy's (``tests.servers.mysqlfront``) in front of it.
"""

from __future__ import annotations

import json
import secrets
import sys
from typing import Any

from tests.servers.cluster import Cluster
from tests.servers.mysqlfront import MySQLFront
from tests.servers.process import PROJECT_FOLDER

from .base import FLAWS, Database, Login, Site, Situation

PROGRAM = PROJECT_FOLDER / ".build/servers/mindsdb/bin/python"
#: Not the usual one: there would be no ports above it for the taps.
PORT = 17335
SOURCE_PORT = 5432
USER = "analyst_of_models"
#: What the PostgreSQL behind it is called there.
SOURCE = "source"


class MindsDB(Database):
    """One server, and proxies in front of it."""

    system = "mindsdb"
    impossible = {"demanded": "MindsDB can not demand TLS"}  # noqa: RUF012
    unstoppable = "MindsDB has no statement that ends another, and goes on when its client has gone"

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        if not PROGRAM.exists():
            raise RuntimeError("MindsDB is not there: run scripts/servers/mindsdb.sh.")
        self.password = secrets.token_urlsafe(15)
        self._fronts: list[MySQLFront] = []
        self.source = Cluster(
            site.namespace,
            site.folder / "source.log",
            "host all all all scram-sha-256\n",
            address=self.address,
            port=SOURCE_PORT,
        )
        try:
            self.source.spawn()
            self._start()
            self.source.wait()
            self.source.run(f"CREATE ROLE reader LOGIN SUPERUSER PASSWORD '{self.password}'")
            self._process.wait_until(self._answers, 300)
            self._attach()
            self._put_fronts()
        except BaseException:
            self.stop()
            raise

    def _start(self) -> None:
        folder = self.site.folder
        files = self.site.authority.server(self.host)
        both = folder / "server.pem"
        both.touch(mode=0o600)
        both.write_text(files.key.read_text() + files.certificate.read_text())
        api = {"host": self.address, "port": str(PORT), "database": "mindsdb", "ssl": True}
        configuration = {
            "paths": {"root": str(folder / "storage")},
            "auth": {"http_auth_enabled": False, "username": USER, "password": self.password},
            "gui": {"autoupdate": False, "open_on_start": False},
            "jobs": {"disable": True},
            "tasks": {"disable": True},
            "api": {"mysql": {**api, "certificate_path": str(both)}},
        }
        (folder / "storage").mkdir()
        path = folder / "config.json"
        path.touch(mode=0o600)
        path.write_text(json.dumps(configuration))
        argv = [str(PROGRAM), "-m", "mindsdb", f"--config={path}", "--api=mysql", "--no_studio"]
        environment = {"MINDSDB_STORAGE_DIR": str(folder / "storage"), "HOME": str(folder)}
        self._process = self.site.namespace.start(argv, folder / "mindsdb.log", environment=environment)

    def _answers(self) -> bool:
        return "Waiting for incoming connections" in (self.site.folder / "mindsdb.log").read_text()

    def _attach(self) -> None:
        """Tell MindsDB of the PostgreSQL, with a client inside the network."""
        parameters = {"host": self.address, "port": SOURCE_PORT, "database": "postgres", "user": "reader"}
        with_password = json.dumps({**parameters, "password": self.password, "sslmode": "disable"})
        statement = f"CREATE DATABASE {SOURCE} WITH ENGINE = 'postgres', PARAMETERS = {with_password}"
        argv = [sys.executable, "-c", _CLIENT, self.address, str(PORT), USER]
        log = self.site.folder / "attach.log"
        secret = {"PASSWORD": self.password, "STATEMENT": statement}
        self.site.namespace.start(argv, log, environment=secret).wait()
        if log.read_text().strip() != "done":
            raise RuntimeError(f"MindsDB does not know its source:\n{log.read_text()}")

    def _put_fronts(self) -> None:
        self.offer("offered", PORT)
        self.offer("stripped", PORT, stripper="mysql")
        fronted: tuple[Situation, ...] = ("refused", *FLAWS)
        for port, situation in enumerate(fronted, start=PORT + 1):
            flaws: dict[str, Any] = {flaw: flaw for flaw in FLAWS}
            flaw = flaws.get(situation)
            self._fronts.append(
                MySQLFront(
                    self.site.namespace,
                    f"{self.address}:{port}",
                    f"{self.address}:{PORT}",
                    self.site.authority.server(self.host, flaw) if flaw else None,
                    self.site.folder / f"front-{situation}.log",
                )
            )
            self.offer(situation, port)

    def login(self, port: int) -> Login:
        fields = {"host": self.host, "port": port, "user": USER, "database": "mindsdb"}
        return Login(fields, {"password": self.password})

    def marked(self, marker: str) -> str:
        return f"SELECT '{marker}' AS marker"

    def slow(self, marker: str) -> str:
        # It reads through a cursor, which hides the statement: the marker becomes the session's name.
        name = f"set_config('application_name', '{marker}', false)"
        return f"SELECT * FROM {SOURCE} (SELECT {name} AS marker, CAST(pg_sleep(60) AS text) AS slept)"

    def running(self, marker: str) -> bool:
        """Whether what it asks of its PostgreSQL runs there: MindsDB has no list of its own."""
        named = f"application_name = '{marker}' AND state = 'active'"
        return self.source.run(f"SELECT count(*) FROM pg_stat_activity WHERE {named}") != "0"

    def stop(self) -> None:
        for front in self._fronts:
            front.stop()
        if hasattr(self, "_process"):
            self._process.stop()
        self.source.remove()


_CLIENT = """\
import os, sys
from pymysql import connect
host, port, user = sys.argv[1:]
login = {"host": host, "port": int(port), "user": user, "password": os.environ["PASSWORD"]}
with connect(**login) as connection, connection.cursor() as cursor:
    cursor.execute(os.environ["STATEMENT"])
print("done")
"""

database = MindsDB
