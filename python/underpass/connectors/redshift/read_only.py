"""What Redshift is asked when it must not write. Nobody relies on the server here: the look decides."""

from __future__ import annotations

from underpass.connectors.read_only import READS, TRANSACTIONS, WRITES, Rules
from underpass.connectors.spoken import Lexis

RULES = Rules(
    Lexis(backslash="unsure", dollars=True),
    READS | TRANSACTIONS | {"SET", "RESET", "DECLARE", "FETCH", "CLOSE", "DEALLOCATE"},
    WRITES,
    never_pairs=frozenset((("READ", "WRITE"),)),
    switches=("transaction_read_only",),
    codes=frozenset(("25006",)),
)
