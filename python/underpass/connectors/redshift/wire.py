"""Statements sent and rows received through libpq, block by block: no result lies in memory twice.

psycopg's cursors would hold a whole result before the first row, or give the rows one by one.
"""

from __future__ import annotations

import selectors
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from psycopg import Connection, OperationalError, capabilities, pq

if TYPE_CHECKING:
    from psycopg.pq.abc import PGconn, PGresult

    from .params import Bound

#: Rows in a block.
BLOCK = 5_000
#: What the server is told, and says, of a COPY that wants rows from here.
NOTHING_TO_COPY = "there is nothing to copy from here"


def execute(connection: Connection[Any], sql: str, bound: Bound | None) -> Iterator[PGresult]:
    """Send a statement and give its results, the blocks of rows apart; errors are results, too.

    Raises:
        psycopg.OperationalError: the connection is lost.
    """
    pgconn = connection.pgconn
    if bound is None:
        pgconn.send_query(sql.encode())
    else:
        pgconn.send_query_params(
            sql.encode(), bound.values, bound.types, bound.formats, result_format=pq.Format.TEXT
        )
    # Before version 17 libpq knows no blocks: then all rows come as one.
    if capabilities.has_stream_chunked():
        pgconn.set_chunked_rows_mode(BLOCK)
    while pgconn.flush():
        # Answers may have to be taken before the rest can be sent.
        if _wait(pgconn, selectors.EVENT_READ | selectors.EVENT_WRITE) & selectors.EVENT_READ:
            pgconn.consume_input()
    while (result := _next(pgconn)) is not None:
        status = result.status
        if status == pq.ExecStatus.COPY_IN:
            pgconn.put_copy_end(NOTHING_TO_COPY.encode())
        elif status in (pq.ExecStatus.COPY_OUT, pq.ExecStatus.COPY_BOTH):
            pgconn.finish()
            raise OperationalError("COPY to the client is not possible here")
        else:
            yield result


def _next(pgconn: PGconn) -> PGresult | None:
    # In libpq itself it would wait with the interpreter locked, and nobody could stop it.
    while pgconn.is_busy():
        _wait(pgconn, selectors.EVENT_READ)
        pgconn.consume_input()
    return pgconn.get_result()


def _wait(pgconn: PGconn, events: int) -> int:
    with selectors.DefaultSelector() as selector:
        selector.register(pgconn.socket, events)
        return sum(ready for _, ready in selector.select())
