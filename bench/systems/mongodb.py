"""MongoDB, compared with PyMongoArrow, its own way to DataFrames, and with PyMongo's documents in pandas.

A quarter of a million documents: the server that stands in for MongoDB takes its time to store and to give
them, so the seconds say more of it than of any client.
"""

from __future__ import annotations

import datetime
import math
import warnings
from collections.abc import Iterator
from typing import Any, cast

import pandas as pd
from bson import Decimal128, ObjectId
from pymongo import MongoClient
from pymongo.collection import Collection

from tests.servers.databases import Database
from underpass.ready import Ready

from . import Read

TABLE = "db.measurements.find()"
AIM = 1.3
ROWS = 250_000

_FIRST = datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)
_BATCH = 10_000


def _documents(start: int) -> Iterator[dict[str, Any]]:
    for number in range(start, start + _BATCH):
        document: dict[str, Any] = {
            "_id": ObjectId(number.to_bytes(12, "big")),
            "id": number,
            "sensor": number % 1000,
            "is_calibrated": number % 7 == 0,
            "reading": math.sin(number) * 100,
            "drift": None if number % 10 == 0 else math.cos(number),
            "price": Decimal128(f"{number % 100000}.{number % 100:02}"),
            "taken_at": _FIRST + datetime.timedelta(seconds=number),
            "level": ("low", "middle", "high")[number % 3],
            "site": f"site {number % 50}",
        }
        if number % 20:
            document["note"] = f"note {number * 7919:x}"
        yield document


def prepare(database: Database) -> None:
    """Fill the collection, past the network."""
    from tests.servers.databases.mongodb import DATABASE, MongoDB

    collection = cast("MongoDB", database).client[DATABASE].measurements
    collection.drop()
    for start in range(0, ROWS, _BATCH):
        collection.insert_many(_documents(start), ordered=False)


def _collection(ready: Ready) -> Collection[dict[str, Any]]:
    client: MongoClient[dict[str, Any]] = MongoClient(
        ready.endpoint.host,
        ready.endpoint.port,
        directConnection=True,
        username=ready.fields["user"],
        password=ready.secrets["password"],
        authSource="admin",
        tls=True,
        tlsAllowInvalidCertificates=True,
    )
    collection = client[ready.fields["database"]].measurements
    collection.find_one()
    return collection


def pymongoarrow(ready: Ready) -> Read:
    """Its types from the first documents; what does not fit them becomes a missing value."""
    with warnings.catch_warnings():
        # Its wheel was built for another pyarrow, and says so forty times.
        warnings.simplefilter("ignore", RuntimeWarning)
        from pymongoarrow.api import find_pandas_all

    collection = _collection(ready)
    return lambda _: find_pandas_all(collection, {})


def pymongo(ready: Ready) -> Read:
    """A dict for each document, objects of BSON's types in the columns."""
    collection = _collection(ready)
    return lambda _: pd.DataFrame(list(collection.find()))


PEERS = {"PyMongoArrow": pymongoarrow, "PyMongo": pymongo}
