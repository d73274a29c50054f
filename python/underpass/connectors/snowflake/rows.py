"""From the driver's batches to one table with the types of docs/types.md."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
from snowflake.connector.errors import NotSupportedError

from underpass.connectors.base import Rows
from underpass.fetching import UNWATCHED, Fetching

#: What the driver calls NUMBER.
_FIXED = 0


def read(cursor: Any, limit: int | None, fetching: Fetching = UNWATCHED) -> Rows:
    """The rows of an executed statement, which the server holds ready: who leaves some leaves nothing behind.

    Raises:
        snowflake.connector.errors.Error: they do not arrive.
        pyarrow.ArrowException: they do not become columns.
    """
    names = [column.name for column in cursor.description]
    try:
        tables = list(_tables(cursor, limit, fetching))
        return joined(tables or [_empty(cursor)], names)
    except NotSupportedError:
        # Such as SHOW: these few rows are no Arrow.
        rows = cursor.fetchall() if limit is None else cursor.fetchmany(limit)
        columns = list(zip(*rows, strict=True)) or [()] * len(names)
        return Rows(pa.Table.from_arrays([pa.array(column) for column in columns], names=names))


def joined(tables: list[pa.Table], names: list[str]) -> Rows:
    """One table of all batches, whose columns need not have the same types.

    The driver gives whole numbers as small as a batch allows, and times in microseconds where a batch has
    some that nanoseconds do not reach (before 1678 or after 2261): then all of the column are.
    """
    # Names may repeat.
    numbers = [str(number) for number in range(len(names))]
    tables = [_with_wide_numbers(table.rename_columns(numbers)) for table in tables]
    finer: set[int] = set()
    for number in range(len(names)):
        kinds = {table.schema.types[number] for table in tables}
        if len(kinds) > 1 and all(map(pa.types.is_timestamp, kinds)):
            tables = [_in_microseconds(table, number, finer) for table in tables]
    table = pa.concat_tables(tables, promote_options="permissive").rename_columns(names)
    remarks = [
        f'Column "{names[number]}" is in microseconds, because nanoseconds do not reach all of its times; '
        "cast to varchar for the rest of their digits."
        for number in sorted(finer)
    ]
    return Rows(table, remarks)


def _tables(cursor: Any, limit: int | None, fetching: Fetching) -> Iterator[pa.Table]:
    left = limit
    for whole in cursor.fetch_arrow_batches():
        table = whole if left is None else whole[:left]
        fetching.arrived(table)
        yield table
        if left is not None:
            left = max(0, left - len(table))
            if left == 0:
                return


def _empty(cursor: Any) -> pa.Table:
    """Without rows; the driver takes all numbers for whole ones."""
    table = cursor.fetch_arrow_all(force_return_table=True)
    for number, column in enumerate(cursor.description):
        if column.type_code == _FIXED and column.scale:
            kind = pa.decimal128(column.precision or 38, column.scale)
            table = table.set_column(number, column.name, pa.array([], kind))
    return table


def _with_wide_numbers(table: pa.Table) -> pa.Table:
    columns = [
        column.cast(pa.int64()) if pa.types.is_integer(column.type) else column for column in table.columns
    ]
    return pa.Table.from_arrays(columns, names=table.column_names)


def _in_microseconds(table: pa.Table, number: int, finer: set[int]) -> pa.Table:
    column = table.column(number)
    kind = pa.timestamp("us", column.type.tz)
    try:
        plain = column.cast(kind)
    except pa.ArrowInvalid:
        finer.add(number)
        plain = column.cast(kind, safe=False)
    return table.set_column(number, table.column_names[number], plain)
