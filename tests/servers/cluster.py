"""A PostgreSQL server in the namespace: files in a folder of its own, its superuser behind a Unix socket."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import final

from .certificates import Certificate
from .namespace import Namespace
from .process import ServerProcess

CONFIGURATION = """\
listen_addresses = '{address}'
port = {port}
unix_socket_directories = '{folder}'
unix_socket_permissions = 0700
password_encryption = '{passwords}'
shared_buffers = 32MB
fsync = off
log_connections = on
log_statement = 'none'
"""
WITH_TLS = """\
ssl = on
ssl_cert_file = '{folder}/server.crt'
ssl_key_file = '{folder}/server.key'
ssl_ca_file = '{folder}/clients.crt'
"""

# The superuser comes in only through the Unix socket in the server's own folder.
ACCESS = "local all postgres trust\n"


@final
class Cluster:
    """One server. Its data lie below /tmp; who made it calls ``remove`` at the end."""

    def __init__(
        self,
        namespace: Namespace,
        log: Path,
        access: str,
        *,
        address: str = "",
        port: int = 5432,
        certificate: Certificate | None = None,
        passwords: str = "scram-sha-256",
        template: Cluster | None = None,
    ) -> None:
        """Make it; ``start`` starts it.

        Args:
            namespace: Where it listens.
            log: What it says goes there.
            access: More lines of ``pg_hba.conf``.
            address: Where it listens; empty for its Unix socket alone.
            port: Where it listens.
            certificate: The server's own; without one it has no TLS. Clients' are of the same authority.
            passwords: How they are kept.
            template: A stopped cluster to copy; otherwise a new one is made.
        """
        self._namespace = namespace
        self._log = log
        self._port = port
        # Below /tmp: the path of a Unix socket is short, and the server's user must be able to get there.
        self.folder = Path(tempfile.mkdtemp(prefix="underpass-postgresql-", dir="/tmp"))
        configuration = CONFIGURATION + (WITH_TLS if certificate else "")
        if certificate:
            shutil.copy(certificate.certificate, self.folder / "server.crt")
            shutil.copy(certificate.key, self.folder / "server.key")
            shutil.copy(certificate.authority, self.folder / "clients.crt")
        as_server = _as_unprivileged_user(self.folder)
        data = self.folder / "data"
        if template is None:
            initdb = [
                *(*as_server, _program("initdb"), "--pgdata", str(data), "--username=postgres"),
                *("--auth-local=trust", "--auth-host=reject", "--encoding=UTF8", "--locale=C", "--no-sync"),
                "--wal-segsize=4",
            ]
            ServerProcess(initdb, log.with_name("initdb.log")).wait()
        else:
            original = str(template.folder / "data")
            subprocess.run([*as_server, "cp", "--recursive", original, str(data)], check=True)
        (data / "postgresql.auto.conf").write_text(
            configuration.format(address=address, port=port, folder=self.folder, passwords=passwords)
        )
        (data / "pg_hba.conf").write_text(ACCESS + access)
        self._argv = [*as_server, _program("postgres"), "-D", str(data)]
        self._process: ServerProcess | None = None

    def start(self) -> None:
        """Start it, at first or after ``stop``, and wait until it answers."""
        self.spawn()
        self.wait()

    def spawn(self) -> None:
        """Start it; ``wait`` waits for it."""
        self._process = self._namespace.start(self._argv, self._log)

    def wait(self) -> None:
        """Wait until it answers."""
        assert self._process is not None
        self._process.wait_until(self._answers)

    def stop(self) -> None:
        """Stop it; open connections are ended."""
        if self._process is not None:
            self._process.stop(signal.SIGINT)

    def remove(self) -> None:
        """Stop it for good and remove its data."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def socket(self) -> Path:
        """Its Unix socket, for the superuser."""
        return self.folder / f".s.PGSQL.{self._port}"

    def run(self, statements: str, database: str = "postgres") -> str:
        """Run SQL as the superuser, past the network.

        Returns:
            One line for each row, ``|`` between the values.
        """
        psql = [_program("psql"), "--no-psqlrc", "--quiet", "--no-align", "--tuples-only"]
        where = [f"--host={self.folder}", f"--port={self._port}", "--username=postgres", database]
        finished = subprocess.run(
            [*psql, "--set=ON_ERROR_STOP=1", *where],
            input=statements,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        return finished.stdout.strip()

    def _answers(self) -> bool:
        asked = [_program("pg_isready"), "--quiet", f"--host={self.folder}", f"--port={self._port}"]
        return subprocess.run(asked, check=False).returncode == 0


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
