"""Every system in every TLS mode, direct and through the tunnel, whatever the server does about TLS."""

from __future__ import annotations

import secrets
from typing import Any

import pytest

from tests.person import fields_of
from tests.servers import PrivateNetwork
from tests.servers.databases import SITUATIONS, SYSTEMS, Situation, find_database
from tests.servers.tap import Tap
from underpass.failure import Failure

from .expected import CODES, MODES, ROUTES, Mode, Outcome, Route, expected
from .probe import Probe
from .report import Report


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize("system", SYSTEMS)
def test_a_mode_keeps_its_promise(
    system: str,
    situation: Situation,
    route: Route,
    mode: Mode,
    network: PrivateNetwork,
    probes: dict[Route, Probe],
    report: Report,
) -> None:
    cell = (system, situation, mode, route)
    if reason := find_database(system).impossible.get(situation):
        report.outcomes[cell] = f"n/a: {reason}"
        return
    database = network.database(system)
    marker = f"marker{secrets.token_hex(8)}"
    fields, passwords = fields_of(
        database, network, situation, mode=mode, tunnelled=route == "tunnel", tapped=True
    )
    tap = database.tap(situation)
    tap.forget()
    answer = probes[route].run(system, fields, passwords, database.marked(marker))
    readable = [marker, str(fields.get("user", marker)), *passwords.values()]
    outcome = report.outcomes[cell] = _outcome(answer, tap, marker, readable)
    assert outcome == expected(situation, mode), answer
    if outcome == "refused":
        assert not isinstance(answer, str)
        assert answer["code"] == CODES[situation], answer


def _outcome(answer: str | Failure, tap: Tap, marker: str, readable: list[str]) -> Outcome | str:
    """What happened, as far as the wire bears it out; else what contradicts it."""
    wires = tap.wires()
    if isinstance(answer, str):
        assert marker in answer, answer
        if any(wire.shows(marker) for wire in wires):
            return "plain"
        return "encrypted" if any(wire.encrypted for wire in wires) else "neither plain nor encrypted"
    if answer["stage"] != "tls":
        return f"failed: {answer['code']} at {answer['stage']}"
    leaked: list[Any] = [word for word in readable if any(wire.shows(word) for wire in wires)]
    if leaked:
        return "refused, after something was sent in clear text"
    return "refused" if wires else "refused without asking the server"
