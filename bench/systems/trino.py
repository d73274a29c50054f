"""Trino, compared with its own Python client: as it comes, and without compressing and without types."""

from __future__ import annotations

import ssl
import warnings
from typing import Any, cast

import pandas as pd
import requests
import trino
from requests.adapters import HTTPAdapter
from urllib3.exceptions import InsecureRequestWarning

from tests.servers.databases import Database
from underpass.ready import Ready

from . import Peer, Read

TABLE = "SELECT * FROM measurements"
AIM = 1.3
PREPARED = """\
CREATE TABLE memory.default.measurements AS SELECT
    orderkey AS id, CAST(orderkey % 1000 AS integer) AS sensor, orderkey % 2 = 0 AS valid,
    totalprice AS reading, CAST(totalprice AS decimal(12, 2)) AS price,
    orderstatus AS status, clerk AS operator, comment, orderdate AS day,
    CAST(orderdate AS timestamp(6)) + INTERVAL '1' SECOND * (orderkey % 86400) AS moment,
    with_timezone(CAST(orderdate AS timestamp(3)), 'UTC') AS stored,
    IF(orderkey % 7 = 0, NULL, custkey) AS customer
FROM tpch.sf1.orders LIMIT 1000000"""


def prepare(database: Database) -> None:
    """Fill the table, past the network."""
    from tests.servers.databases.trino import Trino

    cast("Trino", database).execute(PREPARED)


class _Unchecked(HTTPAdapter):
    """TLS as the mode required has it."""

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        super().init_poolmanager(*arguments, ssl_context=context, **options)


def _client(*, plain: bool) -> Peer:
    def connect(ready: Ready) -> Read:
        warnings.simplefilter("ignore", InsecureRequestWarning)
        session = requests.Session()
        session.trust_env = False
        session.verify = False
        session.mount("https://", _Unchecked())
        if plain:
            session.headers["Accept-Encoding"] = "identity"
        user = ready.fields["user"]
        connection = trino.dbapi.connect(
            host="127.0.0.1",
            port=ready.endpoint.port,
            user=user,
            auth=trino.auth.BasicAuthentication(user, ready.secrets["password"]),
            catalog=ready.fields["catalog"],
            schema=ready.fields["schema"],
            http_scheme="https",
            http_session=session,
            encoding=None,
        )

        def read(statement: str) -> pd.DataFrame:
            cursor = connection.cursor(legacy_primitive_types=plain)
            cursor.execute(statement)
            rows = cursor.fetchall()
            return pd.DataFrame(rows, columns=[column.name for column in cursor.description or ()])

        return read

    return connect


PEERS = {"trino": _client(plain=False), "trino, bare": _client(plain=True)}
