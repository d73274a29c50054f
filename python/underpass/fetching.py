"""What a connector tells of a statement's rows while they arrive."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


class Fetching:
    """Is told of each batch before the next one is asked for. This one only listens."""

    def fetched(self, rows: int, size: int) -> None:
        """Rows have arrived, and take ``size`` bytes of memory.

        Raises:
            UnderpassError: ``result-too-large``. The connector lets go of what it has, has the server end the
                statement, stays usable and raises this on.
        """

    def arrived(self, batch: pa.RecordBatch | pa.Table) -> None:
        """As ``fetched``, of rows that are Arrow already."""
        self.fetched(batch.num_rows, batch.nbytes)


#: Nobody wants to know.
UNWATCHED = Fetching()
