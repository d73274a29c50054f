"""Text of IP addresses, for all rows at once."""

from __future__ import annotations

import functools
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute

# Its functions are made at run time, unknown to type checkers.
pc: Any = pyarrow.compute

_BYTES = pa.array([str(value) for value in range(256)])
_GROUPS = 8


def ipv4_text(array: pa.Array) -> pa.Array:
    """Of whole numbers."""
    parts = [
        pc.take(_BYTES, pc.bit_wise_and(pc.shift_right(array, pa.scalar(shift, array.type)), 255))
        for shift in (24, 16, 8, 0)
    ]
    return pc.binary_join_element_wise(*parts, ".")


def ipv6_text(array: pa.FixedSizeBinaryArray) -> pa.Array:
    """Of 16 bytes each. The longest run of two or more zeros is ``::``, the first of equally long ones."""
    count = len(array)
    raw = np.frombuffer(array.buffers()[1] or b"", dtype=">u2")
    groups = raw[array.offset * _GROUPS : (array.offset + count) * _GROUPS].reshape(count, _GROUPS)
    groups = groups.astype(np.int32)
    runs = np.zeros((count, _GROUPS + 1), dtype=np.int32)
    for place in reversed(range(_GROUPS)):
        runs[:, place] = np.where(groups[:, place] == 0, runs[:, place + 1] + 1, 0)
    start, length = runs.argmax(axis=1), runs.max(axis=1)
    start = np.where(length < 2, _GROUPS, start)
    end = np.where(length < 2, -1, start + length)
    table, colons, nothing = _words()
    words = []
    for place in range(_GROUPS):
        behind_colon = (place > 0) & (end != place)
        word = groups[:, place] + np.where(behind_colon, 1 << 16, 0)
        word = np.where((start < place) & (place < end), nothing, word)
        words.append(pc.take(table, pa.array(np.where(start == place, colons, word))))
    text = pc.binary_join_element_wise(*words, "")
    is_mapped = (groups[:, :5] == 0).all(axis=1) & (groups[:, 5] == 0xFFFF)
    if is_mapped.any():
        numbers = pa.array((groups[:, 6].astype(np.int64) << 16) + groups[:, 7])
        inner = pc.binary_join_element_wise("::ffff:", ipv4_text(numbers), "")
        text = pc.if_else(pa.array(is_mapped), inner, text)
    return cast(pa.Array, pc.if_else(array.is_valid(), text, None) if array.null_count else text)


@functools.cache
def _words() -> tuple[pa.Array, int, int]:
    """All groups, all groups behind a colon, ``::`` and nothing; the places of the last two."""
    groups = [f"{value:x}" for value in range(1 << 16)]
    words = [*groups, *(f":{group}" for group in groups), "::", ""]
    return pa.array(words), len(words) - 2, len(words) - 1
