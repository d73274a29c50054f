"""What "How to use" says of ClickHouse, run as it stands."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.person import Person, fields_of
from tests.servers import PrivateNetwork
from tests.servers.databases.clickhouse import DATABASE, USER, ClickHouse

SYSTEM = "clickhouse"
NAME = "Examples"

#: Nobody is there to be asked.
ANSWERED = """\
import getpass, os
getpass.getpass = lambda *_: os.environ["ANSWER"]
{}
print(client.query("SELECT currentUser(), currentDatabase()").result_rows)
"""


@pytest.fixture(params=["strict", "required", "plain"])
def mode(
    request: pytest.FixtureRequest, person: Person, database: ClickHouse, network: PrivateNetwork
) -> Iterator[str]:
    """The integration exists, in this mode."""
    situation = "refused" if request.param == "plain" else "offered"
    mode = "preferred" if request.param == "plain" else request.param
    fields, secrets = fields_of(database, network, situation, mode=mode)
    person.add(SYSTEM, NAME, fields, secrets)
    yield request.param
    person.remove(NAME)


def example(person: Person, language: str) -> str:
    """The last text for a language: the one that needs nothing of ours."""
    sections = person.request("integrations/howToUse", integration=NAME)["sections"]
    return [section["code"] for section in sections if section["language"] == language][-1]


def run(person: Person, network: PrivateNetwork, *argv: str) -> str:
    """What a program prints in an environment as kernels have it."""
    ready = person.ensure(NAME)
    finished = subprocess.run(
        argv,
        env={
            **os.environ,
            "ANSWER": ready.secrets["password"],
            "SSL_CERT_FILE": str(network.authority.certificate),
            "CURL_CA_BUNDLE": str(network.authority.certificate),
            "EXAMPLES_LOCAL_HOST": ready.endpoint.host,
            "EXAMPLES_LOCAL_PORT": str(ready.endpoint.port),
            "EXAMPLES_REMOTE_HOST": ready.server.host,
            "EXAMPLES_REMOTE_PORT": str(ready.server.port),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def test_the_example_in_python_works(mode: str, person: Person, network: PrivateNetwork) -> None:
    printed = run(person, network, sys.executable, "-c", ANSWERED.format(example(person, "python")))
    assert printed.strip() == str([(USER, DATABASE)])


def test_the_example_for_the_shell_works(mode: str, person: Person, network: PrivateNetwork) -> None:
    asks = f"--user {USER}"
    code = example(person, "shell")
    assert asks in code
    assert run(person, network, "sh", "-c", code.replace(asks, f'{asks}:"$ANSWER"')).startswith("26.")


def test_the_example_in_r_works(mode: str, person: Person, network: PrivateNetwork) -> None:
    asks = "getPass::getPass()"
    code = example(person, "r")
    assert asks in code
    answered = code.replace(asks, 'Sys.getenv("ANSWER")')
    # As its comment says.
    own_authority = '  # cainfo = "ca.pem" for a CA of your own'
    assert (own_authority in code) == (mode == "strict")
    answered = answered.replace(own_authority, ', cainfo = Sys.getenv("SSL_CERT_FILE")')
    assert '"26.' in run(person, network, "Rscript", "-e", f"{answered}\nprint(toString(rows[1, 1]))")
