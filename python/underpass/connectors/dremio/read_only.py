"""What Dremio is asked when it must not write: it knows no such mode, so the look decides."""

from __future__ import annotations

from underpass.connectors.read_only import READS, WRITES, Rules
from underpass.connectors.spoken import Lexis

RULES = Rules(
    Lexis(),
    READS,
    WRITES,
    # A statement for the system behind it, as text.
    frozenset((("EXTERNAL_QUERY", "("),)),
)
