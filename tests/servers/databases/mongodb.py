"""SecantusDB, an independent server of MongoDB's wire protocol, behind a proxy of ours: not MongoDB.

SecantusDB (a beta, on WiredTiger) does the queries, the documents and the logins (SCRAM). It is one process
and can neither be several members of a replica set nor end a running operation: a proxy in front of it,
``tests/servers/mongodb/front.py``, does both, and TLS as mongod has it (``preferTLS`` on one port, so all
situations can be). The three members of the replica set are three fronts of the same data. There is no
JavaScript (``$where``) but for ``sleep``.
"""

from __future__ import annotations

import functools
import json
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, final

import pymongo
from pymongo.errors import PyMongoError

from tests.servers.certificates import Certificate
from tests.servers.namespace import HOSTS
from tests.servers.process import PROJECT_FOLDER, ServerProcess

from .base import FLAWS, Database, Login, Site

PROGRAM = PROJECT_FOLDER / ".build/servers/mongodb/bin/secantusd-py"
DATABASE = "shop"
USER = "shop_analyst"
#: May read only.
READER = "shop_reader"
SET = "rs0"
MEMBERS = ("mongodb.internal", "mongodb2.internal", "mongodb3.internal")

PLAIN_PORT, TLS_PORT, SET_PORT, SERVER_PORT = 27017, 27018, 27117, 27016
#: Another plain one: that of a stripping tap is beyond it, and ports end.
STRIPPED_PORT = 17017
#: A replica set whose first member, the primary, does not run.
HEADLESS_PORT = 27217
#: A replica set one of whose members nobody can reach from the bastion.
STRAY_PORT = 27317
STRAY = "mongodb.elsewhere.internal"
CERTIFICATE_PORT = 27417
#: Knows ``NAME`` (a replica set) and ``STRAY_NAME`` (whose members are of another domain).
NAMES_PORT = 10053
NAME, STRAY_NAME = "set.mongodb.internal", "set.elsewhere.internal"
NAMED_PORT = 27517
NAMED = ("a.mongodb.internal", "b.mongodb.internal", "c.mongodb.internal")


