"""In place of BigQuery an imitation of its REST interface (``tests/servers/bigquery``), see there.

It is not BigQuery, and not even close to its SQL: it is there because nothing else can be. As BigQuery is on
the internet, it is not behind the bastion: it is reached at a port of ``localhost``.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import sys
from contextlib import closing
from typing import final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.servers.certificates import Flaw
from tests.servers.internet import NAME, Published

from .base import Database, Login, Site

PLAIN_PORT, TLS_PORT = 8500, 8543
ENDLESS = (
    "WITH RECURSIVE counter(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counter WHERE n < 3000000000) "
    "SELECT '{}' AS marker, count(*) AS n FROM counter"
)


@final
class BigQuery(Database):
    """One server, and in front of it one end of TLS with the right certificate and one with another name."""

    system = "bigquery"

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        public = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        (site.folder / "key.pub").write_bytes(public)
        self._key = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()
        control = str(site.folder / "control")
        self._server = site.namespace.start(
            [sys.executable, "-m", "tests.servers.bigquery", str(PLAIN_PORT), control],
            site.folder / "bigquery.log",
            environment={"BIGQUERY_KEY": str(site.folder / "key.pub")},
        )
        self._server.wait_until(self._answers)
        self._published: dict[Flaw | None, Published] = {
            None: Published(site, PLAIN_PORT, TLS_PORT),
            "wrong-name": Published(site, PLAIN_PORT, TLS_PORT + 1, "wrong-name"),
        }
        #: Port of ``localhost`` by what is wrong with the certificate.
        self.ports = {flaw: published.port for flaw, published in self._published.items()}

    def _answers(self) -> bool:
        try:
            return self._statements() == []
        except OSError:
            return False

    def _statements(self) -> list[str]:
        descriptor = os.open(self.site.folder, os.O_PATH)
        try:
            with closing(http.client.HTTPConnection("control")) as control:
                control.sock = socket.socket(socket.AF_UNIX)
                # The path of a socket has to be short.
                control.sock.connect(f"/proc/self/fd/{descriptor}/control")
                control.request("GET", "/running")
                return json.loads(control.getresponse().read())
        finally:
            os.close(descriptor)

    def key(self, port: int, private_key: str | None = None) -> str:
        """The JSON of a service account."""
        return json.dumps(
            {
                "type": "service_account",
                "project_id": "acme",
                "private_key_id": "1",
                "private_key": private_key or self._key,
                "client_email": "analyst@acme.iam.gserviceaccount.com",
                "token_uri": f"https://{NAME}:{port}/token",
            }
        )

    def login(self, port: int) -> Login:
        options = {"api_endpoint": f"https://{NAME}:{port}"}
        return Login({"project": "acme", "options": options}, {"serviceAccountKey": self.key(port)})

    def marked(self, marker: str) -> str:
        return f"SELECT '{marker}' AS marker"

    def slow(self, marker: str) -> str:
        return ENDLESS.format(marker)

    def running(self, marker: str) -> bool:
        return any(marker in statement for statement in self._statements())

    def stop(self) -> None:
        for process in (*self._published.values(), self._server):
            process.stop()


database = BigQuery
