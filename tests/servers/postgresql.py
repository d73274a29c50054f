"""The database: PostgreSQL that listens only inside the namespace, with SCRAM passwords and TLS."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import TypedDict, final

from .certificates import Authority
from .namespace import HOSTS, Namespace
from .process import ServerProcess

HOST = "db.internal"
PORT = 5432
USER = "analyst"
DATABASE = "shop"
#: Link to the folder of the server, which lies elsewhere.
FILES = "files"

CONFIGURATION = """\
listen_addresses = '{address}'
port = {port}
unix_socket_directories = '{folder}'
unix_socket_permissions = 0700
ssl = on
ssl_cert_file = '{folder}/server.crt'
ssl_key_file = '{folder}/server.key'
password_encryption = 'scram-sha-256'
fsync = off
log_connections = on
log_statement = 'none'
"""

# The superuser comes in only through the Unix socket in the server's own folder.
ACCESS = """\
local all postgres trust
host all all all scram-sha-256
"""


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
        self._namespace = namespace
        self._log = folder / "postgresql.log"
        self.password = secrets.token_urlsafe(12)
        files = Authority(folder / "authority").server(HOST)
        self.authority = files.authority
        # Below /tmp: the path of a Unix socket is short, and the server's user must be able to get there.
        self._files = Path(tempfile.mkdtemp(prefix="underpass-postgresql-", dir="/tmp"))
        (folder / FILES).symlink_to(self._files)
        shutil.copy(files.certificate, self._files / "server.crt")
        shutil.copy(files.key, self._files / "server.key")
        as_server = _as_unprivileged_user(self._files)
        data = self._files / "data"
        initdb = ServerProcess(
            [
                *(*as_server, _program("initdb"), "--pgdata", str(data), "--username=postgres"),
                *("--auth-local=trust", "--auth-host=reject", "--encoding=UTF8", "--locale=C", "--no-sync"),
            ],
            folder / "initdb.log",
        )
        initdb.wait()
        configuration = CONFIGURATION.format(address=HOSTS[HOST], port=PORT, folder=self._files)
        (data / "postgresql.auto.conf").write_text(configuration)
        (data / "pg_hba.conf").write_text(ACCESS)
        self._argv = [*as_server, _program("postgres"), "-D", str(data)]
        self.start()
        self._create()

    def start(self) -> None:
        """Start it, at first or after ``stop``."""
        self._process = self._namespace.start(self._argv, self._log)
        self._process.wait_until(self._answers)

    def stop(self) -> None:
        """Stop it; open connections are ended."""
        self._process.stop(signal.SIGINT)

    def __enter__(self) -> PostgreSQL:
        return self

    def __exit__(self, *exception: object) -> None:
        """Stop it for good and remove its data."""
        self.stop()
        shutil.rmtree(self._files)

    def run(self, statements: str, database: str = "postgres") -> str:
        """Run SQL as the superuser, past the network.

        Returns:
            One line for each row, ``|`` between the values.
        """
        psql = [
            _program("psql"),
            "--no-psqlrc",
            "--quiet",
            "--no-align",
            "--tuples-only",
            "--set=ON_ERROR_STOP=1",
        ]
        finished = subprocess.run(
            [*psql, f"--host={self._files}", f"--port={PORT}", "--username=postgres", database],
            input=statements,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        return finished.stdout.strip()

    def _answers(self) -> bool:
        asked = [_program("pg_isready"), "--quiet", f"--host={self._files}", f"--port={PORT}"]
        return subprocess.run(asked, check=False).returncode == 0

    def _create(self) -> None:
        self.run(
            f"CREATE ROLE {USER} LOGIN PASSWORD '{self.password}'; CREATE DATABASE {DATABASE} OWNER {USER};"
        )

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


def _program(name: str) -> str:
    """Path of one of the newest installed PostgreSQL's programs; Debian keeps them off the PATH."""
    versions = sorted(
        Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]), reverse=True
    )
    program = str(versions[0]) if versions else shutil.which(name)
    if program is None:
        raise RuntimeError(f"PostgreSQL's {name} is not installed.")
    return program


def _as_unprivileged_user(folder: Path) -> list[str]:
    """PostgreSQL refuses to run as root: give ``folder`` to its own user and say how to become that user."""
    if os.geteuid() != 0:
        return []
    account = pwd.getpwnam("postgres")
    for path in (folder, *folder.iterdir()):
        os.chown(path, account.pw_uid, account.pw_gid)
    return ["setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
