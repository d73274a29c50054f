"""From what the driver delivers to the types of a result, see docs/types.md."""

from __future__ import annotations

import datetime
import decimal
import uuid
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute

from underpass.connectors.base import Rows
from underpass.fetching import Fetching

# Its functions are made at run time, unknown to type checkers.
pc: Any = pyarrow.compute

#: Rows that the driver is asked for at once.
BATCH = 1 << 16
#: The same where they become Python objects, of about so many bytes.
_FEW, _OBJECT = 1 << 12, 64
_UTC = pa.timestamp("us", "UTC")
#: What the driver calls sql_variant, and types of .NET: hierarchyid, geometry, geography.
_VARIANT, _CLR = -150, -151
_FINEST = 7
_INTEGERS = {3: pa.uint8(), 5: pa.int16(), 10: pa.int32(), 19: pa.int64()}


def read(cursor: Any, limit: int | None, fetching: Fetching) -> tuple[pa.Table, bool]:
    """The rows of the current result, and whether there may be more behind ``limit``."""
    try:
        empty = cursor.arrow_batch(0)
    except RuntimeError:
        # There is a type that the driver does not give as Arrow.
        return _read_slowly(cursor, limit, fetching)
    batches: list[pa.RecordBatch] = []
    count = 0
    while limit is None or count < limit:
        wanted = BATCH if limit is None else min(BATCH, limit - count)
        batch = cursor.arrow_batch(wanted)
        fetching.arrived(batch)
        count += batch.num_rows
        if batch.num_rows or not batches:
            batches.append(batch)
        if batch.num_rows < wanted:
            return pa.Table.from_batches(batches), False
    return pa.Table.from_batches(batches or [empty]), True


def plain_table(table: pa.Table, cursor: Any) -> Rows:
    """The table with the types of docs/types.md; remarks name the columns that could not have theirs."""
    columns, remarks = [], []
    told = zip(table.columns, cursor.description, cursor._column_sql_types, strict=True)
    for column, (name, *_, scale, _), kind in told:
        plain, remark = _plain_column(column, scale, kind)
        columns.append(plain)
        if remark:
            remarks.append(f'Column "{name}" {remark}')
    return Rows(pa.Table.from_arrays(columns, names=table.column_names), remarks)


def _plain_column(column: pa.ChunkedArray, scale: int, kind: int) -> tuple[pa.ChunkedArray, str | None]:
    empty = len(column) == column.null_count
    if kind == _CLR:
        return column, None if empty else "is given as bytes; use its ToString() in the statement for text."
    if pa.types.is_time64(column.type):
        return _plain_times(column)
    if not pa.types.is_timestamp(column.type):
        return column, None
    plain = column.cast(_UTC) if column.type.tz else column
    if scale < _FINEST or empty:
        return plain, None
    return (
        plain,
        "is without the seventh digit of its seconds, which the driver leaves out; cast to varchar for it.",
    )


def _plain_times(column: pa.ChunkedArray) -> tuple[pa.ChunkedArray, str | None]:
    """Microseconds, which is what Python has; text where a value is finer."""
    if pa.types.is_time64(column.type) and column.type.unit == "us":
        return column, None
    # Never negative.
    finer = pc.not_equal(pc.multiply(pc.divide(column.cast(pa.int64()), 1000), 1000), column.cast(pa.int64()))
    if not pc.any(finer).as_py():
        return column.cast(pa.time64("us")), None
    text = pc.utf8_slice_codeunits(column.cast(pa.string()), 0, len("12:34:56.1234567"))
    return text, "holds times finer than microseconds and is given as text."


def _read_slowly(cursor: Any, limit: int | None, fetching: Fetching) -> tuple[pa.Table, bool]:
    """Row by row, for sql_variant and what may come after it."""
    rows: list[Any] = []
    while limit is None or len(rows) < limit:
        some = cursor.fetchmany(_FEW if limit is None else min(_FEW, limit - len(rows)))
        if not some:
            break
        rows += some
        fetching.fetched(len(some), len(some) * len(cursor.description) * _OBJECT)
    values = list(zip(*rows, strict=True)) or [()] * len(cursor.description)
    names = [told[0] for told in cursor.description]
    arrays = [
        _array(told, column, kind == _VARIANT)
        for told, column, kind in zip(cursor.description, values, cursor._column_sql_types, strict=True)
    ]
    return pa.Table.from_arrays(arrays, names=names), limit is not None and len(rows) == limit


def _array(told: Any, values: Sequence[Any], is_variant: bool) -> pa.Array:
    python = told[1]
    if python is uuid.UUID:
        return pa.array([None if value is None else str(value).upper() for value in values], pa.string())
    if is_variant or python not in _KINDS:
        return pa.array([None if value is None else str(value) for value in values], pa.string())
    return pa.array(values, _KINDS[python](told))


_KINDS: dict[type, Any] = {
    bool: lambda _: pa.bool_(),
    int: lambda told: _INTEGERS.get(told[4], pa.int64()),
    float: lambda told: pa.float32() if told[4] == 24 else pa.float64(),
    decimal.Decimal: lambda told: pa.decimal128(told[4], told[5]),
    str: lambda _: pa.string(),
    bytes: lambda _: pa.binary(),
    datetime.date: lambda _: pa.date32(),
    datetime.time: lambda _: pa.time64("us"),
    datetime.datetime: lambda told: _UTC if told[3] == 34 else pa.timestamp("us"),
}
