"""What libpq would take from the environment and the user's home is not used: it is for other servers."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from tests.person import Person, fields_of
from tests.servers import PrivateNetwork
from underpass.connectors import find_connector
from underpass.connectors.base import Rows
from underpass.failure import UnderpassError
from underpass.ready import Endpoint, Ready


@pytest.fixture(params=["postgresql", "redshift"])
def ready(request: pytest.FixtureRequest, network: PrivateNetwork, person: Person) -> Ready:
    """An integration in the mode strict."""
    name = f"{request.param} and {request.node.name}"
    fields, secrets = fields_of(network.database(request.param), network, "offered", mode="strict")
    person.add(request.param, name, fields, secrets)
    return person.ensure(name)


def setting(ready: Ready, name: str) -> str:
    connector = find_connector(ready.type).open(ready)
    try:
        answer = connector.run(f"SHOW {name}", ())
        assert isinstance(answer, Rows)
        return answer.take().column(0)[0].as_py()
    finally:
        connector.close()


def test_passwords_are_the_integrations_or_none(
    ready: Ready, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    password = ready.secrets["password"]
    file = tmp_path / "passwords"
    file.write_text(f"*:*:*:*:{password}\n")
    file.chmod(0o600)
    monkeypatch.setenv("PGPASSWORD", password)
    monkeypatch.setenv("PGPASSFILE", str(file))
    with pytest.raises(UnderpassError) as error:
        find_connector(ready.type).open(dataclasses.replace(ready, secrets={}))
    assert (error.value.failure["code"], error.value.failure["stage"]) == ("login-refused", "login")


def test_neither_certificates_nor_settings_come_from_elsewhere(
    ready: Ready, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    nonsense = tmp_path / "certificate"
    nonsense.write_text("nonsense")
    monkeypatch.setenv("PGSSLCERT", str(nonsense))
    monkeypatch.setenv("PGSSLMODE", "disable")
    monkeypatch.setenv("PGSSLROOTCERT", str(nonsense))
    monkeypatch.setenv("PGOPTIONS", "-c statement_timeout=7s")
    assert setting(ready, "statement_timeout") == "0"


def test_a_name_may_end_with_a_dot(ready: Ready) -> None:
    server = Endpoint(f"{ready.server.host}.", ready.server.port)
    assert setting(dataclasses.replace(ready, server=server), "statement_timeout") == "0"
