"""Time of a small query, both ways in turn, in one process: prints JSON, seconds by way."""

from __future__ import annotations

import json
import statistics
import time

from .ways import CELL, open_way

SYSTEM = "postgresql"
DRIVER = "ADBC"
ROUNDS = 200
WARM_UP = 20
STATEMENT = "SELECT 1 AS one"


def main() -> None:
    ways = {way: open_way(SYSTEM, way) for way in (CELL, DRIVER)}
    seconds: dict[str, list[float]] = {way: [] for way in ways}
    for turn in range(WARM_UP + ROUNDS):
        for way, read in ways.items():
            start = time.perf_counter()
            read(STATEMENT)
            if turn >= WARM_UP:
                seconds[way].append(time.perf_counter() - start)
    print(json.dumps({way: statistics.median(times) for way, times in seconds.items()}))


if __name__ == "__main__":
    main()
