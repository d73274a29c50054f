"""The worked examples of "How to use" an SSH tunnel are run as they stand, with the password filled in."""

from __future__ import annotations

import contextlib
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.kernel import Kernel
from tests.outcome import Outcome
from tests.person import Person
from tests.servers import PrivateNetwork
from tests.servers.certificates import Flaw
from tests.servers.httpapi import HOST as API_HOST
from tests.servers.httpapi import PORT as API_PORT
from tests.servers.machine_learning import FEAST_HOST, FEAST_PORT, MLFLOW_HOST, MLFLOW_PORT, PROGRAMS
from tests.servers.namespace import HOSTS
from tests.servers.tlsfront import TlsFront
from tests.workspace import Workspace

NAME = "It's my tunnel"

#: What IPython does with a cell, for environments that have no kernel: the last expression is shown.
RUN_LIKE_A_CELL = """
import ast, sys
tree = ast.parse(sys.stdin.read())
last = ast.Expression(tree.body.pop().value)
exec(compile(tree, "cell", "exec"))
print(eval(compile(last, "cell", "eval")))
"""


class Tunnel:
    """An SSH tunnel of the workspace to one service, and the texts about it."""

    def __init__(self, workspace: Workspace, person: Person) -> None:
        self._workspace = workspace
        answer = person.request("integrations/howToUse", integration=NAME)
        self.variables: dict[str, str] = answer["variables"]
        self.sections: dict[str, str] = {section["title"]: section["code"] for section in answer["sections"]}

    def cell(self, code: str) -> Outcome:
        """Run code in a new kernel that has the variables, as kernels of JupyterLab do."""
        self._workspace.environment.update(self.variables)
        with Kernel(self._workspace) as kernel:
            return kernel.run(code)

    def run(self, *command: str, stdin: str) -> subprocess.CompletedProcess[str]:
        """``underpass run`` a command."""
        return self._workspace.underpass("run", NAME, "--", *command, stdin=stdin)


@pytest.fixture
def open_tunnel(
    network: PrivateNetwork, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str, int], Tunnel]]:
    """Adds a tunnel to a host and port behind the bastion."""
    for name in ("UNDERPASS_HOME", "UNDERPASS_RUNTIME_DIR", "PATH"):
        monkeypatch.setenv(name, workspace.environment[name])
    bastion = network.bastion.description
    with contextlib.ExitStack() as stack:

        def open_tunnel(host: str, port: int) -> Tunnel:
            fields = {
                "sshHost": bastion["host"],
                "sshPort": bastion["port"],
                "sshUser": bastion["user"],
                "remoteHost": host,
                "remotePort": port,
            }
            workspace.result(
                *("integration", "add", "--type", "ssh-tunnel", "--name", NAME),
                *(part for field, value in fields.items() for part in ("--set", f"{field}={value}")),
            )
            return Tunnel(workspace, stack.enter_context(Person(workspace.project)))

        yield open_tunnel


def filled_in(code: str, password: str) -> str:
    """The text with the password where it asks for one."""
    code, count = re.subn(r"(getPass::)?\bget[pP]ass\([^)]*\)", repr(password), code)
    assert count == 1, code
    return code


def test_an_http_api_is_asked_with_requests(
    network: PrivateNetwork, open_tunnel: Callable[[str, int], Tunnel]
) -> None:
    tunnel = open_tunnel(API_HOST, API_PORT)
    assert next(iter(tunnel.sections)) == "HTTP API, in Python"
    cell = tunnel.cell(filled_in(tunnel.sections["HTTP API, in Python"], network.httpapi.token))
    assert cell.error is None, cell.text
    assert "{'resources': ['/products']}" in cell.text


def test_an_http_api_is_asked_from_r(
    network: PrivateNetwork, open_tunnel: Callable[[str, int], Tunnel]
) -> None:
    tunnel = open_tunnel(API_HOST, API_PORT)
    code = filled_in(tunnel.sections["HTTP API, in R"], network.httpapi.token)
    finished = tunnel.run("Rscript", "-e", code, stdin="")
    assert finished.returncode == 0, finished.stderr
    assert '"/products"' in finished.stdout


def test_an_http_api_is_asked_with_curl(
    network: PrivateNetwork, open_tunnel: Callable[[str, int], Tunnel]
) -> None:
    tunnel = open_tunnel(API_HOST, API_PORT)
    code = tunnel.sections["HTTP API, in a shell"]
    finished = tunnel.run("bash", "-euc", code, stdin=network.httpapi.token + "\n")
    assert finished.returncode == 0, finished.stderr
    assert '"/products"' in finished.stdout


