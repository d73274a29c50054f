"""What the tests of a system share: its servers, and connections to them through the bastion.

A test module names its system: ``SYSTEM = "mysql"``.
"""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from tests.kernel import Kernel
from tests.person import Person, fields_of
from tests.servers import PrivateNetwork
from tests.servers.databases import Database
from tests.workspace import Workspace
from underpass.connectors import find_connector
from underpass.connectors.base import Connector

#: ``connect(situation="offered", *, mode="strict", secrets=None, **fields)``
Connect: TypeAlias = Callable[..., Connector]

_names = itertools.count(1)


@pytest.fixture(scope="module")
def database(request: pytest.FixtureRequest, network: PrivateNetwork) -> Database:
    """The servers of the module's system."""
    return network.database(request.module.SYSTEM)


@pytest.fixture(scope="module")
def system_workspace(network: PrivateNetwork) -> Iterator[Workspace]:
    """A workspace for all tests of a module; the bastion knows its key and is trusted."""
    # The path of a socket has to be short.
    with tempfile.TemporaryDirectory(prefix="underpass-") as folder:
        workspace = Workspace(Path(folder))
        workspace.authorize(network)
        workspace.approve_host_key(network)
        yield workspace
        workspace.close()


@pytest.fixture(scope="module")
def person(system_workspace: Workspace) -> Iterator[Person]:
    """This process as a client of that workspace."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("UNDERPASS_HOME", "UNDERPASS_RUNTIME_DIR", "PATH"):
            patch.setenv(name, system_workspace.environment[name])
        patch.setenv("UNDERPASS_PROJECT", str(system_workspace.project))
        with Person(system_workspace.project) as person:
            yield person


@pytest.fixture
def connect(
    request: pytest.FixtureRequest, network: PrivateNetwork, database: Database, person: Person
) -> Iterator[Connect]:
    """Opens connectors through the bastion, each for an integration of its own; closes them at the end."""
    opened: list[Connector] = []

    def connect(
        situation: Any = "offered",
        *,
        mode: str = "strict",
        secrets: dict[str, str] | None = None,
        read_only: bool = False,
        **fields: Any,
    ) -> Connector:
        values, passwords = fields_of(database, network, situation, mode=mode)
        name = f"{database.system} {next(_names)}"
        person.add(
            database.system,
            name,
            {**values, **fields},
            {**passwords, **(secrets or {})},
            read_only=read_only,
        )
        connector = find_connector(database.system).open(person.ensure(name))
        opened.append(connector)
        return connector

    yield connect
    for connector in opened:
        connector.close()


@pytest.fixture(scope="module")
def connector(network: PrivateNetwork, database: Database, person: Person) -> Iterator[Connector]:
    """One connection for all tests of a module, in the mode strict."""
    situation = "demanded" if "offered" in database.impossible else "offered"
    fields, secrets = fields_of(database, network, situation, mode="strict")
    name = f"{database.system} shared"
    person.add(database.system, name, fields, secrets)
    connector = find_connector(database.system).open(person.ensure(name))
    yield connector
    connector.close()


@pytest.fixture(scope="module")
def kernel(
    network: PrivateNetwork, database: Database, system_workspace: Workspace, person: Person
) -> Iterator[Kernel]:
    """A real kernel in which the integration "My DB" is the module's system."""
    situation = "demanded" if "offered" in database.impossible else "offered"
    fields, secrets = fields_of(database, network, situation, mode="strict")
    person.add(database.system, "My DB", fields, secrets)
    with Kernel(system_workspace) as kernel:
        yield kernel
