"""How ClickHouse is kept from writing: its session can be locked for good, so nothing is looked at."""

from __future__ import annotations

from underpass.connectors.read_only import Rules

#: Settings may still be changed, this one not any more.
LOCK = "SET readonly = 2"

RULES = Rules(codes=frozenset((164,)))
