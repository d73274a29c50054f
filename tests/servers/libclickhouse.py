"""Run ClickHouse's own program out of the library that npm distributes.

``python libclickhouse.py LIBRARY ARGUMENT…`` is ``clickhouse-local ARGUMENT…``, until it ends.
"""

from __future__ import annotations

import ctypes
import sys


def run(library: str, arguments: list[str]) -> str | None:
    """Runs to the end of the queries in ``arguments``; what went wrong, if anything did."""
    functions = ctypes.CDLL(library)
    functions.chdb_query_cmdline.restype = ctypes.c_void_p
    functions.chdb_result_error.argtypes = [ctypes.c_void_p]
    functions.chdb_result_error.restype = ctypes.c_char_p
    words = [word.encode() for word in ("clickhouse", *arguments)]
    answer = functions.chdb_query_cmdline(len(words), (ctypes.c_char_p * len(words))(*words))
    error = functions.chdb_result_error(answer)
    return error.decode(errors="replace") if error else None


if __name__ == "__main__":
    sys.exit(run(sys.argv[1], sys.argv[2:]))
