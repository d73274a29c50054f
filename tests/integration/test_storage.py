"""What happens to the workspace's files does not end the service, and is said."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.smalldisk import SmallHome
from tests.workspace import Workspace

TUNNEL = (
    *("--set", "sshHost=bastion.example.org", "--set", "sshUser=me"),
    *("--set", "remoteHost=api.internal", "--set", "remotePort=8080"),
)
DATABASE = ("--set", "host=db.internal", "--set", "user=me", "--set", "database=shop")


@pytest.fixture
def small() -> Iterator[SmallHome]:
    with tempfile.TemporaryDirectory(prefix="underpass-") as folder:
        workspace = SmallHome(Path(folder))
        yield workspace
        workspace.close()


def names(workspace: Workspace) -> list[str]:
    return [integration["name"] for integration in workspace.result("integration", "list")]


def add_tunnel(name: str) -> tuple[str, ...]:
    return ("integration", "add", "--type", "ssh-tunnel", "--name", name, *TUNNEL)


def add_database(name: str) -> tuple[str, ...]:
    secret = ("--secret", "password=-")
    return ("integration", "add", "--type", "postgresql", "--name", name, *DATABASE, *secret)


def test_on_a_full_disk_nothing_is_lost_or_left_behind_and_the_service_lives_on(small: SmallHome) -> None:
    kept = small.result(*add_database("Kept"), stdin="first")
    service = small.service()
    assert service is not None
    small.fill()
    failure = small.failure(*add_database("Lost"), stdin="second")
    assert failure["code"] == "storage-failed"
    assert str(small.home) in failure["message"]
    assert "full" in failure["message"]
    assert "Free some space" in failure["fix"]
    assert names(small) == ["Kept"]
    assert small.failure("integration", "remove", "--yes", "Kept")["code"] == "storage-failed"
    assert small.result("integration", "show", "Kept")["secretsSet"] == ["password"]
    listed = small.inside("ls", "-A", str(small.home)).stdout.split()
    assert not [name for name in listed if name.endswith(".tmp")]
    vault = json.loads(small.inside("cat", str(small.home / "vault.json")).stdout)
    assert list(vault["entries"]) == [f"integration/{kept['id']}/password"]

    small.make_room()
    small.result(*add_database("Lost"), stdin="second")
    assert names(small) == ["Kept", "Lost"]
    assert small.service() == service


def test_a_read_only_home_is_read_and_says_what_to_do(small: SmallHome) -> None:
    small.result(*add_tunnel("Kept"))
    small.kill_service()
    small.remount("ro")
    assert names(small) == ["Kept"]
    failure = small.failure(*add_tunnel("Lost"))
    assert failure["code"] == "storage-failed"
    assert "read-only" in failure["message"]
    assert "UNDERPASS_HOME" in failure["fix"]
    small.remount("rw")
    small.result(*add_tunnel("Lost"))
    assert names(small) == ["Kept", "Lost"]


def test_a_workspace_of_a_newer_version_is_refused_with_the_version_to_install(
    empty_workspace: Workspace,
) -> None:
    empty_workspace.result(*add_tunnel("Kept"))
    empty_workspace.kill_service()
    path = empty_workspace.home / "workspace.json"
    own = path.read_text()
    newer = json.dumps({**json.loads(own), "version": 99, "savedBy": "9.9.9"})
    path.write_text(newer)
    for command in (("integration", "list"), add_tunnel("Lost"), ("connect", "Kept")):
        failure = empty_workspace.failure(*command)
        assert failure["code"] == "storage-newer", failure
        assert "underpass>=9.9.9" in failure["fix"]
    assert path.read_text() == newer
    assert not (empty_workspace.home / "vault.json").exists()
    # Nothing has to be ended or started for that.
    path.write_text(own)
    assert names(empty_workspace) == ["Kept"]


def test_a_damaged_workspace_is_said_in_the_log_and_the_rest_is_there(empty_workspace: Workspace) -> None:
    empty_workspace.result(*add_tunnel("One"))
    empty_workspace.result(*add_tunnel("Two"))
    empty_workspace.kill_service()
    path = empty_workspace.home / "workspace.json"
    damaged = path.read_bytes()[:-150]
    path.write_bytes(damaged)
    assert names(empty_workspace) == ["One", "Two"]
    (kept,) = empty_workspace.home.glob("workspace.json.damaged-*")
    assert kept.read_bytes() == damaged
    (log,) = empty_workspace.runtime.glob("*.log")
    assert "workspace.json was damaged" in log.read_text()
