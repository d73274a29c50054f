"""What SQL Server is asked when it must not write: it knows no such mode, so the look decides."""

from __future__ import annotations

from underpass.connectors.read_only import WRITES, Rules
from underpass.connectors.spoken import Lexis

RULES = Rules(
    Lexis(brackets=True),
    frozenset(
        (
            *("SELECT", "WITH", "USE", "DECLARE", "SET", "PRINT", "IF", "WHILE", "WAITFOR"),
            *("BEGIN", "COMMIT", "ROLLBACK", "SAVE"),
        )
    ),
    # In a batch a statement begins anywhere, without a semicolon before it.
    WRITES
    | {
        "TRUNCATE",
        "DENY",
        "BACKUP",
        "RESTORE",
        "BULK",
        "DBCC",
        "KILL",
        "SHUTDOWN",
        "RECONFIGURE",
        "CHECKPOINT",
    }
    | {"ENABLE", "DISABLE", "WRITETEXT", "UPDATETEXT", "SETUSER", "REVERT", "ADD", "COPY", "PROC"}
    | {"SEND", "RECEIVE", "DIALOG", "CONVERSATION"}
    # Another server's statement, as text.
    | {"OPENROWSET", "OPENQUERY", "OPENDATASOURCE"},
    frozenset((("NEXT", "VALUE"),)),
    batches=True,
)
