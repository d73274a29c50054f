"""A result, put together from blocks of rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

import pyarrow as pa

from underpass.connectors.base import Rows

from .binary import array_of, binary_cells, text_of_binary
from .cells import Cells, text_cells
from .kinds import kind_of, text_of
from .reading import Definition
from .wire import Block


class Column:
    """One column; text as a whole once a value did not fit into its type."""

    def __init__(self, definition: Definition, offset: timedelta | None) -> None:
        self.definition = definition
        self._kind = kind_of(definition, offset)
        self._chunks: list[pa.Array] = []
        self._is_text = False

    def add_text(self, cells: Cells) -> int:
        """Take cells that hold the server's text; gives the bytes that they take now."""
        values = cells.binary()
        return self._add(lambda: self._kind.read(values), lambda: text_of(values))

    def add_binary(self, cells: Cells) -> int:
        """Take cells of a prepared statement; gives the bytes that they take now."""
        return self._add(
            lambda: array_of(cells, self.definition, self._kind),
            lambda: text_of_binary(cells, self.definition),
        )

    def _add(self, read: Callable[[], pa.Array], text: Callable[[], pa.Array]) -> int:
        if not self._is_text:
            try:
                self._chunks.append(read())
                return self._chunks[-1].nbytes
            except pa.ArrowInvalid:
                self._chunks = [self._kind.write(chunk) for chunk in self._chunks]
                self._is_text = True
        self._chunks.append(text())
        return self._chunks[-1].nbytes

    def finish(self) -> tuple[pa.ChunkedArray, str | None]:
        """The whole column, and a remark for people."""
        kind = pa.string() if self._is_text else self._kind.arrow
        column = pa.chunked_array(self._chunks, type=kind)
        self._chunks = []
        return (column, self._kind.otherwise) if self._is_text else self._kind.settle(column)


class Result:
    """Columns that grow with each block."""

    def __init__(
        self, definitions: Sequence[Definition], offset: timedelta | None, *, binary: bool = False
    ) -> None:
        """Begin a result.

        Args:
            definitions: Of its columns.
            offset: The session's time zone, see ``kind_of``.
            binary: The rows are those of a prepared statement.
        """
        self._columns = [Column(definition, offset) for definition in definitions]
        self._binary = binary
        self.count = 0

    def add(self, block: Block) -> int:
        """Decode a block; it is not needed any more then. Gives the bytes that its rows take now."""
        size = 0
        if self._binary:
            definitions = [column.definition for column in self._columns]
            for column, cells in zip(self._columns, binary_cells(block, definitions), strict=True):
                size += column.add_binary(cells)
        else:
            for column, cells in zip(self._columns, text_cells(block, len(self._columns)), strict=True):
                size += column.add_text(cells)
        self.count += len(block.starts)
        return size

    def rows(self) -> Rows:
        """All of it."""
        arrays, remarks = [], []
        for column in self._columns:
            array, remark = column.finish()
            arrays.append(array)
            if remark:
                remarks.append(f'Column "{column.definition.name}" {remark}')
        return Rows(
            pa.Table.from_arrays(arrays, [column.definition.name for column in self._columns]), remarks
        )
