"""Oracle's MySQL itself, as Debian's unstable release packages it (``scripts/servers/mysql.sh``)."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.servers.process import PROJECT_FOLDER

from .mysql_family import MySQLFamily, as_owner

PROGRAM = PROJECT_FOLDER / ".build/servers/mysql/bin/mysqld"


class MySQL(MySQLFamily):
    """MySQL in every situation."""

    system = "mysql"

    def initialise(self, data: Path) -> None:
        if not PROGRAM.exists():
            raise RuntimeError("MySQL's server is not there: run scripts/servers/mysql.sh.")
        argv = [*self.program(data, 0), "--initialize-insecure", f"--datadir={data}", *as_owner()]
        with (self.site.folder / "initialize.log").open("wb") as log:
            subprocess.run(argv, check=True, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        # Each makes an identity of its own.
        (data / "auto.cnf").unlink(missing_ok=True)

    def program(self, data: Path, port: int) -> list[str]:
        return [
            str(PROGRAM),
            f"--tmpdir={self.files}",
            "--mysqlx=OFF",
            "--secure-file-priv=NULL",
            "--innodb-redo-log-capacity=8M",
            "--innodb-buffer-pool-size=32M",
            "--innodb-log-buffer-size=1M",
            "--table-open-cache=200",
            "--table-definition-cache=400",
        ]

    def without_tls(self) -> Sequence[str]:
        return ["--tls-version="]


database = MySQL
