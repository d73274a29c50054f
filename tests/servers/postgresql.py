"""The database: PostgreSQL that listens only inside the namespace, with SCRAM passwords and TLS."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TypedDict, final

from .certificates import Authority
from .cluster import Cluster
from .namespace import HOSTS, Namespace

HOST = "db.internal"
PORT = 5432
USER = "analyst"
DATABASE = "shop"
#: Link to the folder of the server, which lies elsewhere.
FILES = "files"


class PostgreSQLDescription(TypedDict):
    """What a client inside the network needs."""

    host: str
    port: int
    user: str
    password: str
    database: str
    caCertificate: str


@final
class PostgreSQL:
    """One server with one database and one user that owns it; a context manager."""

    def __init__(self, namespace: Namespace, folder: Path) -> None:
        folder.mkdir()
        self.password = secrets.token_urlsafe(12)
        #: Of the server, and of clients that have a certificate.
        self.issuer = Authority(folder / "authority")
        certificate = self.issuer.server(HOST)
        self.authority = certificate.authority
        access = "host all all all scram-sha-256\n"
        log = folder / "postgresql.log"
        self._cluster = Cluster(
            namespace, log, access, address=HOSTS[HOST], port=PORT, certificate=certificate
        )
        (folder / FILES).symlink_to(self._cluster.folder)
        self.start()
        self.run(
            f"CREATE ROLE {USER} LOGIN PASSWORD '{self.password}'; CREATE DATABASE {DATABASE} OWNER {USER};"
        )

    def start(self) -> None:
        """Start it, at first or after ``stop``."""
        self._cluster.start()

    def stop(self) -> None:
        """Stop it; open connections are ended."""
        self._cluster.stop()

    def __enter__(self) -> PostgreSQL:
        return self

    def __exit__(self, *exception: object) -> None:
        """Stop it for good and remove its data."""
        self._cluster.remove()

    def run(self, statements: str, database: str = "postgres") -> str:
        """Run SQL as the superuser, past the network.

        Returns:
            One line for each row, ``|`` between the values.
        """
        return self._cluster.run(statements, database)

    @property
    def description(self) -> PostgreSQLDescription:
        return {
            "host": HOST,
            "port": PORT,
            "user": USER,
            "password": self.password,
            "database": DATABASE,
            "caCertificate": str(self.authority),
        }
