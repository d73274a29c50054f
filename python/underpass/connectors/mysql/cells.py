"""Where the values of a block's rows stand, column by column, for all rows at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from .wire import Block, Positions, ProtocolError

Mask: TypeAlias = npt.NDArray[np.bool_]

_NULL = 251
#: Bytes that Arrow's offsets can count.
_REACH = 2**31 - 1
#: Bytes of a length, by its first byte.
_SIZES = {252: 2, 253: 3, 254: 8}


@dataclass(frozen=True)
class Cells:
    """The values of one column in a block; ``missing`` ones are empty. None means that all are there."""

    block: Block
    starts: Positions
    ends: Positions
    missing: Mask | None

    def binary(self) -> pa.Array:
        """The bytes of each.

        Raises:
            ProtocolError: a length leads out of its row; Arrow would follow it anywhere in memory.
        """
        if (self.ends > self.block.ends).any() or (self.starts > self.ends).any():
            raise ProtocolError("a value is longer than its row")
        if len(self.block.buffer) > _REACH:
            raise ProtocolError("a row has more than 2 GiB")
        count = len(self.starts)
        offsets = np.empty((count, 2), np.int32)
        offsets[:, 0], offsets[:, 1] = self.starts, self.ends
        # Every other item of this array is what stands between two cells.
        buffers = [None, pa.py_buffer(offsets), pa.py_buffer(self.block.buffer)]
        whole: Any = pa.Array.from_buffers(pa.binary(), 2 * count - 1, buffers)
        return whole.take(pa.array(np.arange(0, 2 * count, 2, dtype=np.int32), mask=self.missing))

    def fixed(self, dtype: str, shift: int = 0) -> npt.NDArray[Any]:
        """The number that stands at ``shift`` in each; anything for missing ones."""
        size = np.dtype(dtype).itemsize
        data = self.block.buffer
        # Numbers that begin at every byte.
        every: npt.NDArray[Any] = np.ndarray((len(data) - size + 1,), dtype, data, strides=(1,))
        starts = self.starts + shift
        if self.missing is not None:
            starts = np.where(self.missing, 0, starts)
        return every[np.minimum(starts, len(every) - 1)]


def text_cells(block: Block, columns: int) -> Iterator[Cells]:
    """Columns of rows in which all values are text with its length before it."""
    data = block.bytes
    position = block.starts
    for _ in range(columns):
        starts, ends, missing = _prefixed(data, position)
        yield Cells(block, starts, ends, missing if missing.any() else None)
        position = ends
    if not np.array_equal(position, block.ends):
        raise ProtocolError("rows are not as long as their columns")


def prefixed_cells(block: Block, position: Positions, missing: Mask | None) -> Cells:
    """One column of values with their length before them; ``missing`` ones have not even that."""
    if missing is None:
        starts, ends, _ = _prefixed(block.bytes, position)
    else:
        starts, ends = position.copy(), position.copy()
        there = ~missing
        starts[there], ends[there], _ = _prefixed(block.bytes, position[there])
    return Cells(block, starts, ends, missing)


def _prefixed(data: npt.NDArray[np.uint8], position: Positions) -> tuple[Positions, Positions, Mask]:
    """Read the length at each position: where the value starts and ends, and whether it is NULL."""
    first = data[position]
    starts = position + 1
    lengths = first.astype(np.int64)
    missing = first == _NULL
    if first.max(initial=0) >= _NULL:
        lengths[missing] = 0
        for code, size in _SIZES.items():
            rows = np.flatnonzero(first == code)
            if len(rows):
                lengths[rows] = _lengths(data, starts[rows], size)
                starts[rows] += size
    return starts, starts + lengths, missing


def _lengths(data: npt.NDArray[np.uint8], position: Positions, size: int) -> Positions:
    digits = data[position[:, None] + np.arange(size)].astype(np.int64)
    return digits @ (1 << (8 * np.arange(size, dtype=np.int64)))
