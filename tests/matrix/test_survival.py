"""Every system, while the SSH session under its connection is killed."""

from __future__ import annotations

import secrets
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.person import Person, fields_of
from tests.servers import PrivateNetwork
from tests.servers.databases import SYSTEMS
from tests.workspace import Workspace
from underpass.failure import Failure, UnderpassError

NAME = "My DB"


@pytest.fixture(scope="module")
def person(network: PrivateNetwork) -> Iterator[Person]:
    """A client behind the bastion."""
    with (
        tempfile.TemporaryDirectory(prefix="underpass-") as folder,
        pytest.MonkeyPatch.context() as patch,
    ):
        workspace = Workspace(Path(folder))
        workspace.authorize(network)
        workspace.approve_host_key(network)
        for name in ("UNDERPASS_HOME", "UNDERPASS_RUNTIME_DIR", "PATH"):
            patch.setenv(name, workspace.environment[name])
        with Person(workspace.project) as person:
            yield person
        workspace.close()


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_cell_works_after_the_session_was_killed_between_two_cells(
    system: str, network: PrivateNetwork, person: Person
) -> None:
    database = network.database(system)
    situation = "demanded" if "offered" in database.impossible else "offered"
    fields, passwords = fields_of(database, network, situation, mode="strict")
    person.add(system, NAME, fields, passwords)
    try:
        for _ in range(2):
            marker = f"marker{secrets.token_hex(8)}"
            frame = person.cell(NAME, database.marked(marker)).frame
            assert frame is not None
            assert marker in str(frame.to_dict())
            _kill_session(network, person)
    finally:
        person.remove(NAME)


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_statement_whose_session_was_killed_fails_and_is_not_sent_again(
    system: str, network: PrivateNetwork, person: Person
) -> None:
    database = network.database(system)
    marker = f"marker{secrets.token_hex(8)}"
    failures: list[Failure] = []

    def run() -> None:
        try:
            person.cell(NAME, database.slow(marker))
        except UnderpassError as error:
            failures.append(error.failure)

    # Without TLS, so that the tap can read how often the statement was sent.
    fields, passwords = fields_of(database, network, "refused", mode="preferred", tapped=True)
    tap = database.tap("refused")
    tap.forget()
    person.add(system, NAME, fields, passwords)
    try:
        thread = threading.Thread(target=run)
        thread.start()
        deadline = time.monotonic() + 30
        while not database.running(marker):
            assert thread.is_alive(), failures
            assert time.monotonic() < deadline, "the statement did not start"
        _kill_session(network, person)
        thread.join(20)
        assert not thread.is_alive(), "the cell still waits for a connection that is dead"
        assert [failure["code"] for failure in failures] == ["connection-lost"], failures
        again = f"marker{secrets.token_hex(8)}"
        frame = person.cell(NAME, database.marked(again)).frame
        assert frame is not None
        assert again in str(frame.to_dict())
        sent = [wire for wire in tap.wires() if marker.encode() in wire.up or _wide(marker) in wire.up]
        assert len(sent) == 1
    finally:
        person.remove(NAME)


def _kill_session(network: PrivateNetwork, person: Person) -> None:
    """Kill it, and wait until the service has heard of it: it is the next cell that is of interest."""
    network.bastion.kill_sessions()
    deadline = time.monotonic() + 10
    while any(session["state"] == "up" for session in person.request("status")["sessions"]):
        assert time.monotonic() < deadline, "the service did not notice"


def _wide(marker: str) -> bytes:
    return marker.encode("utf-16-le")
