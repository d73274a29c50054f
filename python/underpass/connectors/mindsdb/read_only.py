"""What MindsDB is asked when it must not write: it knows no such mode, so the look decides."""

from __future__ import annotations

from underpass.connectors.read_only import READS, TRANSACTIONS, WRITES, Rules
from underpass.connectors.spoken import Lexis

RULES = Rules(
    Lexis(backslash="unsure", double_quoted_strings=True, backticks=True, spaced_dashes=True),
    READS | TRANSACTIONS | {"SET"},
    # Not known to begin a comment there, nor not to.
    WRITES | {"#"},
)
