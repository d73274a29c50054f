"""SQL Server, compared with mssql-python's own way to Arrow.

The server is a stand-in whose answer is encoded beforehand, so this is about reading alone. ConnectorX can
not connect to it.
"""

from __future__ import annotations

from functools import partial
from typing import cast

import mssql_python
import pandas as pd

from tests.servers.databases import Database
from underpass.ready import Ready

from . import Read

TABLE = "SELECT * FROM dbo.measurements"
AIM = 1.2


def prepare(database: Database) -> None:
    """Have the answer encoded."""
    from tests.servers.databases.sqlserver import SQLServer

    cast("SQLServer", database).prepare_large_table()


def _connect(ready: Ready) -> mssql_python.Connection:
    password = ready.secrets["password"].replace("}", "}}")
    return mssql_python.connect(
        f"Server=tcp:127.0.0.1,{ready.endpoint.port};Database={ready.fields['database']};"
        f"UID={ready.fields['user']};PWD={{{password}}};Encrypt=yes;TrustServerCertificate=yes",
        autocommit=True,
    )


def arrow(ready: Ready, rows_at_once: int = 8192) -> Read:
    connection = _connect(ready)

    def read(statement: str) -> pd.DataFrame:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.arrow(rows_at_once).to_pandas()

    return read


#: As the driver does it, and in larger batches. Its fetchall() takes ten times as long.
PEERS = {"arrow()": arrow, "arrow(65536)": partial(arrow, rows_at_once=1 << 16)}
