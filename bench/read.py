"""Read the large table once, one way: ``python -m bench.read WAY``.

Prints JSON: seconds, and peak memory of the process in MiB.
"""

from __future__ import annotations

import json
import resource
import sys
import time

from bench.ways import WAYS

STATEMENT = "SELECT * FROM measurements"
ROWS, COLUMNS = 1_000_000, 12


def main() -> None:
    way = WAYS[sys.argv[1]]()
    way.read("SELECT 1 AS one")
    start = time.perf_counter()
    frame = way.read(STATEMENT)
    seconds = time.perf_counter() - start
    assert frame.shape == (ROWS, COLUMNS), frame.shape
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "mebibytes": peak}))


if __name__ == "__main__":
    main()
