"""In place of Snowflake fakesnow (``tests/servers/snowflake``), which reads its SQL on DuckDB.

It is what clients see of Snowflake: its HTTP interface under TLS, log-in with a password or a key pair, its
SQL as far as sqlglot translates it, statements in the background, cancelling. It is not Snowflake: there are
no warehouses and no roles, and results come in one piece. As Snowflake is on the internet, this one is not
behind the bastion: it is reached at a port of ``localhost``.
"""

from __future__ import annotations

import http.client
import json
import os
import secrets
import socket
from contextlib import closing
from typing import final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.servers.certificates import Flaw
from tests.servers.internet import NAME, Published
from tests.servers.process import PROJECT_FOLDER

from .base import Database, Login, Site

FOLDER = PROJECT_FOLDER / ".build/servers/snowflake"
PROGRAM = PROJECT_FOLDER / "tests/servers/snowflake/server.py"
USER = "warehouse_analyst"
PLAIN_PORT, TLS_PORT = 8400, 8443


@final
class Snowflake(Database):
    """One server, and in front of it one end of TLS with the right certificate and one with another name."""

    system = "snowflake"

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._password = secrets.token_urlsafe(18)
        self.private_key = self._new_key()
        self._server = site.namespace.start(
            [str(FOLDER / "bin/python"), str(PROGRAM), str(PLAIN_PORT), str(site.folder / "control")],
            site.folder / "snowflake.log",
            environment={
                "SNOWFLAKE_USER": USER,
                "SNOWFLAKE_PASSWORD": self._password,
                "SNOWFLAKE_KEY": str(site.folder / "key.pub"),
            },
        )
        self._server.wait_until(self._answers)
        self._published: dict[Flaw | None, Published] = {
            None: Published(site, PLAIN_PORT, TLS_PORT),
            "wrong-name": Published(site, PLAIN_PORT, TLS_PORT + 1, "wrong-name"),
        }
        #: Port of ``localhost`` by what is wrong with the certificate.
        self.ports = {flaw: published.port for flaw, published in self._published.items()}

    def _new_key(self) -> str:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        public = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        (self.site.folder / "key.pub").write_bytes(public)
        return key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()

    def _answers(self) -> bool:
        try:
            return self._statements() == []
        except OSError:
            return False

    def _statements(self) -> list[str]:
        with closing(_Control(str(self.site.folder))) as control:
            control.request("GET", "/running")
            return json.loads(control.getresponse().read())

    def login(self, port: int) -> Login:
        options = {
            "host": NAME,
            "port": str(port),
            "custom_root_store_path": str(self.site.authority.certificate),
        }
        fields = {"account": "acme", "user": USER, "database": "SHOP", "schema": "PUBLIC", "options": options}
        return Login(fields, {"password": self._password})

    def marked(self, marker: str) -> str:
        return f"SELECT '{marker}' AS marker"

    def slow(self, marker: str) -> str:
        return f"SELECT '{marker}' AS marker, count(*) FROM range(200000000000) r WHERE r.range % 7 = 3"

    def running(self, marker: str) -> bool:
        return any(marker in statement for statement in self._statements())

    def stop(self) -> None:
        for process in (*self._published.values(), self._server):
            process.stop()


class _Control(http.client.HTTPConnection):
    """HTTP over the socket in the server's folder, which is no part of any network."""

    def __init__(self, folder: str) -> None:
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


database = Snowflake
