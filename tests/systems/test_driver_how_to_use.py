"""The Python texts of How to use for SQL Server and Dremio, run as they stand with the secret filled in."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable
from subprocess import CompletedProcess
from typing import Any, cast

import pytest

from tests.person import Person, fields_of
from tests.servers import PrivateNetwork
from tests.servers.databases.dremio import Dremio
from tests.workspace import Workspace

_numbers = itertools.count(1)
SYSTEMS = ["sqlserver", "dremio"]

#: ``run(system, situation, mode)``, with other ``secrets`` and fields.
Run = Callable[..., CompletedProcess[str]]


@pytest.fixture
def run(network: PrivateNetwork, system_workspace: Workspace, person: Person) -> Run:
    """Adds an integration and runs its text in a kernel's environment; prints ``42`` where it connects."""
    (system_workspace.project / "ca.crt").write_text(network.authority.certificate.read_text())

    def run(
        system: str, situation: Any, mode: str, secrets: dict[str, str] | None = None, **more: Any
    ) -> CompletedProcess[str]:
        name = f'It\'s "my" {system} {next(_numbers)}'
        fields, passwords = fields_of(network.database(system), network, situation, mode=mode)
        secrets = passwords if secrets is None else secrets
        person.add(system, name, {**fields, **more}, secrets)
        sections = person.request("integrations/howToUse", integration=name)["sections"]
        (text,) = (section["code"] for section in sections if section["title"].startswith("With "))
        (secret,) = secrets.values()
        code = f"import getpass\ngetpass.getpass = lambda *_: {secret!r}\n{text}\n"
        code += (
            "cursor = connection.cursor()\ncursor.execute('SELECT 42 AS n')\nprint(cursor.fetchone()[0])\n"
        )
        # SQL Server's driver can only be told by the environment.
        environment = (
            ["env", "SSL_CERT_FILE=ca.crt", "SSL_CERT_DIR=/nowhere"] if system == "sqlserver" else []
        )
        return system_workspace.underpass("run", name, "--", *environment, sys.executable, "-c", code)

    return run


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize(("situation", "mode"), [("offered", "strict"), ("wrong-ca", "required")])
def test_python_connects(run: Run, system: str, situation: str, mode: str) -> None:
    done = run(system, situation, mode)
    assert done.stdout.strip() == "42", done.stderr


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("situation", ["wrong-ca", "wrong-name", "expired"])
def test_strict_refuses_a_wrong_certificate(run: Run, system: str, situation: str) -> None:
    done = run(system, situation, "strict")
    assert done.returncode != 0
    assert "certificate" in done.stderr.lower() or "subject name" in done.stderr.lower()


@pytest.mark.parametrize("system", SYSTEMS)
def test_required_refuses_a_server_without_tls(run: Run, system: str) -> None:
    assert run(system, "refused", "required").returncode != 0


def test_dremio_is_used_with_a_token(run: Run, network: PrivateNetwork) -> None:
    token = cast("Dremio", network.database("dremio")).token
    done = run("dremio", "offered", "strict", {"token": token}, user="")
    assert done.stdout.strip() == "42", done.stderr
