"""Trino itself (476), on a Java of its own, with the catalogs memory, tpch and blackhole.

It has one port without TLS, where it believes every user name and takes no password, and one with TLS, where
it wants a password, a token or a client certificate. It has one certificate: ``tlsfront`` shows others in
front of it, as load balancers do, and speaks TLS with it behind them.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import secrets
import socket
import sys
import time
from contextlib import closing
from typing import Any, final

from tests.servers.certificates import Certificate
from tests.servers.process import PROJECT_FOLDER
from tests.servers.tlsfront import TlsFront

from .base import FLAWS, Database, Login, Site

FOLDER = PROJECT_FOLDER / ".build/servers/trino"
USER = "warehouse_analyst"
#: Asks and prepares, past the network.
OPERATOR = "operator"

PLAIN_PORT, TLS_PORT = 8080, 8443

CONFIGURATION = """\
coordinator=true
node-scheduler.include-coordinator=true
http-server.http.port={plain_port}
http-server.https.enabled=true
http-server.https.port={tls_port}
http-server.https.keystore.path={folder}/etc/server.pem
http-server.https.truststore.path={authority}
http-server.authentication.type=PASSWORD,JWT,CERTIFICATE
http-server.authentication.allow-insecure-over-http=true
http-server.authentication.certificate.user-mapping.pattern=CN=(.*)
http-server.authentication.jwt.key-file={folder}/etc/token.key
internal-communication.shared-secret={secret}
discovery.uri=http://{address}:{plain_port}
query.max-memory-per-node=600MB
"""
CATALOGS = {
    "blackhole": "connector.name=blackhole",
    "memory": "connector.name=memory\nmemory.max-data-per-node=512MB",
    "tpch": "connector.name=tpch",
}
#: Its sixty rows come one a second.
SLOW_TABLE = """\
CREATE TABLE blackhole.default.slow (n bigint) WITH
(split_count = 1, pages_per_split = 60, rows_per_page = 1, page_processing_delay = '1s')"""


@final
class Trino(Database):
    """One server, and an end of TLS in front of it for each further certificate."""

    system = "trino"

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._password = secrets.token_urlsafe(18)
        self._token_key = secrets.token_bytes(32)
        self._configure()
        self._server = site.namespace.start(self._command(), site.folder / "trino.log")
        # The way past the network: outside, this machine's own loopback.
        with socket.create_server(("127.0.0.1", 0)) as outside:
            self._entry = outside.getsockname()[:2]
            argv = [sys.executable, "-m", "tests.servers.relay", str(outside.fileno())]
            self._relay = site.namespace.start(
                [*argv, f"{self.address}:{PLAIN_PORT}"], site.folder / "relay.log", keep=(outside.fileno(),)
            )
        self._server.wait_until(self._answers, seconds=120)
        self.execute(SLOW_TABLE)
        self.offer("offered", TLS_PORT)
        self.offer("refused", PLAIN_PORT)
        self.offer("stripped", PLAIN_PORT, stripper="plain-port")
        self._fronts: list[TlsFront] = []
        for port, flaw in enumerate((None, *FLAWS), start=TLS_PORT + 1):
            self._front(port, site.authority.server(self.host, flaw))
            self.offer(flaw or "demanded", port)

    def _configure(self) -> None:
        folder = self.site.folder
        (folder / "etc" / "catalog").mkdir(parents=True)
        certificate = self.site.authority.server(self.host)
        texts = {
            "config.properties": CONFIGURATION.format(
                plain_port=PLAIN_PORT,
                tls_port=TLS_PORT,
                folder=folder,
                authority=certificate.authority,
                secret=secrets.token_urlsafe(32),
                address=self.address,
            ),
            "password-authenticator.properties": (
                f"password-authenticator.name=file\nfile.password-file={folder}/etc/password.db\n"
            ),
            "password.db": f"{USER}:{_hashed(self._password)}\n",
            "token.key": base64.b64encode(self._token_key).decode(),
            "server.pem": certificate.key.read_text() + certificate.certificate.read_text(),
            "log.properties": "=WARN\n",
            **{f"catalog/{name}.properties": text + "\n" for name, text in CATALOGS.items()},
        }
        for name, text in texts.items():
            (folder / "etc" / name).touch(mode=0o600)
            (folder / "etc" / name).write_text(text)

    def _command(self) -> list[str]:
        folder = self.site.folder
        (folder / "data").mkdir()
        # Its workers call each other by this address; the namespace has many.
        node = {
            "environment": "test",
            "id": "trino",
            "data-dir": folder / "data",
            "bind-ip": self.address,
            "internal-address": self.address,
        }
        # It takes its working folder from this process, so all paths are whole.
        return [
            str(FOLDER / "java/bin/java"),
            *("-Xmx1400M", "-XX:+ExitOnOutOfMemoryError", "-XX:-UsePerfData"),
            *("-Djdk.attach.allowAttachSelf=true", "-Djol.skipHotspotSAAttach=true"),
            *("-Dfile.encoding=UTF-8", "--enable-native-access=ALL-UNNAMED"),
            *(f"-Dnode.{name}={value}" for name, value in node.items()),
            f"-Djava.io.tmpdir={folder}/data",
            f"-Dcatalog.config-dir={folder}/etc/catalog",
            f"-Dplugin.dir={FOLDER}/plugin",
            f"-Dpassword-authenticator.config-files={folder}/etc/password-authenticator.properties",
            f"-Dlog.levels-file={folder}/etc/log.properties",
            f"-Dconfig={folder}/etc/config.properties",
            *("-cp", f"{FOLDER}/lib/*", "io.trino.server.TrinoServer"),
        ]

    def _front(self, port: int, certificate: Certificate) -> None:
        listen, dial = f"{self.address}:{port}", f"{self.address}:{TLS_PORT}"
        log = self.site.folder / f"tls-{port}.log"
        self._fronts.append(TlsFront(self.site.namespace, listen, dial, certificate, log, encrypt=True))

    def _answers(self) -> bool:
        try:
            return self.execute("SELECT count(*) FROM tpch.tiny.nation") == [[25]]
        except (OSError, RuntimeError, ValueError, http.client.HTTPException):
            return False

    def execute(self, statement: str) -> list[list[Any]]:
        """Run a statement as the operator, past the network; its rows, as JSON has them.

        Raises:
            RuntimeError: the server refused it.
        """
        rows: list[list[Any]] = []
        with closing(http.client.HTTPConnection(*self._entry)) as connection:

            def ask(method: str, path: str, body: bytes = b"") -> dict[str, Any]:
                connection.request(method, path, body, {"X-Trino-User": OPERATOR})
                answer = json.loads(connection.getresponse().read())
                if "error" in answer:
                    raise RuntimeError(answer["error"]["message"])
                rows.extend(answer.get("data", []))
                return answer

            answer = ask("POST", "/v1/statement", statement.encode())
            while "nextUri" in answer:
                answer = ask("GET", "/" + answer["nextUri"].split("/", 3)[3])
        return rows

    def login(self, port: int) -> Login:
        fields = {"host": self.host, "port": port, "user": USER, "catalog": "memory", "schema": "default"}
        return Login(fields, {"password": self._password})

    def token(self, user: str = USER, seconds: int = 3600) -> str:
        """A JSON web token for ``user`` that the server accepts that long from now."""
        parts = ({"alg": "HS256"}, {"sub": user, "exp": int(time.time()) + seconds})
        signed = ".".join(_base64url(json.dumps(part).encode()) for part in parts)
        digest = hmac.digest(self._token_key, signed.encode(), "sha256")
        return f"{signed}.{_base64url(digest)}"

    def marked(self, marker: str) -> str:
        return f"SELECT '{marker}' AS marker"

    def slow(self, marker: str) -> str:
        return f"SELECT '{marker}' AS marker, count(*) AS n FROM blackhole.default.slow"

    def running(self, marker: str) -> bool:
        asked = f"SELECT count(*) FROM system.runtime.queries WHERE query LIKE '%{marker}%'"
        return self.execute(f"{asked} AND state = 'RUNNING' AND \"user\" <> '{OPERATOR}'") != [[0]]

    def stop(self) -> None:
        for front in self._fronts:
            front.stop()
        self._relay.stop()
        self._server.stop()


def _hashed(password: str) -> str:
    """As its password file has it: iterations, salt, PBKDF2."""
    iterations, salt = 1000, secrets.token_bytes(16)
    digest = hashlib.pbkdf2_hmac("sha1", password.encode(), salt, iterations, dklen=32)
    return f"{iterations}:{salt.hex()}:{digest.hex()}"


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


database = Trino
