"""The test of a connection on every system, by drivers in a process of their own."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.person import Person, fields_of
from tests.servers import PrivateNetwork
from tests.servers.databases import SYSTEMS, Situation, find_database
from tests.workspace import Workspace

NAME = "My DB"
WAY = ["resolve", "tcp", "ssh-handshake", "host-key", "auth", "forward"]
#: What says what a driver has done about TLS, mode preferred included.
TELLING = {
    "postgresql",
    "redshift",
    "mysql",
    "mariadb",
    "mindsdb",
    "clickhouse",
    "trino",
    "mongodb",
    "dremio",
}


def those_with(situation: Situation) -> list[str]:
    """Systems that can be in a situation."""
    return [system for system in SYSTEMS if situation not in find_database(system).impossible]


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


def report_of(
    person: Person,
    network: PrivateNetwork,
    system: str,
    situation: Situation,
    mode: str,
    **secrets: str,
) -> dict[str, Any]:
    """The report of a test with this process's Python; nothing in it is a secret."""
    fields, passwords = fields_of(network.database(system), network, situation, mode=mode)
    passwords |= secrets
    person.add(system, NAME, fields, passwords)
    try:
        python = {"program": sys.executable, "path": os.environ.get("PYTHONPATH", "")}
        report = person.request("integrations/test", integration=NAME, python=python)
    finally:
        person.remove(NAME)
    assert not any(secret in str(report) for secret in passwords.values() if secret)
    return report


def stages(report: dict[str, Any]) -> list[str]:
    return [result["stage"] for result in report["stages"]]


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_connection_that_works_passes_every_stage(
    system: str, network: PrivateNetwork, person: Person
) -> None:
    situation: Situation = "demanded" if "offered" in find_database(system).impossible else "offered"
    report = report_of(person, network, system, situation, "strict")
    assert report["ok"], report
    assert stages(report) == [*WAY, "tls", "login", "query"]
    tls = report["stages"][-3]
    assert tls["detail"]["encrypted"]
    assert tls["detail"]["verified"]
    if system in TELLING:
        assert f"{system}.internal" in tls["detail"]["certificate"]["names"]


@pytest.mark.parametrize("system", those_with("refused"))
def test_a_connection_without_encryption_is_called_that(
    system: str, network: PrivateNetwork, person: Person
) -> None:
    report = report_of(person, network, system, "refused", "preferred")
    assert report["ok"], report
    tls = report["stages"][-3]
    said = tls["message"]
    assert said.startswith("Not encrypted" if system in TELLING else "The driver does not say"), said


@pytest.mark.parametrize("system", those_with("wrong-name"))
def test_a_certificate_for_another_name_stops_at_tls_with_the_name_it_is_for(
    system: str, network: PrivateNetwork, person: Person
) -> None:
    report = report_of(person, network, system, "wrong-name", "strict")
    assert not report["ok"]
    assert stages(report) == [*WAY, "tls"]
    failure = report["stages"][-1]["failure"]
    assert failure["code"] == "tls-name-mismatch"
    if system in TELLING:
        assert "It is for " in failure["message"], failure


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_wrong_password_stops_at_login(system: str, network: PrivateNetwork, person: Person) -> None:
    situation: Situation = "demanded" if "offered" in find_database(system).impossible else "offered"
    report = report_of(person, network, system, situation, "strict", password="not the password")
    assert stages(report) == [*WAY, "tls", "login"]
    assert report["stages"][-1]["failure"]["code"] == "login-refused"
