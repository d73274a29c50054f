"""A pasted connection URL fills in an integration, on the command line as in a form."""

from __future__ import annotations

from tests.kernel import Kernel
from tests.servers import PrivateNetwork
from tests.workspace import Workspace


def test_a_url_from_stdin_and_a_bastion_make_an_integration_that_works(
    network: PrivateNetwork, workspace: Workspace
) -> None:
    database, bastion = network.postgresql.description, network.bastion.description
    url = "postgresql://{user}:{password}@{host}:{port}/{database}?sslmode=require".format_map(database)
    settings = {
        "sshEnabled": "true",
        "sshHost": bastion["host"],
        "sshPort": bastion["port"],
        "sshUser": bastion["user"],
    }
    added = workspace.result(
        *("integration", "add", "--name", "By URL", "--url", "-"),
        *(part for field, value in settings.items() for part in ("--set", f"{field}={value}")),
        stdin=url + "\n",
    )
    assert added["type"] == "postgresql"
    assert added["fields"]["sslMode"] == "required"
    assert added["secretsSet"] == ["password"]
    with Kernel(workspace) as kernel:
        cell = kernel.run('%%sql "By URL" -o df\nSELECT 6 * 7 AS answer')
        assert cell.error is None, cell.text
        assert "42" in cell.text


def test_what_a_url_means_differently_is_said(empty_workspace: Workspace) -> None:
    finished = empty_workspace.underpass(
        "integration", "add", "--name", "x", "--url", "postgres://me@db/shop?sslmode=verify-ca"
    )
    assert finished.returncode == 0, finished.stderr
    assert "verify-ca checks the authority" in finished.stderr


def test_a_url_that_is_not_taken_is_never_repeated(empty_workspace: Workspace) -> None:
    for url in ("oracle://me:hunter2@db/shop", "postgres://me:hunter2@db:port/shop"):
        finished = empty_workspace.underpass("integration", "add", "--name", "x", "--url", "-", stdin=url)
        assert finished.returncode == 1
        assert "hunter2" not in finished.stdout + finished.stderr


def test_a_url_of_another_type_than_the_one_named_is_refused(empty_workspace: Workspace) -> None:
    failure = empty_workspace.failure(
        "integration", "add", "--type", "ssh-tunnel", "--name", "x", "--url", "postgres://db/shop"
    )
    assert '"postgresql", not "ssh-tunnel"' in failure["message"]
