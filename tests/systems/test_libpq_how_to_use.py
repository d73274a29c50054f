"""The texts of How to use for PostgreSQL and Redshift are run as they stand, with the password filled in."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.person import Person, fields_of
from tests.servers import PrivateNetwork
from tests.workspace import Workspace

NAME = 'It\'s "my" warehouse'
QUESTION = "SELECT current_database()"


@pytest.fixture(params=["postgresql", "redshift"])
def texts(
    request: pytest.FixtureRequest, network: PrivateNetwork, system_workspace: Workspace, person: Person
) -> Iterator[dict[str, str]]:
    """By title, for a strict integration; its authority is saved in the project, as they say."""
    database = network.database(request.param)
    fields, secrets = fields_of(database, network, "offered", mode="strict")
    person.add(database.system, NAME, fields, secrets)
    (system_workspace.project / "ca.crt").write_text(fields["caCertificate"])
    sections = person.request("integrations/howToUse", integration=NAME)["sections"]
    yield {"password": secrets["password"], **{section["title"]: section["code"] for section in sections}}
    person.remove(NAME)


def run(workspace: Workspace, *command: str) -> str:
    """With the integration's variables, in the project."""
    finished = workspace.underpass("run", NAME, "--", *command)
    assert finished.returncode == 0, finished.stderr
    return finished.stdout.strip()


def test_python_connects_strictly(texts: dict[str, str], system_workspace: Workspace) -> None:
    code = texts["With psycopg"].replace("getpass()", repr(texts["password"]))
    code += f'\nprint(connection.execute("{QUESTION}").fetchone()[0], connection.info.dsn)'
    answer = run(system_workspace, sys.executable, "-c", code)
    assert answer.startswith("warehouse ")
    assert "sslmode=verify-full" in answer


def test_a_shell_connects_strictly(texts: dict[str, str], system_workspace: Workspace) -> None:
    password = f"PGPASSWORD={shlex.quote(texts['password'])}"
    answer = run(system_workspace, "sh", "-c", f"{password} {texts['Shell']} -XAtc '{QUESTION}'")
    assert answer == "warehouse"


def test_a_certificate_of_another_authority_is_refused(
    texts: dict[str, str], system_workspace: Workspace, tmp_path: Path, network: PrivateNetwork
) -> None:
    other = network.authority.server("postgresql.internal", "wrong-ca").certificate.read_text()
    (system_workspace.project / "ca.crt").write_text(other)
    password = f"PGPASSWORD={shlex.quote(texts['password'])}"
    command = f"{password} {texts['Shell']} -XAtc '{QUESTION}'"
    finished = system_workspace.underpass("run", NAME, "--", "sh", "-c", command)
    assert finished.returncode != 0
    assert "certificate verify failed" in finished.stderr
