"""``underpass forward`` and ``underpass run`` against a database behind a bastion."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path

from tests.database import connect
from tests.servers import PrivateNetwork
from tests.workspace import Workspace

PRINT_VARIABLES = (
    "import json, os; print(json.dumps({k: v for k, v in os.environ.items() if k.startswith('MY_DB_')}))"
)


def test_forward_prints_its_endpoint_and_stays_until_interrupted(
    network: PrivateNetwork, workspace: Workspace
) -> None:
    with workspace.running("forward", "My DB") as process:
        assert process.stdout is not None
        variables = dict(process.stdout.readline().strip().split("=", 1) for _ in range(4))
        assert variables["MY_DB_LOCAL_HOST"] == "127.0.0.1"
        assert variables["MY_DB_REMOTE_HOST"] == "db.internal"
        assert variables["MY_DB_REMOTE_PORT"] == "5432"
        with connect(network, int(variables["MY_DB_LOCAL_PORT"])) as connection:
            assert connection.execute("SELECT 6 * 7").fetchone() == (42,)
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 0


def test_run_gives_the_endpoint_to_a_command_and_passes_its_exit_code(workspace: Workspace) -> None:
    finished = workspace.underpass("run", "My DB", "--", sys.executable, "-c", PRINT_VARIABLES)
    assert finished.returncode == 0, finished.stderr
    variables = json.loads(finished.stdout)
    assert variables["MY_DB_LOCAL_HOST"] == "127.0.0.1"
    assert int(variables["MY_DB_LOCAL_PORT"]) > 0

    failing = workspace.underpass("run", "My DB", "--", sys.executable, "-c", "raise SystemExit(7)")
    assert failing.returncode == 7


def test_an_ssh_tunnel_reaches_any_tcp_service(network: PrivateNetwork, workspace: Workspace) -> None:
    api, bastion = network.httpapi.description, network.bastion.description
    fields = {
        "sshHost": bastion["host"],
        "sshPort": bastion["port"],
        "sshUser": bastion["user"],
        "remoteHost": api["host"],
        "remotePort": api["port"],
    }
    workspace.result(
        *("integration", "add", "--type", "ssh-tunnel", "--name", "Product API"),
        *(part for field, value in fields.items() for part in ("--set", f"{field}={value}")),
    )
    script = f"""
import os, urllib.request
url = "http://{{PRODUCT_API_LOCAL_HOST}}:{{PRODUCT_API_LOCAL_PORT}}/products".format(**os.environ)
request = urllib.request.Request(url, headers={{"Authorization": "Bearer {api["token"]}"}})
print(urllib.request.build_opener().open(request).read().decode())
"""
    finished = workspace.underpass("run", "Product API", "--", sys.executable, "-c", script)
    assert finished.returncode == 0, finished.stderr
    assert json.loads(finished.stdout)["products"][1]["name"] == "Fountain pen"


def test_an_integration_may_come_from_a_file_and_never_shows_its_secrets(
    network: PrivateNetwork, workspace: Workspace, tmp_path: Path
) -> None:
    database = network.postgresql.description
    file = tmp_path / "integration.json"
    fields = {key: database[key] for key in ("host", "port", "user", "database")}
    integration = {"type": "postgresql", "name": "From a file", "fields": fields}
    file.write_text(json.dumps({**integration, "secrets": {"password": database["password"]}}))
    workspace.result("integration", "add", "--from", str(file))
    shown = workspace.result("integration", "show", "From a file")
    assert shown["secretsSet"] == ["password"]
    assert database["password"] not in json.dumps(shown)


def test_a_usage_error_has_exit_code_2(empty_workspace: Workspace) -> None:
    assert empty_workspace.underpass("forward").returncode == 2
    assert empty_workspace.underpass("no-such-command").returncode == 2


def test_an_unknown_integration_is_a_structured_error(empty_workspace: Workspace) -> None:
    failure = empty_workspace.failure("forward", "Nothing")
    assert failure["code"] == "unknown-integration"
    assert "Nothing" in failure["message"]
    assert failure["fix"]
