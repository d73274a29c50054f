"""From what the driver delivers to the types of a result."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

#: Types that pyarrow can name but not touch, and others of the same layout.
_INTERVALS = {"month_interval": pa.int32(), "day_time_interval": pa.int64()}
_PLAIN = np.dtype([("months", "<i4"), ("days", "<i4"), ("nanoseconds", "<i8")])


def plain_table(table: pa.Table) -> pa.Table:
    """The table with the types of docs/types.md."""
    names = table.column_names
    kinds = [str(kind) for kind in table.schema.types]
    if not {"date64[ms]", *_INTERVALS}.intersection(kinds):
        return table
    if _INTERVALS.keys() & set(kinds):
        table = _touchable(table, kinds)
    columns = [_plain(column, kind) for column, kind in zip(table.columns, kinds, strict=True)]
    return pa.Table.from_arrays(columns, names=names)


def _touchable(table: pa.Table, kinds: list[str]) -> pa.Table:
    """The same bytes under other types."""
    fields = [
        pa.field(str(number), _INTERVALS.get(kind, field.type))
        for number, (kind, field) in enumerate(zip(kinds, table.schema, strict=True))
    ]
    table = table.rename_columns([field.name for field in fields])
    batches = [
        pa.RecordBatch.from_struct_array(batch.to_struct_array().view(pa.struct(fields)))
        for batch in table.to_batches()
    ]
    return pa.Table.from_batches(batches, pa.schema(fields))


def _plain(column: pa.ChunkedArray, kind: str) -> pa.ChunkedArray:
    if kind == "date64[ms]":
        return column.cast(pa.date32())
    if kind not in _INTERVALS:
        return column
    return pa.chunked_array([_interval(chunk) for chunk in column.chunks], pa.month_day_nano_interval())


def _interval(chunk: pa.Array) -> pa.Array:
    """Dremio's two kinds of interval, months or days with milliseconds, as the one that Python knows."""
    validity, numbers = chunk.buffers()
    size = chunk.offset + len(chunk)
    made = np.zeros(size, _PLAIN)
    if pa.types.is_int32(chunk.type):
        made["months"] = np.frombuffer(numbers, "<i4", size)
    else:
        pairs = np.frombuffer(numbers, "<i4", 2 * size).reshape(size, 2)
        made["days"] = pairs[:, 0]
        made["nanoseconds"] = pairs[:, 1].astype("<i8") * 1_000_000
    buffers = [validity, pa.py_buffer(made)]
    kind = pa.month_day_nano_interval()
    return pa.Array.from_buffers(kind, len(chunk), buffers, chunk.null_count, chunk.offset)
