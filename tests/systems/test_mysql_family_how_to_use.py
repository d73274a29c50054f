"""The texts of How to use for MySQL and MariaDB are run as they stand, with the password filled in.

MySQL's own program is not packaged for the system that tests run on: its text is read by a shell in the
service's tests.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.person import Person, fields_of
from tests.servers import PrivateNetwork
from tests.workspace import Workspace

NAME = 'It\'s "my" shop'
QUESTION = "SHOW SESSION STATUS LIKE 'Ssl_version'"

#: ``texts(system, situation, mode)``: the texts by title, and the password.
Texts = Callable[[str, Any, str], dict[str, str]]


@pytest.fixture
def texts(network: PrivateNetwork, system_workspace: Workspace, person: Person) -> Iterator[Texts]:
    """The network's authority is saved in the project, as they say."""

    def texts(system: str, situation: Any, mode: str) -> dict[str, str]:
        fields, secrets = fields_of(network.database(system), network, situation, mode=mode)
        person.add(system, NAME, fields, secrets)
        (system_workspace.project / "ca.pem").write_text(fields["caCertificate"])
        sections = person.request("integrations/howToUse", integration=NAME)["sections"]
        return {
            "password": secrets["password"],
            **{section["title"]: section["code"] for section in sections},
        }

    yield texts
    person.remove(NAME)


def run(workspace: Workspace, *command: str) -> subprocess.CompletedProcess[str]:
    """With the integration's variables, in the project."""
    return workspace.underpass("run", NAME, "--", *command)


def python(workspace: Workspace, texts: dict[str, str]) -> subprocess.CompletedProcess[str]:
    code = texts["With PyMySQL"].replace("getpass()", repr(texts["password"]))
    asked = f"cursor.execute({QUESTION!r}); print(cursor.fetchone()[1], connection.db)"
    return run(workspace, sys.executable, "-c", f"{code}\nwith connection.cursor() as cursor: {asked}")


def mariadb(workspace: Workspace, texts: dict[str, str]) -> subprocess.CompletedProcess[str]:
    # Asked for in a terminal.
    text = texts["Shell"].replace("--password", f"--password={shlex.quote(texts['password'])}")
    return run(workspace, "sh", "-c", f"{text} -Ne {shlex.quote(QUESTION)}")


@pytest.mark.parametrize("mode", ["preferred", "required", "strict"])
@pytest.mark.parametrize("system", ["mysql", "mariadb"])
def test_python_connects_with_tls(texts: Texts, system_workspace: Workspace, system: str, mode: str) -> None:
    finished = python(system_workspace, texts(system, "offered", mode))
    assert finished.stdout.startswith("TLSv1."), finished.stderr
    assert "shop" in finished.stdout


@pytest.mark.parametrize(
    ("situation", "mode"), [("refused", "required"), ("wrong-ca", "strict"), ("wrong-name", "strict")]
)
@pytest.mark.parametrize("system", ["mysql", "mariadb"])
def test_python_refuses_what_the_mode_refuses(
    texts: Texts, system_workspace: Workspace, system: str, situation: str, mode: str
) -> None:
    finished = python(system_workspace, texts(system, situation, mode))
    assert finished.returncode != 0
    assert "SSL" in finished.stderr


@pytest.mark.parametrize("mode", ["preferred", "required", "strict"])
def test_a_shell_connects_to_mariadb_with_tls(texts: Texts, system_workspace: Workspace, mode: str) -> None:
    finished = mariadb(system_workspace, texts("mariadb", "offered", mode))
    assert finished.stdout.split()[-1].startswith("TLSv1."), finished.stderr


def test_a_shell_refuses_a_certificate_of_another_authority(
    texts: Texts, system_workspace: Workspace
) -> None:
    finished = mariadb(system_workspace, texts("mariadb", "wrong-ca", "strict"))
    assert finished.returncode != 0
    assert "SSL" in finished.stderr or "certificate" in finished.stderr
