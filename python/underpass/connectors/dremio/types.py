"""From what the driver delivers to the types of a result."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

#: Arrow's ids of interval types that pyarrow has no class for.
_MONTHS, _DAYS = "month_interval", "day_time_interval"
_PLAIN = np.dtype([("months", "<i4"), ("days", "<i4"), ("nanoseconds", "<i8")])


def plain_table(table: pa.Table) -> pa.Table:
    """The table with the types of docs/types.md."""
    columns = [_plain(column) for column in table.columns]
    return pa.Table.from_arrays(columns, names=table.column_names)


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_date64(kind):
        return column.cast(pa.date32())
    if str(kind) in (_MONTHS, _DAYS):
        return pa.chunked_array(
            [_interval(chunk, str(kind)) for chunk in column.chunks], pa.month_day_nano_interval()
        )
    return column


def _interval(chunk: pa.Array, kind: str) -> pa.Array:
    """Dremio's two kinds of interval as the one that Python knows."""
    validity, numbers = chunk.buffers()
    size = chunk.offset + len(chunk)
    made = np.zeros(size, _PLAIN)
    if kind == _MONTHS:
        made["months"] = np.frombuffer(numbers, "<i4", size)
    else:
        pairs = np.frombuffer(numbers, "<i4", 2 * size).reshape(size, 2)
        made["days"] = pairs[:, 0]
        made["nanoseconds"] = pairs[:, 1].astype("<i8") * 1_000_000
    buffers = [validity, pa.py_buffer(made)]
    return pa.Array.from_buffers(
        pa.month_day_nano_interval(), len(chunk), buffers, chunk.null_count, chunk.offset
    )
