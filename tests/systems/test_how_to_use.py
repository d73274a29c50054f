"""The texts of How to use that are the same for all databases, run as they stand: cells and the Python API.

Those for other tools are run by the tests beside this one.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.kernel import Kernel
from tests.person import Person, fields_of
from tests.servers import PrivateNetwork
from tests.workspace import Workspace

SYSTEMS = [
    "postgresql",
    "mysql",
    "mariadb",
    "sqlserver",
    "redshift",
    "clickhouse",
    "trino",
    "dremio",
    "mindsdb",
    "mongodb",
]
WITH_ENGINE = ["postgresql", "mysql", "mariadb", "sqlserver", "redshift", "trino"]
#: Every character that a shell, a cell or Python could read in its own way.
NAME = 'It\'s "my" {0} \\ {{{{ x }}}} $(touch x) é'


@pytest.fixture(scope="module")
def kernel(system_workspace: Workspace) -> Iterator[Kernel]:
    """One for the cells of all systems."""
    with Kernel(system_workspace) as kernel:
        yield kernel


def sections(system: str, network: PrivateNetwork, person: Person) -> dict[str, str]:
    """The texts by title; adds the integration when it is asked for first."""
    name = NAME.format(system)
    database = network.database(system)
    if name not in person.names():
        situation = "demanded" if "offered" in database.impossible else "offered"
        fields, secrets = fields_of(database, network, situation, mode="strict")
        person.add(system, name, fields, secrets)
    answer = person.request("integrations/howToUse", integration=name)
    return {section["title"]: section["code"] for section in answer["sections"]}


def run(workspace: Workspace, code: str) -> str:
    """What a script prints that has no variables of the integration's."""
    finished = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=workspace.project,
        env=workspace.environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout.strip()


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_cell_runs(system: str, network: PrivateNetwork, person: Person, kernel: Kernel) -> None:
    code = sections(system, network, person)["SQL cell"]
    outcome = kernel.run(code)
    assert outcome.error is None, outcome.text
    assert "'pandas" in kernel.run("str(type(df))[7:]").text


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize(("title", "shown"), [("DataFrame", "df.shape"), ("Connection (DB-API)", "rows")])
def test_python_runs_with_the_name_alone(
    system: str,
    title: str,
    shown: str,
    network: PrivateNetwork,
    person: Person,
    system_workspace: Workspace,
) -> None:
    code = sections(system, network, person)[title]
    printed = run(system_workspace, f"{code}\nprint(type({shown}).__name__, len({shown}) >= 0)")
    assert printed == ("tuple True" if shown == "df.shape" else "list True")


@pytest.mark.parametrize("system", WITH_ENGINE)
def test_pandas_reads_through_the_engine(
    system: str, network: PrivateNetwork, person: Person, system_workspace: Workspace
) -> None:
    code = sections(system, network, person)["pandas and SQLAlchemy"]
    rows, columns = run(system_workspace, f"{code}\nprint(*df.shape)").split()
    assert int(rows) >= 1
    assert columns == "1"


@pytest.mark.parametrize("system", sorted({*SYSTEMS} - {*WITH_ENGINE}))
def test_no_engine_is_shown_where_there_is_none(system: str, network: PrivateNetwork, person: Person) -> None:
    assert "pandas and SQLAlchemy" not in sections(system, network, person)


@pytest.mark.parametrize(
    ("port", "type_id", "form"),
    [(5432, "postgresql", 5432), (9047, "dremio", 32010), (6379, None, None)],
)
def test_a_tunnel_to_a_port_with_a_type_of_its_own_is_advised_to_use_that(
    person: Person, network: PrivateNetwork, port: int, type_id: str | None, form: int | None
) -> None:
    bastion = network.bastion.description
    fields = {name: bastion[name] for name in ("host", "port", "user")}
    ssh = {f"ssh{name.capitalize()}": value for name, value in fields.items()}
    person.add("ssh-tunnel", f"Port {port}", {**ssh, "remoteHost": "db.internal", "remotePort": port})
    better = person.request("integrations/howToUse", integration=f"Port {port}").get("better")
    if type_id is None:
        assert better is None
    else:
        assert (better["type"], better["fields"]["port"], better["fields"]["host"]) == (
            type_id,
            form,
            "db.internal",
        )
        # What it says can be added as it stands, but for what nobody knows.
        shown = {**better["fields"], "user": "me", "database": "shop", "sshEnabled": True}
        if type_id == "dremio":
            del shown["database"]
        person.add(type_id, f"Better {port}", shown, {"password": "x"})
