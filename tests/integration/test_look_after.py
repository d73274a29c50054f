"""What the command line says of the service: status, stop and logs."""

from __future__ import annotations

import json
import signal
import socket

import pytest

from tests.database import SSL_REQUEST
from tests.workspace import Workspace


def test_looking_starts_no_service(empty_workspace: Workspace) -> None:
    assert empty_workspace.result("status") == {"running": False}
    assert empty_workspace.result("stop") == {"stopped": False}
    assert empty_workspace.result("logs") == []
    assert empty_workspace.result("status") == {"running": False}


def test_status_says_who_uses_what_since_when_and_how_much(workspace: Workspace) -> None:
    with workspace.forward("My DB") as port:
        with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
            connection.sendall(SSL_REQUEST)
            assert connection.recv(1) == b"S"
            status = workspace.result("status")
        [forward] = status["forwards"]
        assert forward["bytesSent"] == len(SSL_REQUEST)
        assert forward["bytesReceived"] == 1
        assert [holder["name"] for holder in forward["heldBy"]] == ["underpass forward"]
        [session] = status["sessions"]
        assert session["state"] == "up"
        text = workspace.underpass("status").stdout
    assert f"{len(SSL_REQUEST)} B" in text
    assert "underpass forward (" in text
    assert f"127.0.0.1:{port}" in text


def test_the_log_names_the_whole_command(workspace: Workspace) -> None:
    workspace.result("key", "show")
    assert 'client="underpass key show"' in workspace.underpass("logs").stdout


def test_a_stopped_service_comes_back_on_the_same_port(workspace: Workspace) -> None:
    with workspace.forward("My DB") as port:
        pass
    assert workspace.result("stop") == {"stopped": True}
    assert workspace.result("status") == {"running": False}
    with workspace.forward("My DB") as again:
        assert again == port


def test_a_service_in_use_is_stopped_only_on_purpose(workspace: Workspace) -> None:
    with workspace.running("forward", "My DB") as process:
        assert process.stdout is not None
        process.stdout.readline()
        failure = workspace.failure("stop", "--only-idle")
        assert failure["code"] == "service-in-use"
        assert "underpass forward" in failure["message"]
        assert workspace.result("stop") == {"stopped": True}
        assert process.wait(timeout=20) == 1
        assert process.stderr is not None
        assert "was stopped" in process.stderr.read()


def test_a_signal_for_run_reaches_its_command(workspace: Workspace) -> None:
    script = "trap 'exit 9' TERM; echo ready; while :; do sleep 0.1; done"
    with workspace.running("run", "My DB", "--", "sh", "-c", script) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 9
    killed = workspace.underpass("run", "My DB", "--", "sh", "-c", "kill -KILL $$")
    assert killed.returncode == 128 + signal.SIGKILL


def test_logs_are_for_people_and_for_programs(workspace: Workspace) -> None:
    entries = workspace.result("logs")
    events = [entry["event"] for entry in entries]
    assert "integration-added" in events
    assert entries == sorted(entries, key=lambda entry: entry["time"])
    text = workspace.underpass("logs").stdout
    assert 'integration-added integration="My DB"' in text
    workspace.failure("run", "My DB", "--", "no-such-program")
    assert workspace.result("logs", "--since", "2001-01-01")
    assert workspace.result("logs", "--since", "2999-01-01") == []
    assert all(entry["level"] == "error" for entry in workspace.result("logs", "--level", "error"))
    assert workspace.underpass("logs", "--since", "yesterday").returncode == 2


def test_what_is_no_json_is_shown_all_the_same(empty_workspace: Workspace) -> None:
    empty_workspace.result("integration", "list")
    empty_workspace.result("stop")
    [log] = empty_workspace.runtime.glob("*.log")
    with log.open("a") as file:
        file.write("FATAL ERROR: out of memory\x1b[2J\n")
    shown = empty_workspace.underpass("logs", "--level", "error").stdout
    assert "FATAL ERROR: out of memory\\x1b[2J" in shown


@pytest.mark.parametrize("rotation", ["copied and emptied", "renamed"])
def test_following_goes_on_across_a_rotation_and_loses_nothing(
    empty_workspace: Workspace, rotation: str
) -> None:
    empty_workspace.result("integration", "list")
    empty_workspace.result("stop")
    [log] = empty_workspace.runtime.glob("*.log")
    aside = log.with_name(f"{log.name}.1")

    def write(number: int) -> None:
        with log.open("a") as file:
            file.write(json.dumps({"level": "info", "event": f"event-{number}"}) + "\n")

    with empty_workspace.running("logs", "--follow", "--json") as process:
        assert process.stdout is not None

        def read() -> str:
            assert process.stdout is not None
            return str(json.loads(process.stdout.readline())["event"])

        write(1)
        while read() != "event-1":
            pass
        write(2)
        if rotation == "renamed":
            log.rename(aside)
        else:
            aside.write_bytes(log.read_bytes())
            log.write_bytes(b"")
        write(3)
        assert read() == "event-2"
        assert read() == "event-3"
        write(4)
        assert read() == "event-4"
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 0


def test_usage_errors_suggest_what_was_meant_and_are_json_on_request(empty_workspace: Workspace) -> None:
    for arguments, meant in ((["statsu"], "status"), (["integration", "lst"], "list")):
        finished = empty_workspace.underpass(*arguments)
        assert finished.returncode == 2
        assert meant in finished.stderr
        finished = empty_workspace.underpass("--json", *arguments)
        assert finished.returncode == 2
        assert finished.stdout == ""
        failure = json.loads(finished.stderr)
        assert failure["code"] == "invalid-request"
        assert meant in failure["fix"]
    assert "--watch" in empty_workspace.underpass("status", "--wtach").stderr
