"""From Arrow to what a cell gives back, column by column and without touching single values."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, TypeAlias

import pandas as pd
import pyarrow as pa

from .connectors.base import unreadable_rows
from .failure import UnderpassError, fail

if TYPE_CHECKING:
    import polars as pl

    from .arguments import Decimals, Frame
    from .connectors.base import Rows
    from .guard import Guard

    AnyFrame: TypeAlias = pd.DataFrame | pl.DataFrame | pa.Table


def to_frame(
    rows: Rows, kind: Frame = "pandas", decimals: Decimals = "decimal", guard: Guard | None = None
) -> AnyFrame:
    """The rows as a table of this kind; takes them, so that their memory is freed column by column.

    In pandas integers with nulls become Int64 (uint64: UInt64), booleans with nulls boolean, decimals stay
    exact (Arrow's decimal128) or become float64 on request, dates and times datetime64 with their zone. Names
    may repeat.

    Raises:
        UnderpassError: pandas can not hold a value, or ``guard`` says that there is no room; the statement
            was executed all the same.
    """
    try:
        if guard is not None:
            guard.weigh(rows.peek())
        if kind == "pandas":
            return _pandas(rows.take(), decimals)
        table = _with_floats(rows.take()) if decimals == "float" else rows.take()
        return table if kind == "arrow" else _polars(table)
    except UnderpassError:
        raise
    except Exception as error:
        raise unreadable_rows(f"{type(error).__name__}: {error}") from error


def _with_floats(table: pa.Table) -> pa.Table:
    columns = [_ordinary(column, "float") for column in table.columns]
    return pa.table(columns, names=table.column_names)


def _polars(table: pa.Table) -> pl.DataFrame:
    try:
        import polars
    except ModuleNotFoundError as error:
        raise fail(
            "driver-missing",
            "request",
            "polars is not installed in this kernel.",
            "Run this in a cell, then run this one again: %pip install polars",
            missing="polars",
            requirement="polars",
        ) from error
    # polars knows no two columns of the same name.
    names: list[str] = []
    for name in table.column_names:
        count = 1
        unique = name
        while unique in names:
            count += 1
            unique = f"{name}_{count}"
        names.append(unique)
    frame = polars.from_arrow(table.rename_columns(names))
    assert isinstance(frame, polars.DataFrame)
    return frame


def _pandas(table: pa.Table, decimals: Decimals) -> pd.DataFrame:
    names: list[Hashable] = list(table.column_names)
    special: dict[int, pd.api.extensions.ExtensionArray] = {}
    ordinary: list[int] = []
    for position, column in enumerate(table.columns):
        dtype = _special_dtype(column, decimals)
        if dtype is None:
            ordinary.append(position)
        else:
            special[position] = dtype.__from_arrow__(column)
    # Numbers for names: pandas would merge columns of the same name.
    rest = pa.Table.from_arrays(
        [_ordinary(table.column(position), decimals) for position in ordinary], [str(n) for n in ordinary]
    )
    count = table.num_rows
    del table
    frame = rest.to_pandas(split_blocks=True, self_destruct=True, date_as_object=False)
    del rest
    if not ordinary:
        frame = pd.DataFrame(index=pd.RangeIndex(count))
    for position, array in special.items():
        frame.insert(position, str(position), array)
    frame.columns = pd.Index(names)
    return frame


def _special_dtype(
    column: pa.ChunkedArray, decimals: Decimals
) -> pd.Int64Dtype | pd.UInt64Dtype | pd.BooleanDtype | pd.ArrowDtype | None:
    """The extension type that holds this column better than numpy does."""
    kind = column.type
    if pa.types.is_decimal(kind) and decimals == "decimal":
        return pd.ArrowDtype(kind)
    if not column.null_count:
        return None
    if pa.types.is_integer(kind):
        return pd.UInt64Dtype() if pa.types.is_uint64(kind) else pd.Int64Dtype()
    return pd.BooleanDtype() if pa.types.is_boolean(kind) else None


def _ordinary(column: pa.ChunkedArray, decimals: Decimals) -> pa.ChunkedArray:
    if decimals == "float" and pa.types.is_decimal(column.type):
        return column.cast(pa.float64())
    return column
