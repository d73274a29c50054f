"""ClickHouse itself (26.7), its HTTP interface, out of the library that npm distributes.

The library is clickhouse-local with the whole server in it. It can not listen with TLS, so ``tlsfront`` does
that at ports of its own, as load balancers do; in ClickHouse, too, the port decides. What is not here: the
native protocol, and logging in by client certificate, which ClickHouse allows only where it ends TLS itself.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import secrets
import socket
import sys
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.servers.certificates import Certificate
from tests.servers.process import PROJECT_FOLDER
from tests.servers.tlsfront import TlsFront

from .base import FLAWS, Database, Login, Site

LIBRARY = PROJECT_FOLDER / ".build/servers/clickhouse/libchdb.so"
PROGRAM = PROJECT_FOLDER / "tests/servers/libclickhouse.py"
DATABASE = "warehouse"
USER = "warehouse_analyst"
#: May read, but neither write nor change a setting.
READER = "warehouse_reader"
#: Asks and prepares, past the network.
OPERATOR = "operator"

PLAIN_PORT, TLS_PORT = 8123, 8443

CONFIGURATION = """\
<clickhouse>
  <http_port>{port}</http_port>
  <users_config>{folder}/users.xml</users_config>
  <user_defined_path>{folder}/user_defined</user_defined_path>
</clickhouse>
"""

# The program's own session is the user default's, who has no password and needs no more rights than these.
USERS = """\
<clickhouse>
  <profiles><default/><reader><readonly>1</readonly></reader></profiles>
  <quotas><default/></quotas>
  <users>
    <default>
      <no_password/><networks><ip>::1</ip></networks><profile>default</profile><quota>default</quota>
      <grants>
        <query>GRANT CREATE DATABASE, SYSTEM LISTEN, CREATE TEMPORARY TABLE ON *.*</query>
      </grants>
    </default>
    {accounts}
  </users>
</clickhouse>
"""
ACCOUNT = """\
<{name}>
      <password_sha256_hex>{digest}</password_sha256_hex><networks><ip>::/0</ip></networks>
      <profile>{profile}</profile><quota>default</quota><grants>{grants}</grants>
    </{name}>"""
GRANTS = {
    USER: [
        *(f"GRANT ALL ON {DATABASE}.*", "GRANT CREATE TEMPORARY TABLE, TABLE ENGINE ON *.*"),
        *("GRANT SELECT ON system.*", "GRANT CREATE FUNCTION, DROP FUNCTION ON *.*"),
    ],
    READER: [f"GRANT SELECT ON {DATABASE}.*"],
    OPERATOR: ["GRANT ALL ON *.*"],
}

#: The server refuses to sleep for more than 3 s for each of its blocks.
SLOWLY = "SETTINGS function_sleep_max_microseconds_per_block = 0, max_block_size = 1"
STATEMENTS = (
    f"CREATE DATABASE {DATABASE}",
    "SYSTEM START LISTEN HTTP",
    # Keeps the program running.
    f"SELECT sum(sleepEachRow(3)) FROM numbers(10000000) {SLOWLY}",
)


class ClickHouse(Database):
    """One server; in front of it one end of TLS for each certificate."""

    system = "clickhouse"

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._passwords = {name: secrets.token_urlsafe(18) for name in GRANTS}
        self._server = site.namespace.start(self._command(), site.folder / "clickhouse.log")
        # The way past the network: outside, this machine's own loopback.
        with socket.create_server(("127.0.0.1", 0)) as outside:
            self._entry = outside.getsockname()[:2]
            argv = [sys.executable, "-m", "tests.servers.relay", str(outside.fileno())]
            self._relay = site.namespace.start(
                [*argv, f"{self.address}:{PLAIN_PORT}"], site.folder / "relay.log", keep=(outside.fileno(),)
            )
        self._server.wait_until(self._answers)
        self._fronts: list[TlsFront] = []
        self.offer("refused", PLAIN_PORT)
        self.offer("stripped", PLAIN_PORT, stripper="plain-port")
        for number, situation in enumerate(("offered", "demanded", *FLAWS)):
            flaw = situation if situation in FLAWS else None
            self._front(TLS_PORT + number, site.authority.server(self.host, flaw))
            self.offer(situation, TLS_PORT + number)
        # Lets in only who shows a certificate.
        self.guarded_port = TLS_PORT + 10
        self._front(self.guarded_port, site.authority.server(self.host), site.authority.certificate)

    def _command(self) -> list[str]:
        folder = self.site.folder
        accounts = (
            ACCOUNT.format(
                name=name,
                digest=hashlib.sha256(password.encode()).hexdigest(),
                profile="reader" if name == READER else "default",
                grants="".join(f"<query>{grant}</query>" for grant in GRANTS[name]),
            )
            for name, password in self._passwords.items()
        )
        (folder / "users.xml").touch(mode=0o600)
        (folder / "users.xml").write_text(USERS.format(accounts="\n    ".join(accounts)))
        (folder / "config.xml").write_text(CONFIGURATION.format(port=PLAIN_PORT, folder=folder))
        files = [f"--config-file={folder}/config.xml", f"--path={folder}/store", "--logger.level=warning"]
        argv = [sys.executable, str(PROGRAM), str(LIBRARY), *files]
        return [*argv, f"--listen_host={self.address}", f"--query={'; '.join(STATEMENTS)}"]

    def _front(self, port: int, certificate: Certificate, clients: Path | None = None) -> None:
        listen, dial = f"{self.address}:{port}", f"{self.address}:{PLAIN_PORT}"
        log = self.site.folder / f"tls-{port}.log"
        self._fronts.append(TlsFront(self.site.namespace, listen, dial, certificate, log, clients=clients))

    def _answers(self) -> bool:
        try:
            return self.execute("SELECT 1") == [{"1": 1}]
        except (OSError, http.client.HTTPException):
            return False

    def execute(self, statement: str, **settings: str | int) -> list[dict[str, Any]]:
        """Run a statement as the operator, past the network; its rows.

        Raises:
            RuntimeError: the server refused it.
        """
        query = {"default_format": "JSONEachRow", "output_format_json_quote_64bit_integers": 0, **settings}
        user = {"X-ClickHouse-User": OPERATOR, "X-ClickHouse-Key": self._passwords[OPERATOR]}
        with closing(http.client.HTTPConnection(*self._entry)) as connection:
            connection.request("POST", f"/?{urlencode(query)}", statement.encode(), user)
            answer = connection.getresponse()
            text = answer.read().decode()
        if answer.status != http.HTTPStatus.OK:
            raise RuntimeError(text)
        return [json.loads(line) for line in text.splitlines()]

    def login(self, port: int) -> Login:
        fields = {"host": self.host, "port": port, "user": USER, "database": DATABASE}
        return Login(fields, {"password": self._passwords[USER]})

    def reader(self, port: int) -> Login:
        """The login of one who may only read."""
        login = self.login(port)
        return Login({**login.fields, "user": READER}, {"password": self._passwords[READER]})

    def marked(self, marker: str) -> str:
        return f"SELECT '{marker}' AS marker"

    def slow(self, marker: str) -> str:
        return f"SELECT sum(sleepEachRow(0.1)), '{marker}' FROM numbers(600) {SLOWLY}"

    def running(self, marker: str) -> bool:
        asked = "SELECT count() AS n FROM system.processes"
        found = self.execute(f"{asked} WHERE query LIKE '%{marker}%' AND user != '{OPERATOR}'")
        return found[0]["n"] > 0

    def stop(self) -> None:
        for front in self._fronts:
            front.stop()
        self._relay.stop()
        self._server.stop()


database = ClickHouse