def test_a_shell_that_does_as_the_comment_says_knows_the_tunnel(
    workspace: Workspace, open_tunnel: Callable[[str, int], Tunnel]
) -> None:
    tunnel = open_tunnel(API_HOST, API_PORT)
    command = re.search(r"^# +(underpass run .*)$", tunnel.sections["HTTP API, in a shell"], re.MULTILINE)
    assert command is not None
    finished = subprocess.run(
        ["bash", "-euc", command[1]],
        cwd=workspace.project,
        env=workspace.environment,
        input="echo $IT_S_MY_TUNNEL_REMOTE_HOST\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert finished.stdout.strip() == API_HOST, finished.stderr


@pytest.fixture
def https(network: PrivateNetwork, tmp_path: Path) -> Iterator[Callable[[Flaw | None], int]]:
    """Puts TLS in front of the HTTP API; gives the port."""
    with contextlib.ExitStack() as stack:

        def https(flaw: Flaw | None = None) -> int:
            port = 8443
            front = TlsFront(
                network.namespace,
                f"{HOSTS[API_HOST]}:{port}",
                f"{HOSTS[API_HOST]}:{API_PORT}",
                network.authority.server(API_HOST, flaw),
                tmp_path / "https.log",
            )
            stack.callback(front.stop)
            return port

        yield https


def with_authority(code: str, before: str, path: str) -> str:
    """The text with the certificate of the network's own authority."""
    assert code.count(before) == 1, code
    return code.replace(before, before.rpartition("=")[0] + f"= {path!r}")


@pytest.mark.parametrize("flaw", [None, "wrong-name", "wrong-ca"])
def test_an_https_api_is_asked_and_its_own_name_checked(
    flaw: Flaw | None,
    network: PrivateNetwork,
    https: Callable[[Flaw | None], int],
    open_tunnel: Callable[[str, int], Tunnel],
) -> None:
    tunnel = open_tunnel(API_HOST, https(flaw))
    assert next(iter(tunnel.sections)) == "HTTPS API, in Python"
    authority = str(network.authority.certificate)
    code = with_authority(tunnel.sections["HTTPS API, in Python"], "session.verify = True", authority)
    cell = tunnel.cell(filled_in(code, network.httpapi.token))
    shell = tunnel.sections["HTTPS API, in a shell"].replace("--fail", f"--fail --cacert {authority}")
    finished = tunnel.run("bash", "-euc", shell, stdin=network.httpapi.token + "\n")
    if flaw is None:
        assert cell.error is None, cell.text
        assert "{'resources': ['/products']}" in cell.text
        assert finished.returncode == 0, finished.stderr
        assert '"/products"' in finished.stdout
    else:
        assert cell.error == "SSLError", cell.text
        # curl's number for a certificate that does not hold.
        assert "(60)" in finished.stderr
        assert finished.stdout == ""


def test_redis_keeps_a_value(network: PrivateNetwork, open_tunnel: Callable[[str, int], Tunnel]) -> None:
    server = network.redis.description
    tunnel = open_tunnel(server["host"], server["port"])
    assert next(iter(tunnel.sections)) == "Redis"
    cell = tunnel.cell(filled_in(tunnel.sections["Redis"], server["password"]))
    assert cell.error is None, cell.text
    assert cell.text.strip() == "'Hello from a notebook'"


def test_redis_with_tls_is_checked_for_its_own_name(
    network: PrivateNetwork, open_tunnel: Callable[[str, int], Tunnel]
) -> None:
    server = network.redis.description
    tunnel = open_tunnel(server["host"], server["tlsPort"])
    authority = str(network.authority.certificate)
    code = filled_in(tunnel.sections["Redis with TLS"], server["password"])
    cell = tunnel.cell(with_authority(code, "ssl_ca_certs=None", authority))
    assert cell.error is None, cell.text
    assert cell.text.strip() == "True"
    # The system's authorities do not know this one.
    assert tunnel.cell(code).error == "ConnectionError"


@pytest.mark.server("ml")
@pytest.mark.timeout(400)
def test_mlflow_tracks_a_run(network: PrivateNetwork, open_tunnel: Callable[[str, int], Tunnel]) -> None:
    assert network.machine_learning
    tunnel = open_tunnel(MLFLOW_HOST, MLFLOW_PORT)
    assert next(iter(tunnel.sections)) == "MLflow"
    python = str(PROGRAMS / "python")
    cell = tunnel.sections["MLflow"] + '["metrics.accuracy"].tolist()'
    finished = tunnel.run(python, "-c", RUN_LIKE_A_CELL, stdin=cell)
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.splitlines()[-1] == "[0.93]"


@pytest.mark.server("ml")
@pytest.mark.timeout(400)
def test_feast_serves_features(network: PrivateNetwork, open_tunnel: Callable[[str, int], Tunnel]) -> None:
    assert network.machine_learning
    tunnel = open_tunnel(FEAST_HOST, FEAST_PORT)
    assert next(iter(tunnel.sections)) == "Feast"
    cell = tunnel.cell(tunnel.sections["Feast"])
    assert cell.error is None, cell.text
    head, *rows = (line.split() for line in cell.text.strip().splitlines())
    # Feast has no order of columns.
    features = [dict(zip(head, row[1:], strict=True)) for row in rows]
    assert features == [
        {"product_id": "1", "price": "4.5", "pieces": "12"},
        {"product_id": "3", "price": "11.9", "pieces": "8"},
    ], cell.text
