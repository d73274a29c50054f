"""What MySQL and MariaDB are asked when they must not write: the server refuses, in routines, too."""

from __future__ import annotations

from underpass.connectors.read_only import READS, TRANSACTIONS, Rules
from underpass.connectors.spoken import Lexis

#: For all transactions to come, the one of a single statement among them.
BEFORE = "SET SESSION TRANSACTION READ ONLY"

RULES = Rules(
    Lexis(
        backslash="escapes",
        double_quoted_strings=True,
        backticks=True,
        line_comments=("#",),
        spaced_dashes=True,
    ),
    READS | TRANSACTIONS | {"SET", "CALL", "DO", "HANDLER", "HELP", "DEALLOCATE"},
    # Files and settings are not what its transactions are about.
    frozenset(("OUTFILE", "DUMPFILE", "GLOBAL", "PERSIST", "PERSIST_ONLY")),
    frozenset(
        (
            ("READ", "WRITE"),
            *(("SET", word) for word in ("@@GLOBAL", "@@PERSIST", "@@PERSIST_ONLY", "PASSWORD", "DEFAULT")),
        )
    ),
    switches=("transaction_read_only", "tx_read_only"),
    codes=frozenset((1792,)),
)
