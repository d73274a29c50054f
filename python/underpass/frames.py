"""From Arrow to pandas, column by column and without touching single values."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Literal

import pandas as pd
import pyarrow as pa

from .connectors.base import unreadable_rows

if TYPE_CHECKING:
    from .connectors.base import Rows

Decimals = Literal["decimal", "float"]


def to_frame(rows: Rows, decimals: Decimals = "decimal") -> pd.DataFrame:
    """A DataFrame of the rows; takes them, so that their memory is freed column by column.

    Integers with nulls become Int64, booleans with nulls boolean, decimals stay exact (Arrow's decimal128) or
    become float64 on request, dates and times datetime64 with their zone. Names may repeat.

    Raises:
        UnderpassError: pandas can not hold a value; the statement was executed all the same.
    """
    try:
        return _frame(rows.take(), decimals)
    except Exception as error:
        raise unreadable_rows(f"{type(error).__name__}: {error}") from error


def _frame(table: pa.Table, decimals: Decimals) -> pd.DataFrame:
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
) -> pd.Int64Dtype | pd.BooleanDtype | pd.ArrowDtype | None:
    """The extension type that holds this column better than numpy does."""
    kind = column.type
    if pa.types.is_decimal(kind) and decimals == "decimal":
        return pd.ArrowDtype(kind)
    if not column.null_count:
        return None
    if pa.types.is_integer(kind):
        return pd.Int64Dtype()
    return pd.BooleanDtype() if pa.types.is_boolean(kind) else None


def _ordinary(column: pa.ChunkedArray, decimals: Decimals) -> pa.ChunkedArray:
    if decimals == "float" and pa.types.is_decimal(column.type):
        return column.cast(pa.float64())
    return column
