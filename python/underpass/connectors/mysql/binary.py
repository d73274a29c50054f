"""Rows of prepared statements: numbers and times as the server's memory has them, NULLs in a bit mask."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from .cells import Cells, Mask, prefixed_cells
from .kinds import DATE, DATETIME, DOUBLE, FLOAT, INTEGERS, MOMENT, NEWDATE, TIME, TIMESTAMP, YEAR, Kind
from .reading import Definition
from .wire import Block, ProtocolError

#: How a number is written, by type; unsigned ones apart.
_NUMBERS = {kind: f"<i{4 if bits == 24 else bits // 8}" for kind, bits in INTEGERS.items()}
_NUMBERS.update({FLOAT: "<f4", DOUBLE: "<f8", YEAR: "<u2"})
_DATES = (DATE, NEWDATE)
_TIMES = (*_DATES, DATETIME, TIMESTAMP, TIME)
_DAY = 86_400


def binary_cells(block: Block, columns: Sequence[Definition]) -> Iterator[Cells]:
    """The values of each column; those of dates and times have the byte of their length before them."""
    data = block.bytes
    first = block.starts + 1
    position = first + (len(columns) + 9) // 8
    for number, column in enumerate(columns, start=2):
        missing: Mask | None = (data[first + number // 8] >> (number % 8) & 1).astype(bool)
        missing = missing if missing.any() else None
        if column.type in _NUMBERS or column.type in _TIMES:
            if column.type in _NUMBERS:
                size: Any = np.dtype(_NUMBERS[column.type]).itemsize
            else:
                size = data[np.minimum(position, len(data) - 1)].astype(np.int64) + 1
            ends = position + (size if missing is None else np.where(missing, 0, size))
            cells = Cells(block, position, ends, missing)
        else:
            cells = prefixed_cells(block, position, missing)
        yield cells
        position = cells.ends
    if not np.array_equal(position, block.ends):
        raise ProtocolError("rows are not as long as their columns")


def array_of(cells: Cells, column: Definition, kind: Kind) -> pa.Array:
    """The values in the column's type.

    Raises:
        ArrowInvalid: dates or times that do not exist.
    """
    if dtype := _NUMBERS.get(column.type):
        signed = not column.unsigned or column.type not in INTEGERS
        return pa.array(cells.fixed(dtype if signed else dtype.replace("i", "u")), mask=cells.missing).cast(
            kind.arrow
        )
    if column.type == TIME:
        return pa.array(_durations(cells).view("m8[us]"), mask=cells.missing)
    if column.type in _TIMES:
        moments = pa.array(_moments(cells), mask=cells.missing)
        return moments.cast(MOMENT).cast(kind.arrow)
    return kind.read(cells.binary())


def text_of_binary(cells: Cells, column: Definition) -> pa.Array:
    """Dates and times that do not exist, as the server would write them."""
    if column.type not in _TIMES:
        return cells.binary().cast(pa.string())
    year, month, day, hour, minute, second, micro = (part.tolist() for part in _parts(cells))
    texts = list(map("{:04}-{:02}-{:02}".format, year, month, day))
    if column.type not in _DATES:
        texts = list(map("{} {:02}:{:02}:{:02}".format, texts, hour, minute, second))
        if 0 < column.decimals <= 6:
            texts = [
                f"{text}.{rest:06}"[: 20 + column.decimals] for text, rest in zip(texts, micro, strict=True)
            ]
    return pa.array(texts, pa.string(), mask=cells.missing)


def _parts(cells: Cells) -> list[npt.NDArray[np.int64]]:
    """Year to microsecond; what is not sent is zero."""
    sent = (cells.ends - cells.starts)[:, None]
    fields = [("<u2", 1), ("u1", 3), ("u1", 4), ("u1", 5), ("u1", 6), ("u1", 7), ("<u4", 8)]
    return [
        np.where(sent[:, 0] > shift, cells.fixed(dtype, shift), 0).astype(np.int64) for dtype, shift in fields
    ]


def _moments(cells: Cells) -> npt.NDArray[np.datetime64]:
    year, month, day, hour, minute, second, micro = _parts(cells)
    there = np.ones(len(year), bool) if cells.missing is None else ~cells.missing
    months = (year - 1970) * 12 + month - 1
    days = months.astype("M8[M]").astype("M8[D]") + (day - 1).astype("m8[D]")
    # Neither a zero nor the 30th of February.
    exists = (month > 0) & (day > 0) & (days.astype("M8[M]").astype(np.int64) == months)
    if not exists[there].all():
        raise pa.ArrowInvalid("not a date")
    rest = ((hour * 60 + minute) * 60 + second) * 1_000_000 + micro
    return days.astype("M8[us]") + rest.astype("m8[us]")


def _durations(cells: Cells) -> npt.NDArray[np.int64]:
    sent = cells.ends - cells.starts

    def part(dtype: str, shift: int) -> npt.NDArray[np.int64]:
        return np.where(sent > shift, cells.fixed(dtype, shift), 0).astype(np.int64)

    negative, days = part("u1", 1), part("<u4", 2)
    hour, minute, second, micro = part("u1", 6), part("u1", 7), part("u1", 8), part("<u4", 9)
    total = (days * _DAY + (hour * 60 + minute) * 60 + second) * 1_000_000 + micro
    return np.where(negative == 1, -total, total)
