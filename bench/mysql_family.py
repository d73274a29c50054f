"""MySQL and MariaDB, compared with the public drivers that keep the promise of TLS."""

# Peers are installed by `make bench` alone.
# pyright: reportMissingImports=false

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pandas as pd

from tests.servers.databases import Database
from underpass.connectors.tls import Tls
from underpass.ready import Ready

from .systems import Peer, Read

TABLE = "SELECT * FROM measurements"
AIM = 1.5


def prepare(database: Database) -> None:
    """Fill the table, as the administrator."""
    from tests.servers.databases.mysql_family import MySQLFamily

    cast("MySQLFamily", database).ask(Path(__file__).with_suffix(".sql").read_text())


def _login(ready: Ready) -> dict[str, Any]:
    return {
        "host": ready.endpoint.host,
        "port": ready.endpoint.port,
        "user": ready.fields["user"],
        "password": ready.secrets["password"],
        "database": ready.fields["database"],
        "ssl": Tls.of(ready).context(),
    }


def asyncmy(ready: Ready) -> Read:
    from asyncmy import connect

    loop = asyncio.new_event_loop()

    async def open_connection() -> Any:
        return await connect(**_login(ready))

    connection = loop.run_until_complete(open_connection())

    async def fetch(statement: str) -> pd.DataFrame:
        async with connection.cursor() as cursor:
            await cursor.execute(statement)
            rows = await cursor.fetchall()
            return pd.DataFrame.from_records(rows, columns=[column[0] for column in cursor.description])

    return lambda statement: loop.run_until_complete(fetch(statement))


def pymysql(ready: Ready) -> Read:
    from pymysql import connect

    connection = connect(**_login(ready))

    def read(statement: str) -> pd.DataFrame:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            names = [column[0] for column in cursor.description or ()]
            return pd.DataFrame.from_records(list(cursor.fetchall()), columns=names)

    return read


def connectorx(ready: Ready) -> Read:
    """For comparison only: it does not encrypt, although the integration requires it."""
    # pyright does not see what only `make bench` installs.
    from connectorx import read_sql

    login = {**_login(ready), "host": "127.0.0.1"}
    uri = "mysql://{user}:{password}@{host}:{port}/{database}".format(**login)
    return lambda statement: read_sql(uri, statement)


PEERS: Mapping[str, Peer] = {"asyncmy": asyncmy, "PyMySQL": pymysql}
