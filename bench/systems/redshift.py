"""Redshift's look-alike, compared with Amazon's driver and with psycopg as people use it."""

# Peers are installed by `make bench` alone.
# pyright: reportMissingImports=false

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import cast

import pandas as pd
import psycopg

from tests.servers.databases import Database
from underpass.ready import Ready

from . import Read

TABLE = "SELECT * FROM measurements"
AIM = 1.3


def prepare(database: Database) -> None:
    """Fill PostgreSQL's table, as the superuser."""
    from tests.servers.databases.redshift import Redshift

    cast("Redshift", database).run(Path(__file__).with_name("postgresql.sql").read_text())


def redshift_connector(ready: Ready) -> Read:
    # pyright does not see what only `make bench` installs.
    import redshift_connector

    # It takes no authority of its own.
    with tempfile.NamedTemporaryFile("w", suffix=".crt") as file:
        file.write(ready.fields["caCertificate"])
        file.flush()
        os.environ["SSL_CERT_FILE"] = file.name
        connection = redshift_connector.connect(
            host="127.0.0.1",
            port=ready.endpoint.port,
            user=ready.fields["user"],
            password=ready.secrets["password"],
            database=ready.fields["database"],
            sslmode="verify-ca",
        )

    def read(statement: str) -> pd.DataFrame:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetch_dataframe()

    return read


def plain_psycopg(ready: Ready) -> Read:
    connection = psycopg.connect(
        host="127.0.0.1",
        port=ready.endpoint.port,
        user=ready.fields["user"],
        password=ready.secrets["password"],
        dbname=ready.fields["database"],
        sslmode="require",
        client_encoding="utf8",
        autocommit=True,
    )

    def read(statement: str) -> pd.DataFrame:
        cursor = connection.execute(statement.encode())
        names = [column.name for column in cursor.description or ()]
        return pd.DataFrame(cursor.fetchall(), columns=pd.Index(names))

    return read


PEERS = {"redshift_connector": redshift_connector, "psycopg": plain_psycopg}