@final
class MongoDB(Database):
    """One server and one proxy with many ports."""

    system = "mongodb"

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self.password = secrets.token_urlsafe(18)
        # The path of a socket has to be short.
        self._private = Path(tempfile.mkdtemp(prefix="underpass-mongodb-", dir="/tmp"))
        self._socket = self._private / "front.sock"
        self._started: list[ServerProcess] = []
        #: Past the network.
        self.client = self._client()
        # Users can only be made while nobody has to log in.
        server = self._start("server", SERVER_PORT)
        self._front = self._start_front()
        self._front.wait_until(self._answers, 90)
        for user, roles in ((USER, ["root"]), (READER, [{"role": "read", "db": DATABASE}])):
            self.client.admin.command("createUser", user, pwd=self.password, roles=roles)
        holder: dict[str, Any] = {"roles": [{"role": "root", "db": "admin"}], "mechanisms": ["MONGODB-X509"]}
        self.client["$external"].command("createUser", f"CN={USER}", **holder)
        self.client[DATABASE].one.insert_one({"_id": 1})
        server.stop()
        shutil.copytree(self.site.folder / "server", self.site.folder / "certified")
        self._start("server", SERVER_PORT, "--auth").wait_until(self._logs_in, 90)

    def _start(self, name: str, port: int, *options: str) -> ServerProcess:
        store = self.site.folder / name
        argv = [str(PROGRAM), "--host", self.address, "--port", str(port), "--storage-path", str(store)]
        argv += ["--standalone", "--cache-size", "512M", "--log-level", "WARNING", *options]
        process = self.site.namespace.start(argv, self.site.folder / f"{name}.log")
        self._started.append(process)
        return process

    @functools.cached_property
    def certificate_port(self) -> int:
        """A server that ends TLS itself, so that clients can log in with their certificates; started now."""
        files = self.site.authority.server(self.host)
        authority = ["--tls-ca-file", str(files.authority)]
        own = ["--tls-cert-file", str(files.certificate), "--tls-key-file", str(files.key)]
        server = self._start("certified", CERTIFICATE_PORT, "--auth", *own, *authority)
        dial = f"import socket; socket.create_connection(({self.address!r}, {CERTIFICATE_PORT}))"
        argv = self.site.namespace.command([sys.executable, "-c", dial])
        server.wait_until(lambda: subprocess.run(argv, check=False, capture_output=True).returncode == 0, 90)
        return CERTIFICATE_PORT

    @functools.cached_property
    def names(self) -> str:
        """The DNS server that knows ``NAME`` and ``STRAY_NAME``; started now."""
        address = f"{self.address}:{NAMES_PORT}"
        members = [f"{host}:{NAMED_PORT}" for host in NAMED]
        argv = [
            sys.executable,
            "-m",
            "tests.servers.mongodb.names",
            address,
            f"authSource=admin&replicaSet={SET}",
        ]
        log = self.site.folder / "names.log"
        self._started.append(self.site.namespace.start([*argv, NAME, STRAY_NAME, *members], log))
        self._started[-1].wait_until(lambda: "listening" in log.read_text())
        return f"{self.host}:{NAMES_PORT}"

    def _start_front(self) -> ServerProcess:
        certify = self.site.authority.server
        listeners: list[dict[str, Any]] = [
            {"path": str(self._socket)},
            self._listener(PLAIN_PORT),
            self._listener(STRIPPED_PORT),
            *(
                self._listener(TLS_PORT + number, certify(self.host, flaw), "requireTLS")
                for number, flaw in enumerate((None, *FLAWS))
            ),
            self._listener(TLS_PORT + 4, certify(self.host), "preferTLS"),
            *self._set(SET_PORT, MEMBERS),
            *self._set(NAMED_PORT, NAMED),
            *self._set(HEADLESS_PORT, MEMBERS)[1:],
            *self._set(STRAY_PORT, (MEMBERS[0], STRAY))[:1],
        ]
        self.offer("refused", PLAIN_PORT)
        self.offer("stripped", STRIPPED_PORT, stripper="plain-port")
        self.offer("demanded", TLS_PORT)
        for number, flaw in enumerate(FLAWS, start=1):
            self.offer(flaw, TLS_PORT + number)
        self.offer("offered", TLS_PORT + 4)
        configuration = self.site.folder / "front.json"
        configuration.write_text(
            json.dumps({"server": [self.address, SERVER_PORT], "listeners": listeners}, indent=1)
        )
        argv = [sys.executable, "-m", "tests.servers.mongodb.front", str(configuration)]
        front = self.site.namespace.start(argv, self.site.folder / "front.log")
        self._started.append(front)
        return front

    def _listener(self, port: int, files: Certificate | None = None, tls: str = "disabled") -> dict[str, Any]:
        listener = {"host": self.address, "port": port, "tls": tls}
        if files is not None:
            listener |= {"certificate": str(files.certificate), "key": str(files.key)}
        return listener

    def _set(self, port: int, hosts: Sequence[str]) -> list[dict[str, Any]]:
        """The members of a replica set: each has a name, an address and a certificate of its own."""
        members = [f"{host}:{port}" for host in hosts]
        return [
            {
                **self._listener(port, self.site.authority.server(host), "requireTLS"),
                "host": HOSTS.get(host, ""),
                "name": member,
                "set_name": SET,
                "members": members,
            }
            for host, member in zip(hosts, members, strict=True)
        ]

    def _client(self, **login: Any) -> pymongo.MongoClient[dict[str, Any]]:
        path = str(self._socket).replace("/", "%2F")
        return pymongo.MongoClient(
            f"mongodb://{path}/?directConnection=true", serverSelectionTimeoutMS=1000, **login
        )

    def _answers(self) -> bool:
        try:
            return bool(self.client.admin.command("ping"))
        except PyMongoError:
            return False

    def _logs_in(self) -> bool:
        self.client.close()
        self.client = self._client(username=USER, password=self.password)
        return self._answers()

    def login(self, port: int) -> Login:
        values = {"host": self.host, "port": port, "user": USER, "database": DATABASE, "authSource": "admin"}
        return Login(values, {"password": self.password})

    def marked(self, marker: str) -> str:
        return f'db.one.aggregate([{{$project: {{_id: 0, marker: {{$literal: "{marker}"}}}}}}])'

    def slow(self, marker: str) -> str:
        return f'db.one.find({{$where: "sleep(60000) || true /* {marker} */"}})'

    def running(self, marker: str) -> bool:
        return bool(self.members_running(marker))

    def members_running(self, marker: str) -> list[str]:
        """Addresses of the members on which such statements run; empty text for servers of no set."""
        operations = self.client.admin.command("currentOp")["inprog"]
        return [each["host"] for each in operations if marker in json.dumps(each["command"], default=str)]

    def stop(self) -> None:
        self.client.close()
        for process in reversed(self._started):
            process.stop()
        shutil.rmtree(self._private, ignore_errors=True)


database = MongoDB
