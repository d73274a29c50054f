"""A real PostgreSQL server with TLS for all tests, and a workspace of its own for each test."""

from __future__ import annotations

import os
import pwd
import secrets
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pytest

from underpass.client import ServiceClient
from underpass.connectors.postgresql import PostgreSQL
from underpass.paths import find_paths
from underpass.ready import Endpoint, Ready

#: The only name in the server's certificate; it is dialled as 127.0.0.1, as through a tunnel.
SERVER_NAME = "db.test"

CONFIGURATION = """\
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = '{folder}'
ssl = on
ssl_cert_file = '{folder}/server.crt'
ssl_key_file = '{folder}/server.key'
fsync = off
"""

ACCESS = """\
local all postgres trust
hostssl all tls_only all scram-sha-256
hostnossl all plain_only all scram-sha-256
host all analyst all scram-sha-256
"""


@dataclass(frozen=True)
class Server:
    """``run`` executes SQL as the superuser, past the network."""

    port: int
    password: str
    authority: str
    folder: Path

    def run(self, statements: str) -> str:
        """Rows as text, one a line, ``|`` between the values."""
        psql = [_program("psql"), "--no-psqlrc", "-qAt", "--set=ON_ERROR_STOP=1", "--username=postgres"]
        address = [f"--host={self.folder}", f"--port={self.port}", "postgres"]
        return subprocess.run(
            [*psql, *address], input=statements, check=True, stdout=subprocess.PIPE, text=True
        ).stdout.strip()


