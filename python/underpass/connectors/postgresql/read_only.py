"""What PostgreSQL is asked when it must not write: the server refuses, whatever function tries it."""

from __future__ import annotations

from underpass.connectors.read_only import READS, TRANSACTIONS, Rules
from underpass.connectors.spoken import Lexis

#: Asked for at the login, so that RESET and DISCARD go back to it.
SETTING = {"default_transaction_read_only": "on"}

RULES = Rules(
    Lexis(backslash="unsure", dollars=True),
    # Not what it takes for harmless in a transaction that only reads: ALTER SYSTEM, COPY to a file, VACUUM.
    READS
    | TRANSACTIONS
    | {"CALL", "DO", "PREPARE", "EXECUTE", "DEALLOCATE"}
    | {"DECLARE", "FETCH", "MOVE", "CLOSE"}
    | {"SET", "RESET", "DISCARD", "LISTEN", "UNLISTEN"},
    never_pairs=frozenset((("READ", "WRITE"), ("COMMIT", "PREPARED"), ("ROLLBACK", "PREPARED"))),
    switches=("transaction_read_only",),
    codes=frozenset(("25006",)),
)
