"""What BigQuery is asked when it must not write: it knows no such mode, so the look decides."""

from __future__ import annotations

from underpass.connectors.read_only import READS, TRANSACTIONS, WRITES, Rules
from underpass.connectors.spoken import Lexis

RULES = Rules(
    Lexis(
        backslash="escapes",
        double_quoted_strings=True,
        backticks=True,
        triple=True,
        line_comments=("#",),
    ),
    READS | TRANSACTIONS | {"FROM", "SET", "DECLARE"},
    WRITES | {"EXPORT", "LOAD"},
)
