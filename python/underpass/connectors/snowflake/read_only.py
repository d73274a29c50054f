"""What Snowflake is asked when it must not write: it knows no such mode, so the look decides."""

from __future__ import annotations

from underpass.connectors.read_only import READS, TRANSACTIONS, WRITES, Rules
from underpass.connectors.spoken import Lexis

RULES = Rules(
    Lexis(backslash="escapes", dollars=True, line_comments=("//",)),
    READS | TRANSACTIONS | {"SET", "UNSET", "LIST", "LS"},
    WRITES
    | {"NEXTVAL"}
    | {
        f"SYSTEM${name}"
        for name in ("CANCEL_QUERY", "CANCEL_ALL_QUERIES", "ABORT_SESSION", "ABORT_TRANSACTION")
    },
    # ->> hands its rows to another statement, also behind SHOW.
    frozenset(((">", ">"),)),
)