class MakeReady(Protocol):
    def __call__(self, fields: Mapping[str, Any] | None = None, **changes: Any) -> Ready: ...


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    # Below /tmp: the path of a Unix socket is short, and the server's user must be able to get there.
    folder = Path(tempfile.mkdtemp(prefix="underpass-kernel-", dir="/tmp"))
    authority = make_certificates(folder)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    as_server: list[str] = []
    if os.geteuid() == 0:
        # PostgreSQL refuses to run as root.
        account = pwd.getpwnam("postgres")
        for path in (folder, *folder.iterdir()):
            os.chown(path, account.pw_uid, account.pw_gid)
        as_server = ["setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
    data = folder / "data"
    initdb = [_program("initdb"), f"--pgdata={data}", "--username=postgres", "--auth=trust", "--no-sync"]
    locale = ["--encoding=UTF8", "--locale=C"]
    subprocess.run([*as_server, *initdb, *locale], check=True, stdout=subprocess.DEVNULL)
    (data / "postgresql.auto.conf").write_text(CONFIGURATION.format(port=port, folder=folder))
    (data / "pg_hba.conf").write_text(ACCESS)
    control = [*as_server, _program("pg_ctl"), f"--pgdata={data}", f"--log={folder / 'log'}", "--wait"]
    subprocess.run([*control, "start"], check=True, stdout=subprocess.DEVNULL)
    server = Server(port, secrets.token_urlsafe(12), authority, folder)
    for role in ("analyst", "tls_only", "plain_only"):
        server.run(f"CREATE ROLE {role} LOGIN PASSWORD '{server.password}'")
    server.run("GRANT CREATE ON SCHEMA public TO analyst; GRANT pg_signal_backend TO analyst")
    yield server
    subprocess.run([*control, "--mode=immediate", "stop"], check=True, stdout=subprocess.DEVNULL)
    shutil.rmtree(folder)


def make_certificates(folder: Path) -> str:
    """Authority and server certificate in ``folder``; gives the authority's certificate as text."""
    new = ["openssl", "req", "-newkey", "rsa:2048", "-nodes"]
    ca = ["-x509", "-keyout", "ca.key", "-out", "ca.crt", "-days", "2", "-subj", "/CN=Test authority"]
    request = ["-keyout", "server.key", "-out", "server.csr", "-subj", f"/CN={SERVER_NAME}"]
    (folder / "names").write_text(f"subjectAltName=DNS:{SERVER_NAME}")
    sign = ["openssl", "x509", "-req", "-in", "server.csr", "-CA", "ca.crt", "-CAkey", "ca.key"]
    signed = ["-CAcreateserial", "-out", "server.crt", "-days", "2", "-extfile", "names"]
    for command in ([*new, *ca], [*new, *request], [*sign, *signed]):
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
    (folder / "server.key").chmod(0o600)
    return (folder / "ca.crt").read_text()


def _program(name: str) -> str:
    """Debian keeps PostgreSQL's programs off the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    program = str(found[-1]) if found else shutil.which(name)
    assert program is not None, f"PostgreSQL's {name} is not installed"
    return program


@pytest.fixture
def make_ready(server: Server) -> MakeReady:
    """What the service would answer for the server, as if through a tunnel."""

    def make(fields: Mapping[str, Any] | None = None, **changes: Any) -> Ready:
        values: dict[str, Any] = {
            "id": "1",
            "name": "My DB",
            "type": "postgresql",
            "generation": 1,
            "endpoint": Endpoint("127.0.0.1", server.port),
            "server": Endpoint(SERVER_NAME, 5432),
            "tunnelled": True,
            "fields": {"user": "analyst", "database": "postgres", "sslMode": "preferred", **(fields or {})},
            "secrets": {"password": server.password},
        }
        return Ready(**{**values, **changes})

    return make


@pytest.fixture
def connector(make_ready: MakeReady) -> Iterator[PostgreSQL]:
    connector = PostgreSQL.open(make_ready())
    yield connector
    connector.close()


@pytest.fixture
def interruptible() -> Iterator[None]:
    """As in a kernel; a shell's background job ignores the signal."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def stop() -> None:
    """What the Stop button does."""
    main = threading.main_thread().ident
    assert main is not None
    signal.pthread_kill(main, signal.SIGINT)


def wait_until(server: Server, query: str, answer: str) -> None:
    deadline = time.monotonic() + 20
    while server.run(query) != answer:
        assert time.monotonic() < deadline, query


@pytest.fixture
def workspace(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty workspace, and its project's folder; the service ends with the test."""
    # pytest's own folders are too long for a socket.
    with tempfile.TemporaryDirectory(prefix="underpass-test-") as folder:
        for name in ("runtime", "project"):
            Path(folder, name).mkdir(mode=0o700)
        monkeypatch.setenv("UNDERPASS_HOME", f"{folder}/home")
        monkeypatch.setenv("UNDERPASS_RUNTIME_DIR", f"{folder}/runtime")
        monkeypatch.setenv("UNDERPASS_PROJECT", f"{folder}/project")
        yield Path(folder, "project")
        monkeypatch.undo()
        monkeypatch.setenv("UNDERPASS_HOME", f"{folder}/home")
        monkeypatch.setenv("UNDERPASS_RUNTIME_DIR", f"{folder}/runtime")
        if find_paths().socket.exists():
            end_service(signal.SIGTERM)


@pytest.fixture
def client(workspace: Path) -> Iterator[ServiceClient]:
    client = ServiceClient("a test")
    yield client
    client.close()


@pytest.fixture
def database(client: ServiceClient, workspace: Path, server: Server) -> str:
    """Name of an integration of the server, without SSH, connected to the project."""
    fields = {"host": "127.0.0.1", "port": server.port, "user": "analyst", "database": "postgres"}
    client.request(
        "underpass/integrations/add",
        {
            "folder": str(workspace),
            "type": "postgresql",
            "name": "My DB",
            "fields": {**fields, "sshEnabled": False},
            "secrets": {"password": server.password},
        },
    )
    return "My DB"


def end_service(number: signal.Signals) -> None:
    """Send the service a signal and wait until it is gone."""
    client = ServiceClient("who ends it")
    pid = client.request("underpass/status", {})["pid"]
    process = os.pidfd_open(pid)
    signal.pidfd_send_signal(process, number)
    ended, _, _ = select.select([process], [], [], 30)
    os.close(process)
    client.close()
    assert ended, "the tunnel service did not end"


@pytest.fixture
def kill_service() -> Callable[[], None]:
    """End the service as a crash would."""
    return lambda: end_service(signal.SIGKILL)
