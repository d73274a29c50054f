"""UUIDs as people write them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute

# Its functions are made at run time, unknown to type checkers.
pc: Any = pyarrow.compute

_HEX = np.frombuffer(b"".join(b"%02x" % value for value in range(256)), dtype="S2")
#: Bytes of a UUID in each group of its text.
_GROUPS = ((0, 4), (4, 6), (6, 8), (8, 10), (10, 16))


def uuid_text(array: pa.FixedSizeBinaryArray) -> pa.Array:
    """The usual 36 characters of 16 bytes each, for all rows at once."""
    count = len(array)
    raw = np.frombuffer(array.buffers()[1] or b"", dtype=np.uint8)[
        array.offset * 16 : (array.offset + count) * 16
    ]
    digits = _HEX[raw].view(np.uint8).reshape(count, 32)
    text = np.full((count, 36), ord("-"), dtype=np.uint8)
    for number, (start, end) in enumerate(_GROUPS):
        text[:, 2 * start + number : 2 * end + number] = digits[:, 2 * start : 2 * end]
    characters = pa.FixedSizeBinaryArray.from_buffers(pa.binary(36), count, [None, pa.py_buffer(text)])
    result = characters.cast(pa.binary()).cast(pa.string())
    return pc.if_else(array.is_valid(), result, None) if array.null_count else result
