"""What must come of each TLS mode in each situation. The same for all systems and both routes."""

from __future__ import annotations

from typing import Literal, get_args

from tests.servers.databases import Situation

Mode = Literal["preferred", "required", "strict"]
MODES: tuple[Mode, ...] = get_args(Mode)
Route = Literal["direct", "tunnel"]
ROUTES: tuple[Route, ...] = get_args(Route)

#: ``encrypted``: the cell has its row, and on the wire there is a TLS handshake and nothing that can be read.
#: ``plain``: the cell has its row, and everybody on the way could read the statement. ``refused``: the cell
#: fails at the stage tls; neither the statement nor a user's name or password can be read on the wire.
Outcome = Literal["encrypted", "plain", "refused"]

EXPECTED: dict[Situation, tuple[Outcome, Outcome, Outcome]] = {
    # The server's TLS:  preferred,    required,    strict
    "offered": ("encrypted", "encrypted", "encrypted"),
    "refused": ("plain", "refused", "refused"),
    "demanded": ("encrypted", "encrypted", "encrypted"),
    "wrong-ca": ("encrypted", "encrypted", "refused"),
    "wrong-name": ("encrypted", "encrypted", "refused"),
    "expired": ("encrypted", "encrypted", "refused"),
    "stripped": ("plain", "refused", "refused"),
}
#: Code of the failure where a mode refuses.
CODES: dict[Situation, str] = {
    "refused": "tls-not-offered",
    "wrong-ca": "tls-untrusted",
    "wrong-name": "tls-name-mismatch",
    "expired": "tls-expired",
    "stripped": "tls-not-offered",
}


def expected(situation: Situation, mode: Mode) -> Outcome:
    """What must happen."""
    return EXPECTED[situation][MODES.index(mode)]
