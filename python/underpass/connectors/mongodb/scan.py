"""Where the values of BSON documents stand, column by column and without a Python object for any of them.

Documents of a collection mostly have the same keys in the same order, so all that stand at the same key are
looked at together: type, key and size for a whole batch at a time. Documents that differ wait until it is
their turn to lead; those that share nothing with others are walked through one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Bytes: TypeAlias = NDArray[np.uint8]
Positions: TypeAlias = NDArray[np.int64]

DOUBLE, STRING, DOCUMENT, ARRAY, BINARY, UNDEFINED, OBJECT_ID = 1, 2, 3, 4, 5, 6, 7
BOOLEAN, DATE, NULL, REGEX, POINTER, CODE, SYMBOL, SCOPED, INT32 = 8, 9, 10, 11, 12, 13, 14, 15, 16
TIMESTAMP, INT64, DECIMAL = 17, 18, 19
_FIXED = {DOUBLE: 8, UNDEFINED: 0, OBJECT_ID: 12, BOOLEAN: 1, DATE: 8, NULL: 0, INT32: 4, TIMESTAMP: 8}
_FIXED |= {INT64: 8, DECIMAL: 16, 255: 0, 127: 0}
#: Begin with their length; what comes on top of it.
_MEASURED = {STRING: 4, DOCUMENT: 0, ARRAY: 0, BINARY: 5, CODE: 4, SYMBOL: 4, SCOPED: 0, POINTER: 16}
#: Bytes of documents that are looked at together: they, and what is made of them, should stay in the cache.
_CHUNK = 1 << 22
#: Rounds after which the documents of a chunk have too little in common.
_ROUNDS = 4000
_FEW = 4
_NONE: Positions = np.zeros(0, np.int64)


@dataclass
class Column:
    """What stands under one key in ``count`` rows: by type, the rows in order and where their values are.

    ``children`` are the columns of its documents, one row for each; ``elements`` those of its arrays, behind
    how many each has.
    """

    count: int
    values: dict[int, tuple[Positions, Positions]] = field(default_factory=dict)
    children: Columns | None = None
    elements: tuple[Positions, Column] | None = None

    @property
    def nbytes(self) -> int:
        """Memory of the positions, in all depths."""
        own = sum(rows.nbytes + at.nbytes for rows, at in self.values.values())
        if self.elements is not None:
            own += self.elements[0].nbytes + self.elements[1].nbytes
        return own + sum(child.nbytes for child in (self.children or {}).values())


Columns: TypeAlias = "dict[str, Column]"


@dataclass(frozen=True)
class Chunk:
    """Some of the rows, with the bytes that their values are in."""

    data: Bytes
    count: int
    columns: Columns

    @property
    def nbytes(self) -> int:
        """Memory of the positions of all values."""
        return sum(column.nbytes for column in self.columns.values())


def chunks_of(batch: bytes) -> Iterator[Chunk]:
    """Take documents that follow on each other apart."""
    starts = [0]
    end, size = 0, len(batch)
    while end < size:
        length = int.from_bytes(batch[end : end + 4], "little")
        if not 5 <= length <= size - end:
            raise ValueError("a document is damaged")
        end += length
        if end - starts[0] > _CHUNK or end >= size:
            piece = np.frombuffer(batch, np.uint8)[starts[0] : end]
            at = np.array(starts, np.int64) - starts[0]
            yield Chunk(piece, len(at), _documents(piece, at + 4))
            starts = [end]
        else:
            starts.append(end)


@dataclass
class _Found:
    """Rows and positions of one key and type, as they were found."""

    rows: list[Positions] = field(default_factory=list)
    at: list[Positions] = field(default_factory=list)

    def joined(self) -> tuple[Positions, Positions]:
        rows, at = np.concatenate(self.rows), np.concatenate(self.at)
        if len(self.rows) > 1:
            order = np.argsort(rows, kind="stable")
            rows, at = rows[order], at[order]
            last = np.append(rows[1:] != rows[:-1], True)
            if not last.all():
                # The same key twice in one document.
                rows, at = rows[last], at[last]
        return rows, at


def _documents(data: Bytes, at: Positions) -> Columns:
    """The columns of documents whose first elements are ``at``."""
    columns: Columns = {}
    for (key, kind), found in _elements(data, at).items():
        column = columns.setdefault(key, Column(len(at)))
        column.values[kind] = found.joined()
    for column in columns.values():
        _look_inside(data, column)
    return columns


def _look_inside(data: Bytes, column: Column) -> None:
    if DOCUMENT in column.values:
        column.children = _documents(data, column.values[DOCUMENT][1] + 4)
    if ARRAY in column.values:
        column.elements = _arrays(data, column.values[ARRAY][1] + 4)


def _arrays(data: Bytes, at: Positions) -> tuple[Positions, Column]:
    """All elements of arrays as rows of one column, and how many each array has."""
    by_kind: dict[int, list[Positions]] = {}
    counts = np.zeros(len(at), np.int64)
    for (_, kind), found in _elements(data, at).items():
        np.add.at(counts, np.concatenate(found.rows), 1)
        by_kind.setdefault(kind, []).extend(found.at)
    places = {kind: np.sort(np.concatenate(pieces)) for kind, pieces in by_kind.items()}
    # In the order in which they stand: the keys should be 0, 1, 2, …, but that is nothing that servers check.
    every = np.sort(np.concatenate([*places.values(), _NONE]))
    column = Column(len(every))
    for kind, of_kind in places.items():
        column.values[kind] = np.searchsorted(every, of_kind), of_kind
    _look_inside(data, column)
    return counts, column


def _elements(data: Bytes, first: Positions) -> dict[tuple[str, int], _Found]:
    """All elements of documents, by key and type."""
    found: dict[tuple[str, int], _Found] = {}
    at = first.copy()
    waiting = np.arange(len(at))
    for _ in range(_ROUNDS):
        if len(waiting) < _FEW:
            break
        positions = at[waiting]
        lead = int(positions[0])
        kind = int(data[lead])
        if kind == 0:
            waiting = waiting[data[positions] != 0]
            continue
        key, behind = _key(data, lead)
        width = behind - lead
        header = data[lead:behind]
        offsets = positions[:, None] + np.arange(width)
        same = (np.take(data, offsets, mode="clip") == header).all(axis=1)
        rows, places = (waiting, positions) if same.all() else (waiting[same], positions[same])
        places = places + width
        _keep(found, key, kind, rows, places)
        at[rows] = places + _sizes(data, kind, places)
    for row in waiting:
        for key, kind, place in _walk(data, int(at[row])):
            _keep(found, key, kind, np.array([row]), np.array([place]))
    return found


def _keep(found: dict[tuple[str, int], _Found], key: str, kind: int, rows: Positions, at: Positions) -> None:
    entry = found.setdefault((key, kind), _Found())
    entry.rows.append(rows)
    entry.at.append(at)


def _key(data: Bytes, at: int) -> tuple[str, int]:
    """The key behind a type, and where it ends."""
    end = at + 1
    while data[end]:
        end += 1
    return data[at + 1 : end].tobytes().decode(), end + 1


def _sizes(data: Bytes, kind: int, at: Positions) -> Positions | int:
    if kind in _FIXED:
        return _FIXED[kind]
    if kind in _MEASURED:
        lengths = integers(data, at, "<i4").astype(np.int64)
        if (lengths < 0).any():
            raise ValueError("a document is damaged")
        return lengths + _MEASURED[kind]
    if kind == REGEX:
        return np.fromiter((_regex_size(data, int(place)) for place in at), np.int64, len(at))
    raise ValueError(f"BSON has no type {kind}")


def _regex_size(data: Bytes, at: int) -> int:
    behind_pattern = _key(data, at - 1)[1]
    return _key(data, behind_pattern - 1)[1] - at


def _walk(data: Bytes, at: int) -> Iterable[tuple[str, int, int]]:
    """Key, type and place of each element of one document."""
    while kind := int(data[at]):
        key, place = _key(data, at)
        yield key, kind, place
        at = place + size_of(data, kind, place)


def size_of(data: Bytes, kind: int, at: int) -> int:
    """Bytes of one value."""
    if kind in _FIXED:
        return _FIXED[kind]
    return int(np.max(_sizes(data, kind, np.array([at]))))


def integers(data: Bytes, at: Positions, kind: str) -> NDArray[Any]:
    """The numbers at these places, which need not be aligned."""
    width = np.dtype(kind).itemsize
    return np.ascontiguousarray(data[at[:, None] + np.arange(width)]).view(kind).ravel()
