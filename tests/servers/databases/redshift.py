"""Redshift's look-alike: a proxy of ours in front of a real PostgreSQL; see ``redshift_proxy``.

It is like Redshift in what drivers stumble over: login, start-up, version, encoding, no COPY TO STDOUT, views
of the catalog, numbers of types. It is not Redshift in its dialect, functions, planner, or how rows of SUPER,
VARBYTE, GEOMETRY and HLLSKETCH are made: these are text here.
"""

from __future__ import annotations

import json
import secrets
import sys
from pathlib import Path
from typing import cast, final

from tests.servers.certificates import Flaw
from tests.servers.cluster import Cluster

from .base import FLAWS, Database, Login, Site, Situation

FIRST_PORT = 5439
USER = "warehouse_analyst"
DATABASE = "warehouse"
ACCESS = "local all all trust\n"


@final
class Redshift(Database):
    """One PostgreSQL, which cannot be reached; doors to it, one for each attitude to TLS."""

    system = "redshift"

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._password = secrets.token_urlsafe(18)
        situations: tuple[Situation, ...] = ("offered", "refused", "demanded", *FLAWS)
        doors: list[dict[str, object]] = []
        for port, situation in enumerate(situations, FIRST_PORT):
            demanded = situation == "demanded"
            door: dict[str, object] = {"address": self.address, "port": port, "demanded": demanded}
            if situation != "refused":
                flaw = cast("Flaw", situation) if situation in FLAWS else None
                certificate = site.authority.server(self.host, flaw)
                door |= {"certificate": str(certificate.certificate), "key": str(certificate.key)}
            doors.append(door)
            self.offer(situation, port)
        self.offer("stripped", FIRST_PORT, stripper="postgresql")
        self._cluster = Cluster(site.namespace, site.folder / "postgresql.log", ACCESS)
        try:
            self._cluster.start()
            self._cluster.run(f"CREATE ROLE {USER} LOGIN; CREATE DATABASE {DATABASE} OWNER {USER};")
            self.run(Path(__file__).with_suffix(".sql").read_text())
            configuration = site.folder / "proxy.json"
            configuration.touch(mode=0o600)
            users = {USER: self._password}
            configuration.write_text(
                json.dumps({"backend": str(self._cluster.socket), "users": users, "doors": doors})
            )
            log = site.folder / "proxy.log"
            argv = [sys.executable, "-m", "tests.servers.redshift_proxy", str(configuration)]
            self._proxy = site.namespace.start(argv, log)
            self._proxy.wait_until(lambda: "listening" in log.read_text())
        except BaseException:
            self._cluster.remove()
            raise

    def login(self, port: int) -> Login:
        fields = {"host": self.host, "port": port, "user": USER, "database": DATABASE}
        return Login(fields, {"password": self._password})

    def marked(self, marker: str) -> str:
        return f"SELECT '{marker}' AS marker"

    def slow(self, marker: str) -> str:
        return f"SELECT '{marker}' AS marker, pg_sleep(60)::text AS slept"

    def running(self, marker: str) -> bool:
        return (
            self.run(
                f"SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%{marker}%' AND state = 'active'"
                " AND pid <> pg_backend_pid()"
            )
            != "0"
        )

    def run(self, statements: str) -> str:
        """Run SQL in the database as PostgreSQL's superuser; rows as lines, ``|`` between values."""
        return self._cluster.run(statements, DATABASE)

    def stop(self) -> None:
        self._proxy.stop()
        self._cluster.remove()


database = Redshift
