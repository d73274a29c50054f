"""What Trino is asked when it must not write: the look decides."""

from __future__ import annotations

from underpass.connectors.read_only import READS, TRANSACTIONS, WRITES, Rules
from underpass.connectors.spoken import Lexis

RULES = Rules(
    Lexis(),
    READS | TRANSACTIONS | {"SET", "RESET", "DEALLOCATE"},
    WRITES,
    # A statement for the system behind it, as text.
    frozenset((("QUERY", "("),)),
)
