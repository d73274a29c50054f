"""Two people, one inside the private network and one behind the bastion, and what they found out."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import PrivateNetwork
from tests.servers.databases import SYSTEMS
from tests.servers.process import PROJECT_FOLDER
from tests.workspace import Workspace
from underpass.connectors import find_connector

from .expected import Route
from .probe import Probe
from .report import Report

PAGE = PROJECT_FOLDER / "docs" / "tls-matrix.md"


@pytest.fixture(scope="session")
def probes(network: PrivateNetwork) -> Iterator[dict[Route, Probe]]:
    """By route. Each has a workspace and a service of its own."""
    with (
        tempfile.TemporaryDirectory(prefix="underpass-") as near,
        tempfile.TemporaryDirectory(prefix="underpass-") as far,
    ):
        inside, outside = Workspace(Path(near)), Workspace(Path(far))
        outside.authorize(network)
        outside.approve_host_key(network)
        with (
            Probe(inside, network, inside=True) as direct,
            Probe(outside, network, inside=False) as tunnel,
        ):
            yield {"direct": direct, "tunnel": tunnel}
        outside.close()


@pytest.fixture(scope="session")
def report() -> Iterator[Report]:
    """Written to its page once all systems were tried."""
    report = Report()
    yield report
    if {system for system, *_ in report.outcomes} >= set(SYSTEMS):
        PAGE.write_text(report.markdown({system: find_connector(system).label for system in SYSTEMS}))
