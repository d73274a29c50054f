"""From what the driver delivers to the types of a result.

The driver gives ``numeric`` as text and types that it does not know as the bytes of PostgreSQL's binary
format. A column whose values do not fit into the natural type becomes text, so that nothing is lost, and a
remark says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute

from underpass.connectors.base import Rows
from underpass.connectors.decimals import decimals
from underpass.connectors.uuids import uuid_text

from .binary import DECODERS
from .times import plain_dates, plain_times

# Its functions are made at run time, unknown to type checkers.
pc: Any = pyarrow.compute

#: How the driver calls the type of a column, and of a parameter, that it does not know.
_NAMELESS = re.compile(r"(?:unnamed|unknown)<oid:(\d+)>")
_CENTS = pa.decimal128(21, 2)


class NamedType(NamedTuple):
    """``kind`` is PostgreSQL's typtype (``e``: an enumeration); ``sql`` is how a cast names it."""

    name: str
    kind: str
    sql: str


class TypeNames:
    """Types that the driver does not know, e.g. newer than the connection; each is asked for once."""

    def __init__(self, query: Callable[[str], pa.Table]) -> None:
        self._query = query
        self._known: dict[int, NamedType] = {}

    def find(self, driver_name: str) -> NamedType:
        """The type that the driver calls ``driver_name``."""
        nameless = _NAMELESS.fullmatch(driver_name)
        if nameless is None:
            return NamedType(driver_name, "b", '"' + driver_name.replace('"', '""') + '"')
        oid = int(nameless[1])
        if oid not in self._known:
            columns = "typname::text AS name, typtype::text AS kind, oid::regtype::text AS sql"
            found = self._query(f"SELECT {columns} FROM pg_catalog.pg_type WHERE oid = {oid}").to_pylist()
            self._known[oid] = NamedType(**found[0])
        return self._known[oid]

    def of_parameters(self, sql: str) -> list[NamedType]:
        """Types of the parameters of a statement that the server can prepare."""
        self._query(f"PREPARE underpass_types AS {sql}")
        try:
            kinds = "SELECT unnest(parameter_types)::text AS sql FROM pg_catalog.pg_prepared_statements"
            found = self._query(f"{kinds} WHERE name = 'underpass_types'").column("sql").to_pylist()
        finally:
            self._query("DEALLOCATE underpass_types")
        return [NamedType(sql, "b", sql) for sql in found]


def parameter_types(schema: pa.Schema, names: TypeNames, sql: str) -> list[NamedType]:
    """What the server expects for the parameters of ``sql``; ``schema`` is what the driver says of them."""
    told = [(field.metadata or {}).get(b"POSTGRESQL:type") for field in schema]
    if None not in told:
        return [names.find(name.decode()) for name in told if name is not None]
    # Drivers before 1.13 do not name types.
    return names.of_parameters(sql)


def plain_table(table: pa.Table, names: TypeNames) -> Rows:
    """The table with the types of docs/types.md; remarks name the columns that could not have theirs."""
    columns, remarks = [], []
    for field, column in zip(table.schema, table.columns, strict=True):
        plain, remark = _plain_column(field, column, names)
        columns.append(plain)
        if remark:
            remarks.append(f'Column "{field.name}" {remark}')
    return Rows(pa.Table.from_arrays(columns, names=table.column_names), remarks)


def _plain_column(
    field: pa.Field, column: pa.ChunkedArray, names: TypeNames
) -> tuple[pa.ChunkedArray, str | None]:
    kind = field.type
    metadata = field.metadata or {}
    if isinstance(kind, pa.OpaqueType):
        storage = _storage(column)
        if kind.type_name == "numeric":
            return decimals(storage, int(metadata.get(b"POSTGRESQL:typmod", b"-1")))
        return _decoded(storage, kind.type_name, names)
    if isinstance(kind, pa.UuidType):
        return _by_chunk(_storage(column), uuid_text, pa.string()), None
    if isinstance(kind, pa.BaseExtensionType):
        # json and jsonb.
        return _storage(column), None
    if metadata.get(b"POSTGRESQL:type") == b"money":
        cents = pc.multiply(column.cast(pa.decimal128(19, 0)), pa.scalar(1, pa.decimal128(1, 0)))
        return pc.multiply(cents, pa.scalar("0.01").cast(pa.decimal128(2, 2))).cast(_CENTS), None
    if metadata.get(b"POSTGRESQL:type") == b"oid":
        # The driver reads them as if they had a sign.
        return pc.bit_wise_and(column.cast(pa.int64()), pa.scalar(2**32 - 1)), None
    if pa.types.is_timestamp(kind) or pa.types.is_date32(kind):
        return plain_dates(column)
    if pa.types.is_time64(kind):
        return plain_times(column)
    if pa.types.is_list(kind):
        return _lists(kind, column, names)
    return column, None


def _storage(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pa.chunked_array([chunk.storage for chunk in column.chunks], type=column.type.storage_type)


def _by_chunk(
    column: pa.ChunkedArray, convert: Callable[[Any], pa.Array], kind: pa.DataType
) -> pa.ChunkedArray:
    return pa.chunked_array([convert(chunk) for chunk in column.chunks], type=kind)


def _decoded(column: pa.ChunkedArray, type_name: str, names: TypeNames) -> tuple[pa.ChunkedArray, str | None]:
    """Bytes of PostgreSQL's binary format as text, where the format is known here."""
    name, kind, _ = names.find(type_name)
    if name == "void":
        return pa.chunked_array([pa.nulls(len(column), pa.string())]), None
    if kind == "e" or name in ("xml", "citext"):
        return column.cast(pa.string()), None
    if decode := DECODERS.get(name):
        return _by_chunk(column, decode, pa.string()), None
    return column, f"is of the type {name}, given as bytes; cast it to text in the statement."


def _lists(
    kind: pa.ListType, column: pa.ChunkedArray, names: TypeNames
) -> tuple[pa.ChunkedArray, str | None]:
    element = kind.value_field
    # pa.array() knows no extension types.
    whole = pa.concat_arrays(column.chunks) if column.num_chunks else pa.nulls(0, kind)
    before = pa.chunked_array([whole.values])
    values, remark = _plain_column(element, before, names)
    if pa.types.is_timestamp(values.type) and values.type.tz:
        # The arrays that pandas makes of lists have no zone.
        values, remark = values.cast(pa.string()), "holds lists of timestamptz and is given as lists of text."
    if values is before:
        return column, None
    flat = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    mask = whole.is_null() if whole.null_count else None
    return pa.chunked_array([pa.ListArray.from_arrays(whole.offsets, flat, mask=mask)]), remark
