"""Dremio, compared with the bare ADBC driver."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import adbc_driver_flightsql.dbapi as adbc
import pandas as pd
from adbc_driver_flightsql import DatabaseOptions

from tests.servers.databases import Database
from underpass.ready import Ready

from . import Read

TABLE = "SELECT * FROM scratch.measurements"
AIM = 1.2


def prepare(database: Database) -> None:
    """Fill the table, and keep its rows as Arrow: SQLite would be what is measured."""
    from tests.servers.databases.dremio import Dremio

    server = cast("Dremio", database).server
    server.execute(Path(__file__).with_suffix(".sql").read_text())
    server.reflect(TABLE)


def bare_adbc(ready: Ready) -> Read:
    options = {
        "username": ready.fields["user"],
        "password": ready.secrets["password"],
        DatabaseOptions.TLS_SKIP_VERIFY.value: "true",
        DatabaseOptions.WITH_MAX_MSG_SIZE.value: str(64 << 20),
    }
    uri = f"grpc+tls://127.0.0.1:{ready.endpoint.port}"
    connection = adbc.connect(uri, db_kwargs=options, autocommit=True)

    def read(statement: str) -> pd.DataFrame:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetch_arrow_table().to_pandas()

    return read


PEERS = {"ADBC": bare_adbc}
