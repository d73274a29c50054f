"""A feature store with one view, served: ``python feature_store.py FOLDER ADDRESS PORT``.

Runs in the environment that Feast is in.
"""

# pyright: reportMissingImports=false
from __future__ import annotations

import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pandas as pd
from feast import Entity, FeatureStore, FeatureView, Field, FileSource, RepoConfig
from feast.types import Float64, Int64
from feast.value_type import ValueType


def main(folder: Path, address: str, port: int) -> None:
    """Fill the online store, then serve it until the end."""
    now = datetime.now(timezone.utc)
    stock = pd.DataFrame(
        {
            "product_id": [1, 2, 3],
            "price": [4.5, 39.0, 11.9],
            "pieces": [12, 31, 8],
            "event_timestamp": [now] * 3,
        }
    )
    parquet = folder / "stock.parquet"
    stock.to_parquet(parquet)
    product = Entity(name="product", join_keys=["product_id"], value_type=ValueType.INT64)
    view = FeatureView(
        name="product_stats",
        entities=[product],
        schema=[Field(name="price", dtype=Float64), Field(name="pieces", dtype=Int64)],
        source=FileSource(path=str(parquet), timestamp_field="event_timestamp"),
        ttl=timedelta(days=1),
    )
    store = FeatureStore(
        config=RepoConfig(
            project="shop",
            provider="local",
            registry=str(folder / "registry.db"),
            online_store={"type": "sqlite", "path": str(folder / "online.db")},
            entity_key_serialization_version=3,
        )
    )
    store.apply([product, view])
    store.write_to_online_store("product_stats", stock)
    store.serve(host=address, port=port, type_="http", no_access_log=True, workers=1)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
