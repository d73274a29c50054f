"""Read a system's large table once, one way: ``python -m bench.read SYSTEM WAY``.

Prints JSON: seconds, and peak memory of the process in MiB.
"""

from __future__ import annotations

import json
import resource
import sys
import time

from .systems import find_benchmark
from .ways import open_way

ROWS = 1_000_000


def main() -> None:
    system, way = sys.argv[1:]
    benchmark = find_benchmark(system)
    read = open_way(system, way)
    start = time.perf_counter()
    frame = read(benchmark.TABLE)
    seconds = time.perf_counter() - start
    rows = getattr(benchmark, "ROWS", ROWS)
    assert len(frame) == rows, frame.shape
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "mebibytes": peak, "columns": frame.shape[1]}))


if __name__ == "__main__":
    main()
