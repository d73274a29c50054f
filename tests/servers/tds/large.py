"""A table of a million rows whose answer is encoded once: what a reader measures is the reader.

The kinds of columns that analysts have; a thousand different rows, which repeat.
"""

# pyright: reportMissingImports=false
from __future__ import annotations

import functools
import hashlib
from typing import Any

import columns as added
from pysqlbridge.tds.packet import DEFAULT_PACKET_SIZE, TDS_74, PacketStatus, PacketType, build_message
from pysqlbridge.tds.result import (
    SELECT_COMMAND,
    Bit,
    Column,
    Float,
    Integer,
    NVarChar,
    QueryResult,
    UniqueIdentifier,
    col_metadata,
    row,
)
from pysqlbridge.tds.token import DoneStatus, done

TABLE = "dbo.measurements"
ROWS, DIFFERENT = 1_000_000, 1_000

_CITIES = ("Amsterdam", "Berlin", "Lisbon", "Lyon", "Milan")
_COLUMNS = [
    Column("id", Integer(8)),
    Column("customer", Integer(4)),
    Column("score", Integer(2)),
    Column("amount", added.Decimal(12, 2)),
    Column("ratio", Float()),
    Column("weight", Float(4)),
    Column("name", NVarChar(40)),
    Column("city", added.VarChar(20)),
    Column("active", Bit()),
    Column("day", added.Date()),
    Column("measured_at", added.DateTimeOffset(3)),
    Column("device", UniqueIdentifier()),
]


def _values(n: int) -> list[Any]:
    device = hashlib.md5(str(n).encode()).hexdigest()
    moment = (738_000 + n % 365, n * 17_000 % 86_400_000, 0)
    texts = f"customer {n % 5000}", _CITIES[n % 5]
    score = n % 100 if n % 7 else None
    numbers = n, n % 5000, score, n * 137 % 10**8, n * 0.37, n % 1000 / 8
    return [*numbers, *texts, n % 3 == 0, 737_000 + n % 2000, moment, device if n % 4 else None]


class Packets(bytes):
    """Goes out as it is, in ``pieces``; as bytes it is empty."""

    pieces: list[bytes]


class Large(QueryResult):
    """The answer to a query of the whole table."""

    def encode(self, tds_version: int = TDS_74, server: str = "") -> Packets:
        return _packets()


def answer() -> Large:
    return Large([], [])


@functools.cache
def _packets() -> Packets:
    some = b"".join(row(_COLUMNS, _values(n)) for n in range(DIFFERENT))
    end = done(status=DoneStatus.COUNT, current_command=SELECT_COMMAND, row_count=ROWS)
    # Each ends with a row, so that it can be the last one where the client cancels.
    middle = _piece(some)
    made = Packets()
    made.pieces = [_piece(col_metadata(_COLUMNS)), *[middle] * (ROWS // DIFFERENT), _piece(end, last=True)]
    return made


def _piece(content: bytes, *, last: bool = False) -> bytes:
    """Packets of one message, which goes on behind them."""
    packets = build_message(PacketType.TABULAR_RESULT, content, packet_size=DEFAULT_PACKET_SIZE)
    if not last:
        kind, status, *_ = packets[-1]
        packets[-1] = bytes([kind, status & ~PacketStatus.END_OF_MESSAGE]) + packets[-1][2:]
    return b"".join(packets)
