"""What the command line asks and shows a person at a terminal."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.servers import PrivateNetwork
from tests.terminal import END_OF_FILE, INTERRUPT, finish, terminal
from tests.workspace import PROGRAMS, Workspace

HOSTILE = "Red\u009b31m \u202egnp.exe"


@pytest.fixture
def untrusting(empty_workspace: Workspace, network: PrivateNetwork) -> Workspace:
    """A workspace that the bastion knows, but that does not know the bastion."""
    empty_workspace.authorize(network)
    empty_workspace.add_database(network)
    return empty_workspace


def address(network: PrivateNetwork) -> str:
    bastion = network.bastion.description
    return f"{bastion['host']}:{bastion['port']}"


def add_tunnel(workspace: Workspace, name: str) -> None:
    fields = ("sshHost=bastion.example.org", "sshUser=me", "remoteHost=api.internal", "remotePort=80")
    settings = [part for field in fields for part in ("--set", field)]
    workspace.result("integration", "add", "--type", "ssh-tunnel", "--name", name, *settings)


def test_a_person_is_asked_about_an_unknown_host_key_while_the_command_waits(
    network: PrivateNetwork, untrusting: Workspace
) -> None:
    with terminal(untrusting, "run", "My DB", "--", "echo", "it", "ran") as process:
        process.expect_exact(network.bastion.fingerprint)
        process.expect_exact("Trust it?")
        process.sendline("yes")
        code, text = finish(process)
    assert code == 0
    assert "it ran" in text
    assert len(untrusting.result("hostkey", "list")) == 1


def test_the_end_of_the_fingerprint_is_an_answer_and_anything_else_is_no(
    network: PrivateNetwork, untrusting: Workspace
) -> None:
    for answer in ("no", "", "AAAAAAAA", "y"):
        with terminal(untrusting, "hostkey", "approve", address(network)) as process:
            process.expect_exact("Trust it?")
            process.sendline(answer)
            assert finish(process)[0] == 1
    assert untrusting.result("hostkey", "list") == []
    with terminal(untrusting, "hostkey", "approve", address(network)) as process:
        process.expect_exact("Trust it?")
        process.sendline(network.bastion.fingerprint[-8:])
        assert finish(process)[0] == 0
    [approved] = untrusting.result("hostkey", "list")
    assert approved["fingerprint"] == network.bastion.fingerprint


def test_a_rejected_host_key_ends_the_command_that_waited(untrusting: Workspace) -> None:
    with terminal(untrusting, "forward", "My DB") as process:
        process.expect_exact("Trust it?")
        process.sendline("no")
        code, text = finish(process)
    assert code == 1
    assert "host-key-rejected" in text


def test_a_question_that_waits_for_another_command_is_answered_elsewhere(
    network: PrivateNetwork, untrusting: Workspace
) -> None:
    with terminal(untrusting, "run", "My DB", "--", "echo", "it", "ran") as waiting:
        waiting.expect_exact("Trust it?")
        [question] = untrusting.result("hostkey", "pending")
        assert question["fingerprint"] == network.bastion.fingerprint
        with terminal(untrusting, "hostkey", "pending") as answering:
            answering.expect_exact("Trust it?")
            answering.sendline("yes")
            assert finish(answering)[0] == 0
        waiting.expect_exact("it ran")
        assert finish(waiting)[0] == 0
    with terminal(untrusting, "hostkey", "pending") as process:
        assert "Nothing waits" in finish(process)[1]


def test_without_a_terminal_nobody_is_asked_and_the_command_to_run_is_named(
    network: PrivateNetwork, untrusting: Workspace
) -> None:
    finished = untrusting.underpass("hostkey", "approve", address(network))
    assert finished.returncode == 1
    assert f"underpass hostkey scan {address(network)}" in finished.stderr
    failure = untrusting.failure("integration", "edit", "My DB", "--secret", "password")
    assert "password=-" in failure["fix"]


def test_a_secret_is_asked_for_and_not_shown(network: PrivateNetwork, workspace: Workspace) -> None:
    password = network.postgresql.description["password"]
    with terminal(workspace, "integration", "edit", "My DB", "--secret", "password") as process:
        process.expect_exact("password:")
        process.sendline("not-the-password")
        code, text = finish(process)
    assert code == 0
    assert "not-the-password" not in text
    assert workspace.failure("test", "My DB")["code"] == "login-refused"
    with terminal(workspace, "integration", "edit", "My DB", "--secret", "password") as process:
        process.expect_exact("password:")
        process.sendline(password)
        assert password not in finish(process)[1]
    assert workspace.result("test", "My DB")["ok"]


@pytest.mark.parametrize("key", [END_OF_FILE, INTERRUPT])
def test_who_gives_no_answer_changes_nothing(empty_workspace: Workspace, key: str) -> None:
    add_tunnel(empty_workspace, "My API")
    with terminal(empty_workspace, "integration", "remove", "My API") as process:
        process.expect_exact("[y/N]")
        process.send(key)
        assert finish(process)[0] == 1
    assert [found["name"] for found in empty_workspace.result("integration", "list")] == ["My API"]


def test_removing_names_the_projects_that_use_it_and_asks(empty_workspace: Workspace) -> None:
    add_tunnel(empty_workspace, "My API")
    with terminal(empty_workspace, "integration", "remove", "my api") as process:
        process.expect_exact(str(empty_workspace.project.resolve()))
        process.expect_exact("[y/N]")
        process.sendline("")
        assert finish(process)[0] == 1
    with terminal(empty_workspace, "integration", "remove", "my api") as process:
        process.expect_exact("[y/N]")
        process.sendline("y")
        assert finish(process)[0] == 0
    assert empty_workspace.result("integration", "list") == []
    add_tunnel(empty_workspace, "My API")
    with terminal(empty_workspace, "integration", "remove", "My API", "--yes") as process:
        assert finish(process)[0] == 0


def test_colours_are_for_terminals_that_want_them(empty_workspace: Workspace) -> None:
    add_tunnel(empty_workspace, "My API")
    with terminal(empty_workspace, "status") as process:
        assert "\x1b[" in finish(process)[1]
    for variables in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        with terminal(empty_workspace, "status", variables=variables) as process:
            assert "\x1b" not in finish(process)[1]
    # Machines that build have no terminal, but a variable that makes some programs believe so.
    empty_workspace.environment["CI"] = "1"
    assert "\x1b" not in empty_workspace.underpass("status").stdout


def test_no_name_reaches_the_terminal_as_an_escape_sequence(empty_workspace: Workspace) -> None:
    # Names with control characters are refused when they are given; a file may hold one all the same.
    add_tunnel(empty_workspace, "placeholder")
    empty_workspace.result("stop")
    stored = empty_workspace.home / "workspace.json"
    stored.write_text(stored.read_text().replace("placeholder", HOSTILE))
    for arguments in (["integration", "list"], ["status"], ["integration", "show", HOSTILE], ["doctor"]):
        with terminal(empty_workspace, *arguments, variables={"NO_COLOR": "1"}) as process:
            text = finish(process)[1]
        assert "\u009b" not in text
        assert "\u202e" not in text
        with terminal(empty_workspace, *arguments, "--json") as process:
            text = finish(process)[1]
        assert "\u009b" not in text
        assert "\u202e" not in text
    assert empty_workspace.result("integration", "list")[0]["name"] == HOSTILE


def test_an_answer_of_a_hostile_server_is_not_obeyed(empty_workspace: Workspace) -> None:
    finished = empty_workspace.underpass("connect", "\x1b]0;owned\x07\x9b2J")
    assert finished.returncode == 1
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", finished.stderr)
    usage = empty_workspace.underpass("\x1b]0;owned\x07")
    assert usage.returncode == 2
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", usage.stderr)


@pytest.mark.parametrize("columns", [20, 40, 80])
def test_tables_fit_the_terminal(empty_workspace: Workspace, columns: int) -> None:
    add_tunnel(empty_workspace, "データベース " * 8)
    with terminal(empty_workspace, "status", columns=columns, variables={"NO_COLOR": "1"}) as process:
        text = finish(process)[1]
    table = text.split("Forwards\n")[1].splitlines()
    if columns == 80:
        assert table[0].startswith("INTEGRATION")
        assert "…" in table[1]
    else:
        assert any(line.startswith("LOCAL: 127.0.0.1:") for line in table)


@pytest.mark.parametrize("command", ["integration types --json", "connect --help"])
def test_a_reader_that_has_read_enough_is_no_failure(empty_workspace: Workspace, command: str) -> None:
    script = f"underpass {command} | true; echo ${{PIPESTATUS[0]}}"
    finished = subprocess.run(
        ["bash", "-c", script],
        env={**empty_workspace.environment, "PATH": f"{PROGRAMS}:{empty_workspace.environment['PATH']}"},
        cwd=empty_workspace.project,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert finished.stdout.splitlines()[-1].strip() == "0"
    assert finished.stderr == ""


def test_a_locale_without_letters_is_no_obstacle(empty_workspace: Workspace) -> None:
    add_tunnel(empty_workspace, "Zürich")
    with terminal(empty_workspace, "integration", "show", "Zürich", variables={"LC_ALL": "C"}) as process:
        code, text = finish(process)
    assert code == 0
    assert "Zürich" in text
    assert "->" in text
    assert "→" not in text


def test_status_goes_on_watching_until_it_is_interrupted(empty_workspace: Workspace) -> None:
    add_tunnel(empty_workspace, "My API")
    with terminal(empty_workspace, "status", "--watch") as process:
        process.expect_exact("My API")
        add_tunnel(empty_workspace, "Another")
        process.expect_exact("Another")
        empty_workspace.result("stop")
        process.expect_exact("The tunnel service ended.")
        assert finish(process)[0] == 0
