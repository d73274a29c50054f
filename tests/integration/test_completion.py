"""The Tab key in the shells that people use: real bash, zsh and fish at a terminal."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.shells import KILL_LINE, START, Shell, open_shell
from tests.workspace import Workspace

HOSTILE = 'It\'s $(touch pwned) `touch pwned` "q" & co; touch pwned'


@pytest.fixture(params=sorted(START))
def shell(request: pytest.FixtureRequest, empty_workspace: Workspace, tmp_path: Path) -> Iterator[Shell]:
    """A shell in the workspace's project."""
    with open_shell(request.param, empty_workspace.project, empty_workspace.environment) as shell:
        yield shell


def add(workspace: Workspace, name: str) -> None:
    fields = ("sshHost=bastion.example.org", "sshUser=me", "remoteHost=api.internal", "remotePort=80")
    settings = [part for field in fields for part in ("--set", field)]
    workspace.result("integration", "add", "--type", "ssh-tunnel", "--name", name, *settings)


def test_commands_and_options_are_completed(shell: Shell) -> None:
    assert shell.complete("underpass integration dup") == ["underpass", "integration", "duplicate"]
    assert shell.complete("underpass status --wat") == ["underpass", "status", "--watch"]
    assert shell.complete("underpass logs --level war") == ["underpass", "logs", "--level", "warning"]
    assert shell.complete("underpass integration add --type postg")[-1] == "postgresql"
    shell.offered("underpass integration ", "duplicate", "how-to-use", "rename")


def test_names_of_integrations_come_from_the_service_and_are_one_word(
    empty_workspace: Workspace, shell: Shell
) -> None:
    add(empty_workspace, "My API")
    add(empty_workspace, "Zürich データ")
    assert shell.complete("underpass forward My") == ["underpass", "forward", "My API"]
    assert shell.complete('underpass forward "My') == ["underpass", "forward", "My API"]
    assert shell.complete("underpass forward My\\ A") == ["underpass", "forward", "My API"]
    assert shell.complete("underpass forward Zür") == ["underpass", "forward", "Zürich データ"]
    assert shell.complete("underpass forward My\\ API Z")[2:] == ["My API", "Zürich データ"]


def test_a_hostile_name_is_typed_and_never_run(empty_workspace: Workspace, shell: Shell) -> None:
    add(empty_workspace, HOSTILE)
    assert shell.complete("underpass connect --project /tmp It") == [
        *("underpass", "connect", "--project", "/tmp", HOSTILE)
    ]
    # What is typed before the cursor is not run either; the line is thrown away then.
    assert shell.complete('underpass forward "$(touch pwned)" It', KILL_LINE, "done") == ["done"]
    assert shell.complete("underpass forward `touch pwned` It", KILL_LINE, "done") == ["done"]
    assert not (empty_workspace.project / "pwned").exists()


def test_fields_and_their_values_are_completed(empty_workspace: Workspace, shell: Shell) -> None:
    typed = "underpass integration add --type postgresql --set "
    # No blank after the equals sign: the value follows.
    assert shell.complete(f"{typed}datab", "shop")[-1] == "database=shop"
    assert shell.complete(f"{typed}sslMode=str")[-1] == "sslMode=strict"
    assert shell.complete("underpass integration add --type postgresql --secret passw")[-1] == "password=-"
    add(empty_workspace, "My API")
    assert shell.complete('underpass integration edit "My API" --unset remoteH')[-1] == "remoteHost"


def test_paths_and_commands_are_completed_by_the_shell_itself(
    empty_workspace: Workspace, shell: Shell
) -> None:
    (empty_workspace.project / "my integration.json").touch()
    (empty_workspace.project / "some folder").mkdir()
    assert shell.complete("underpass integration add --from my")[-1] == "my integration.json"
    assert shell.complete("underpass --project some")[-1].rstrip("/") == "some folder"
    add(empty_workspace, "My API")
    assert shell.complete('underpass run "My API" -- prob')[-1].rstrip("/") in {"probe", "probe-bin", "prob"}
    assert shell.complete('underpass run "My API" -- cat my')[-1] == "my integration.json"


def test_no_service_is_started_for_the_tab_key(empty_workspace: Workspace, shell: Shell) -> None:
    assert shell.complete("underpass forward My") == ["underpass", "forward", "My"]
    assert empty_workspace.service() is None


def test_a_service_that_hangs_is_not_waited_for(empty_workspace: Workspace) -> None:
    add(empty_workspace, "My API")
    asked = ["__complete", "fish", "--", "forward", ""]
    assert "My API" in empty_workspace.underpass(*asked).stdout
    pid = empty_workspace.service()
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        began = time.monotonic()
        finished = empty_workspace.underpass(*asked)
        # The program itself takes most of it; the service has 0.2 s.
        assert time.monotonic() - began < 8
        assert finished.stdout == "words\n"
        assert finished.stderr == ""
    finally:
        os.kill(pid, signal.SIGCONT)
