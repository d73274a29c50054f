"""MariaDB itself, as Debian packages it (only the server's programs, no service)."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from .mysql_family import MySQLFamily, as_owner

#: The same from the first start on.
SIZES = ("--innodb-log-file-size=32M", "--innodb-buffer-pool-size=64M", "--aria-pagecache-buffer-size=8M")

#: What MariaDB's own installation program gives to the server; the program itself needs more packages.
SCRIPTS = Path("/usr/share/mysql")
SYSTEM_TABLES = ("mysql_system_tables", "mysql_performance_tables", "mysql_system_tables_data")
BEGINNING = """\
CREATE DATABASE mysql;
USE mysql;
SET @auth_root_socket = NULL;
"""
ENDING = "DELETE FROM global_priv WHERE user = '';\n"


class MariaDB(MySQLFamily):
    """MariaDB in every situation."""

    system = "mariadb"

    def initialise(self, data: Path) -> None:
        data.mkdir()
        scripts = (SCRIPTS / f"{name}.sql" for name in SYSTEM_TABLES)
        statements = "".join([BEGINNING, *(script.read_text() for script in scripts), ENDING])
        argv = [*self.program(data, 0), "--bootstrap", f"--datadir={data}", *as_owner()]
        with (self.site.folder / "bootstrap.log").open("wb") as log:
            subprocess.run(argv, check=True, input=statements.encode(), stdout=log, stderr=log)

    def program(self, data: Path, port: int) -> list[str]:
        found = shutil.which("mariadbd", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")
        if found is None:
            raise RuntimeError("MariaDB's server is not installed.")
        return [found, "--no-defaults", f"--tmpdir={self.files}", *SIZES]

    def without_tls(self) -> Sequence[str]:
        return ["--skip-ssl"]


database = MariaDB
