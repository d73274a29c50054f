"""MindsDB, compared with PyMySQL and asyncmy. The server takes most of the time, so there are fewer rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from bench.mysql_family import PEERS
from tests.servers.databases import Database

if TYPE_CHECKING:
    from tests.servers.databases.mindsdb import MindsDB

__all__ = ["AIM", "PEERS", "ROWS", "TABLE", "prepare"]

TABLE = "SELECT * FROM source.measurements"
ROWS = 100_000
AIM = 1.3


def prepare(database: Database) -> None:
    """Fill a table of the database behind it, as the superuser."""
    cast("MindsDB", database).source.run(
        "CREATE TABLE measurements AS SELECT n AS id, n % 5000 AS customer, n * 0.37::float8 AS ratio,"
        " 'customer ' || n % 5000 AS name, timestamp '2020-01-01' + n * interval '17 seconds' AS measured_at,"
        f" CASE WHEN n % 4 <> 0 THEN md5(n::text) END AS note FROM generate_series(1, {ROWS}) AS n"
    )
