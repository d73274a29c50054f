"""ClickHouse, compared with what clickhouse-connect offers: DataFrames of its own, and Arrow's."""

from __future__ import annotations

from typing import Any, cast

import clickhouse_connect
import pandas as pd

from tests.servers.databases import Database
from underpass.ready import Ready

from . import Read

TABLE = "SELECT * FROM measurements"
AIM = 1.2

_COLUMNS = """\
number AS id,
toInt32(number % 1000) AS sensor,
number % 7 = 0 AS is_calibrated,
sin(number) * 100 AS reading,
if(number % 10 = 0, NULL, toFloat32(cos(number))) AS drift,
toDecimal64(number % 100000, 2) / 100 AS price,
toDate('2020-01-01') + number % 1000 AS day,
toDateTime('2020-01-01 00:00:00', 'UTC') + number AS taken_at,
toDateTime64('2020-01-01 00:00:00', 6, 'UTC') + number / 1000 AS stored_at,
CAST(number % 3, 'Enum8(\\'low\\' = 0, \\'middle\\' = 1, \\'high\\' = 2)') AS level,
toLowCardinality(concat('site ', toString(number % 50))) AS site,
if(number % 20 = 0, NULL, concat('note ', hex(cityHash64(number)))) AS note"""


def prepare(database: Database) -> None:
    """Fill the table, past the network."""
    from tests.servers.databases.clickhouse import DATABASE, ClickHouse

    cast("ClickHouse", database).execute(
        f"CREATE TABLE {DATABASE}.measurements ENGINE = MergeTree ORDER BY id "
        f"AS SELECT {_COLUMNS} FROM numbers(1000000)"
    )


def _client(ready: Ready) -> Any:
    return clickhouse_connect.get_client(
        host=ready.endpoint.host,
        port=ready.endpoint.port,
        username=ready.fields["user"],
        password=ready.secrets["password"],
        database=ready.fields["database"],
        secure=True,
        verify=False,
        server_host_name=ready.server.host,
    )


def query_df(ready: Ready) -> Read:
    client = _client(ready)
    return lambda statement: client.query_df(statement)


def query_arrow(ready: Ready) -> Read:
    """numpy's types; a DateTime and an Enum stay whole numbers."""
    client = _client(ready)
    return lambda statement: _frame(client.query_arrow(statement))


def query_df_arrow(ready: Ready) -> Read:
    """Arrow's own types in pandas; a DateTime and an Enum stay whole numbers."""
    client = _client(ready)
    return lambda statement: client.query_df_arrow(statement)


def _frame(table: Any) -> pd.DataFrame:
    return table.to_pandas()


PEERS = {"query_df": query_df, "query_arrow": query_arrow, "query_df_arrow": query_df_arrow}
