"""PostgreSQL, the real one: six servers, because each has one certificate and one attitude to TLS."""

from __future__ import annotations

import secrets
from typing import cast, final

from tests.servers.certificates import Flaw
from tests.servers.cluster import Cluster

from .base import FLAWS, Database, Login, Site, Situation

FIRST_PORT = 5432
USER = "warehouse_analyst"
#: Logs in with a certificate for this name and no password.
CERTIFIED_USER = "certified_analyst"
DATABASE = "warehouse"

#: How each situation lets people in.
OFFERED = f"""\
hostssl all {CERTIFIED_USER} all cert
host all all all scram-sha-256
"""
DEMANDED = f"""\
hostssl all {CERTIFIED_USER} all cert
hostssl all all all scram-sha-256
"""


@final
class PostgreSQL(Database):
    """The same users and databases in each of the servers, made by copying the first."""

    system = "postgresql"

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._password = secrets.token_urlsafe(18)
        first = self._cluster("offered", 0)
        self._clusters: dict[Situation, Cluster] = {"offered": first}
        try:
            first.start()
            first.run(
                f"CREATE ROLE {USER} LOGIN PASSWORD '{self._password}'; CREATE ROLE {CERTIFIED_USER} LOGIN;"
                f"CREATE DATABASE {DATABASE} OWNER {USER};"
            )
            first.stop()
            others: tuple[Situation, ...] = ("refused", "demanded", *FLAWS)
            for number, situation in enumerate(others, start=1):
                self._clusters[situation] = self._cluster(situation, number, first)
            for cluster in self._clusters.values():
                cluster.spawn()
            for cluster in self._clusters.values():
                cluster.wait()
        except BaseException:
            self.stop()
            raise
        for number, situation in enumerate(self._clusters):
            self.offer(situation, FIRST_PORT + number)
        self.offer("stripped", FIRST_PORT, stripper="postgresql")

    def _cluster(self, situation: Situation, number: int, template: Cluster | None = None) -> Cluster:
        authority = self.site.authority
        certificate = None
        if situation != "refused":
            flaw = cast("Flaw", situation) if situation in FLAWS else None
            certificate = authority.server(self.host, flaw)
        return Cluster(
            self.site.namespace,
            self.site.folder / f"{situation}.log",
            DEMANDED if situation == "demanded" else OFFERED,
            address=self.address,
            port=FIRST_PORT + number,
            certificate=certificate,
            template=template,
        )

    def login(self, port: int) -> Login:
        fields = {"host": self.host, "port": port, "user": USER, "database": DATABASE}
        return Login(fields, {"password": self._password})

    def marked(self, marker: str) -> str:
        return f"SELECT '{marker}' AS marker"

    def slow(self, marker: str) -> str:
        return f"SELECT '{marker}' AS marker, pg_sleep(60)::text AS slept"

    def running(self, marker: str) -> bool:
        asked = (
            f"SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%{marker}%' AND state = 'active'"
            " AND pid <> pg_backend_pid()"
        )
        return any(cluster.run(asked) != "0" for cluster in self._clusters.values())

    def run(self, statements: str, situation: Situation = "offered") -> str:
        """Run SQL in the database as the superuser, past the network; rows as lines, ``|`` between values."""
        return self._clusters[situation].run(statements, DATABASE)

    def stop(self) -> None:
        for cluster in self._clusters.values():
            cluster.remove()


database = PostgreSQL
