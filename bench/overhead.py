"""Time of a small query, both ways in turn, in one process: prints JSON, seconds by way."""

from __future__ import annotations

import json
import statistics
import time

from bench.ways import WAYS

ROUNDS = 200
WARM_UP = 20
STATEMENT = "SELECT 1 AS one"


def main() -> None:
    ways = {name: way() for name, way in WAYS.items()}
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(WARM_UP + ROUNDS):
        for name, way in ways.items():
            start = time.perf_counter()
            way.read(STATEMENT)
            if turn >= WARM_UP:
                seconds[name].append(time.perf_counter() - start)
    print(json.dumps({name: statistics.median(times) for name, times in seconds.items()}))


if __name__ == "__main__":
    main()
