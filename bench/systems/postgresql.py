"""PostgreSQL, compared with ADBC and ConnectorX."""

# Peers are installed by `make bench` alone.
# pyright: reportMissingImports=false

from __future__ import annotations

from pathlib import Path
from typing import cast
from urllib.parse import quote

import adbc_driver_postgresql.dbapi as adbc
import pandas as pd

from tests.servers.databases import Database
from underpass.ready import Ready

from . import Read

TABLE = "SELECT * FROM measurements"
AIM = 1.2


def prepare(database: Database) -> None:
    """Fill the table, as the superuser."""
    from tests.servers.databases.postgresql import PostgreSQL

    cast("PostgreSQL", database).run(Path(__file__).with_suffix(".sql").read_text())


def _uri(ready: Ready) -> str:
    user, password = quote(ready.fields["user"]), quote(ready.secrets["password"])
    return f"postgresql://{user}:{password}@127.0.0.1:{ready.endpoint.port}/{quote(ready.fields['database'])}"


def bare_adbc(ready: Ready) -> Read:
    connection = adbc.connect(f"{_uri(ready)}?sslmode=require", autocommit=True)

    def read(statement: str) -> pd.DataFrame:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetch_arrow_table().to_pandas()

    return read


def connectorx(ready: Ready) -> Read:
    # pyright does not see what only `make bench` installs.
    from connectorx import read_sql

    return lambda statement: read_sql(f"{_uri(ready)}?sslmode=require", statement)


PEERS = {"ADBC": bare_adbc, "ConnectorX": connectorx}
