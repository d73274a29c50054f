"""Direct connections of the tests to the database, through a forward."""

from __future__ import annotations

import psycopg

from tests.servers import PrivateNetwork

#: What a client sends first to ask whether the server speaks TLS; PostgreSQL answers with one letter, S.
SSL_REQUEST = bytes.fromhex("0000000804d2162f")


def connect(network: PrivateNetwork, port: int) -> psycopg.Connection:
    """Log in through the forward on ``port``; TLS checks the database's own name."""
    database = network.postgresql.description
    return psycopg.connect(
        host=database["host"],
        hostaddr="127.0.0.1",
        port=port,
        user=database["user"],
        password=database["password"],
        dbname=database["database"],
        sslmode="verify-full",
        sslrootcert=database["caCertificate"],
        autocommit=True,
    )
