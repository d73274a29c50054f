"""Redis with a password: one port in clear text, one with TLS."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TypedDict, final

from .certificates import Authority
from .namespace import HOSTS, Namespace

HOST = "redis.internal"
PORT = 6379
TLS_PORT = 6380

CONFIGURATION = """\
bind {address}
port {port}
tls-port {tls_port}
tls-cert-file {certificate.certificate}
tls-key-file {certificate.key}
tls-auth-clients no
dir {folder}
save ""
requirepass {password}
"""


class RedisDescription(TypedDict):
    """What a client inside the network needs."""

    host: str
    port: int
    tlsPort: int
    password: str


@final
class Redis:
    """redis-server in the namespace; keeps nothing on disk. A context manager."""

    def __init__(self, namespace: Namespace, folder: Path, authority: Authority) -> None:
        folder.mkdir()
        self.password = secrets.token_urlsafe(12)
        configuration = folder / "redis.conf"
        configuration.write_text(
            CONFIGURATION.format(
                address=HOSTS[HOST],
                port=PORT,
                tls_port=TLS_PORT,
                certificate=authority.server(HOST),
                folder=folder,
                password=self.password,
            )
        )
        log = folder / "redis.log"
        self._process = namespace.start(["redis-server", str(configuration)], log)
        self._process.wait_until(lambda: "Ready to accept connections" in log.read_text())

    def __enter__(self) -> Redis:
        return self

    def __exit__(self, *exception: object) -> None:
        self._process.stop()

    @property
    def description(self) -> RedisDescription:
        return {"host": HOST, "port": PORT, "tlsPort": TLS_PORT, "password": self.password}
