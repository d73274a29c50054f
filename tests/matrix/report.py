"""The outcomes of a run, as the page that people read."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import final

from tests.servers.databases import SITUATIONS, Situation, find_database

from .expected import MODES, ROUTES, Mode, Route

INTRODUCTION = """\
# TLS, system by system

What came of each TLS mode in each situation, in the last complete run of `tests/matrix`, against real servers
(or what stands in their place, see `tests/servers/databases/`). The evidence is a record of the wire, taken
between client and server:

- **encrypted**: the cell has its row; there was a TLS handshake, and nothing of the statement can be read.
- **plain**: the cell has its row; the statement can be read on the wire.
- **refused**: the cell fails at the stage `tls`; neither statement nor user nor password can be read.
- **n/a**: with the reason.

Situations: TLS is *offered*, *refused* or *demanded* by the server; its certificate is by the *wrong CA*, for
the *wrong name*, or *expired*; *stripped*: a proxy in between hides that the server has TLS. Each was tried
direct and through the tunnel; a cell shows both where they differ, which they must not.
"""


@final
@dataclass
class Report:
    """Outcomes by system, situation, mode and route."""

    outcomes: dict[tuple[str, Situation, Mode, Route], str] = field(default_factory=dict)

    def markdown(self, labels: dict[str, str]) -> str:
        """The page; ``labels`` are the systems by id, in order."""
        return INTRODUCTION + "".join(self._section(system, label) for system, label in labels.items())

    def _section(self, system: str, label: str) -> str:
        rows = [self._row(system, situation) for situation in SITUATIONS]
        head = f"| server's TLS | {' | '.join(MODES)} |\n|---|{'---|' * len(MODES)}"
        return "\n".join([f"\n## {label}\n", f"{_server(system)}\n", head, *rows, ""])

    def _row(self, system: str, situation: Situation) -> str:
        cells = [self._cell(system, situation, mode) for mode in MODES]
        return f"| {situation.replace('-', ' ')} | {' | '.join(cells)} |"

    def _cell(self, system: str, situation: Situation, mode: Mode) -> str:
        seen = dict.fromkeys(
            self.outcomes.get((system, situation, mode, route), "not run") for route in ROUTES
        )
        return " / ".join(seen)


def _server(system: str) -> str:
    """What answers, as the first sentence of its module says."""
    module = sys.modules[find_database(system).__module__]
    assert module.__doc__
    first = module.__doc__.split("\n\n")[0]
    return f"Server: {' '.join(first.split())}"
