"""What may lie about, be missing or be wrong where the service has its socket and the workspace its files."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.clients import PYTHON_CLIENT, answer_of, files_of, start, start_command
from tests.neighbour import NOBODY, as_nobody
from tests.workspace import Workspace

CLIENT = [sys.executable, "-c", PYTHON_CLIENT]


def ask_both(workspace: Workspace) -> tuple[Any, Any]:
    """What a kernel and the command line are told: a result or a failure."""
    kernel = answer_of(start(workspace, CLIENT))
    finished = workspace.underpass("--json", "key", "show")
    return kernel, finished.stdout or workspace.failure("key", "show")


def refused_by_both(workspace: Workspace) -> dict[str, Any]:
    """The failure that both are told, which must be the same."""
    kernel, command = ask_both(workspace)
    assert kernel == command
    return kernel


def lies_about(workspace: Workspace, kind: str) -> Path:
    """Path of the socket, pid file or log, with nothing there."""
    answer_of(start(workspace, CLIENT))
    (path,) = workspace.runtime.glob(f"*.{kind}")
    workspace.kill_service()
    path.unlink()
    return path


def make_stale_socket(workspace: Workspace) -> None:
    answer_of(start(workspace, CLIENT))
    workspace.kill_service()
    assert files_of(workspace) >= {"sock", "pid"}


def make_pid_file_of_another_program(workspace: Workspace) -> None:
    # This very process lives, but did not start when the file says.
    lies_about(workspace, "pid").write_text(f"{os.getpid()} 1")


def make_pid_file_empty(workspace: Workspace) -> None:
    lies_about(workspace, "pid").write_text("")


def make_pid_file_nonsense(workspace: Workspace) -> None:
    lies_about(workspace, "pid").write_bytes(b"\xff\x00 what?\n" * 100)


def make_socket_a_plain_file(workspace: Workspace) -> None:
    lies_about(workspace, "sock").write_text("not a socket")


def make_log_a_folder(workspace: Workspace) -> None:
    lies_about(workspace, "log").mkdir()


def make_rest_of_a_dead_starter(workspace: Workspace) -> None:
    place = lies_about(workspace, "pid")
    place.write_text("4194305 1")
    # It died while it had the right to remove that file.
    right = place.with_name(f"{place.name}.4194305-1")
    right.write_text("4194304 1")
    os.utime(right, (0, 0))


@pytest.mark.parametrize(
    "prepare",
    [
        make_stale_socket,
        make_pid_file_of_another_program,
        make_pid_file_empty,
        make_pid_file_nonsense,
        make_socket_a_plain_file,
        make_log_a_folder,
        make_rest_of_a_dead_starter,
    ],
)
def test_what_lies_about_is_no_obstacle(
    empty_workspace: Workspace, prepare: Callable[[Workspace], None]
) -> None:
    prepare(empty_workspace)
    kernel, command = ask_both(empty_workspace)
    assert isinstance(kernel, int)
    assert "fingerprint" in command
    assert files_of(empty_workspace) == {"sock", "pid", "log"}


def test_a_folder_in_the_place_of_the_socket_is_named_and_not_removed(empty_workspace: Workspace) -> None:
    path = lies_about(empty_workspace, "sock")
    path.mkdir()
    (path / "precious").write_text("")
    failure = refused_by_both(empty_workspace)
    assert failure["code"] == "service-unavailable"
    assert f"{path} is a folder" in failure["message"]
    assert f'mv "{path}"' in failure["fix"]
    assert (path / "precious").exists()


def test_a_runtime_folder_that_others_may_write_to_is_refused(empty_workspace: Workspace) -> None:
    empty_workspace.runtime.chmod(0o770)
    failure = refused_by_both(empty_workspace)
    assert "could pose as the tunnel service" in failure["message"]
    assert failure["fix"] == f'Take that right away: chmod go-w "{empty_workspace.runtime}"'
    empty_workspace.runtime.chmod(0o755)
    assert isinstance(answer_of(start(empty_workspace, CLIENT)), int)


def test_a_runtime_folder_of_another_user_is_refused(empty_workspace: Workspace) -> None:
    os.chown(empty_workspace.runtime, NOBODY, NOBODY)
    failure = refused_by_both(empty_workspace)
    assert "is not a folder of yours" in failure["message"]
    assert "UNDERPASS_RUNTIME_DIR" in failure["fix"]


def test_missing_folders_are_made_for_the_user_alone(empty_workspace: Workspace) -> None:
    empty_workspace.runtime.rmdir()
    empty_workspace.runtime = empty_workspace.runtime / "much" / "deeper"
    empty_workspace.environment["UNDERPASS_RUNTIME_DIR"] = str(empty_workspace.runtime)
    mask = os.umask(0o777)
    try:
        client = start(empty_workspace, CLIENT)
    finally:
        os.umask(mask)
    assert isinstance(answer_of(client), int)
    for folder in (empty_workspace.runtime, empty_workspace.runtime.parent, empty_workspace.home):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for file in empty_workspace.runtime.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_runtime_folder_with_a_long_path_has_its_socket_elsewhere(empty_workspace: Workspace) -> None:
    empty_workspace.runtime = empty_workspace.runtime / ("long" * 25)
    empty_workspace.environment["UNDERPASS_RUNTIME_DIR"] = str(empty_workspace.runtime)
    kernel, command = ask_both(empty_workspace)
    assert isinstance(kernel, int)
    assert "fingerprint" in command
    assert kernel == empty_workspace.service()
    assert files_of(empty_workspace) == {"pid", "log"}


@pytest.fixture
def small_disk(empty_workspace: Workspace) -> Iterator[Path]:
    """A real file system, as the runtime folder, with no room left."""
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k,mode=700", "none", empty_workspace.runtime], check=True
    )
    try:
        yield empty_workspace.runtime
    finally:
        subprocess.run(["umount", "-l", empty_workspace.runtime], check=True)


def fill(folder: Path) -> None:
    with (folder / "full").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 4096)
        except OSError:
            pass


def test_a_full_runtime_folder_is_a_clear_failure_and_a_full_one_later_no_harm(
    empty_workspace: Workspace, small_disk: Path
) -> None:
    fill(small_disk)
    failure = refused_by_both(empty_workspace)
    assert failure["code"] == "storage-failed"
    assert "ENOSPC" in failure["message"]
    assert str(small_disk) in failure["message"]
    (small_disk / "full").unlink()
    pid = answer_of(start(empty_workspace, CLIENT))
    fill(small_disk)
    # Its log and its ports can not be written now: it serves all the same.
    fields = {"sshHost": "127.0.0.1", "sshPort": "1", "sshUser": "u", "remoteHost": "h", "remotePort": "1"}
    settings = [part for field, value in fields.items() for part in ("--set", f"{field}={value}")]
    added = empty_workspace.result("integration", "add", "--type", "ssh-tunnel", "--name", "T", *settings)
    assert added["forward"]["localPort"] > 0
    assert answer_of(start(empty_workspace, CLIENT)) == pid
    (small_disk / "full").unlink()


def test_a_workspace_that_is_a_file_is_refused(empty_workspace: Workspace) -> None:
    empty_workspace.home.write_text("not a folder")
    failure = refused_by_both(empty_workspace)
    assert failure["code"] == "storage-failed"
    assert failure["message"] == f"The workspace's folder {empty_workspace.home} can not be used (ENOTDIR)."
    assert "UNDERPASS_HOME" in failure["fix"]


def test_without_a_home_in_the_environment_the_one_of_the_user_counts(
    empty_workspace: Workspace, tmp_path: Path
) -> None:
    for name in ("HOME", "UNDERPASS_HOME", "JUPYTER_DATA_DIR"):
        empty_workspace.environment.pop(name, None)
    empty_workspace.environment["XDG_DATA_HOME"] = str(tmp_path)
    kernel, command = ask_both(empty_workspace)
    assert isinstance(kernel, int)
    assert "fingerprint" in command
    assert kernel == empty_workspace.service()


_CONNECT = """
connection = socket.socket(socket.AF_UNIX)
try:
    connection.connect(sys.argv[1])
except OSError as error:
    print(type(error).__name__)
"""


@pytest.mark.parametrize("mode", [0o700, 0o755])
def test_another_user_can_not_connect(empty_workspace: Workspace, mode: int) -> None:
    answer_of(start(empty_workspace, CLIENT))
    # With folders that everybody may look into, the socket is the last barrier.
    empty_workspace.runtime.chmod(mode)
    empty_workspace.runtime.parent.chmod(mode)
    (socket,) = empty_workspace.runtime.glob("*.sock")
    finished = subprocess.run(
        as_nobody(_CONNECT, str(socket)), cwd="/", capture_output=True, text=True, check=True
    )
    assert finished.stdout.strip() == "PermissionError"


def test_a_service_that_hangs_is_named_after_a_while_to_each_kind_of_client(
    empty_workspace: Workspace,
) -> None:
    waiting = start(empty_workspace, [sys.executable, "-c", _ASK_TWICE])
    assert waiting.stdout is not None
    assert waiting.stdin is not None
    pid = int(waiting.stdout.readline())
    os.kill(pid, signal.SIGSTOP)
    try:
        waiting.stdin.write(b"\n")
        waiting.stdin.flush()
        kernel = start(empty_workspace, CLIENT)
        command = start_command(empty_workspace, "--json", "key", "show")
        shim = start_command(empty_workspace, "serve", "--stdio", "--json")
        failures = [answer_of(kernel), answer_of(waiting), *map(complaint_of, (command, shim))]
    finally:
        os.kill(pid, signal.SIGCONT)
    for failure in failures:
        assert failure["code"] == "service-unresponsive"
        assert f"process {pid}" in failure["message"]
        assert "underpass doctor" in failure["fix"]
        assert f"kill -9 {pid}" in failure["fix"]
    assert answer_of(start(empty_workspace, CLIENT)) == pid


#: Has a connection already when the service stops to answer.
_ASK_TWICE = PYTHON_CLIENT.replace(
    "try:\n",
    """
client = ServiceClient("connected before")
print(client.request("underpass/status", {})["pid"], flush=True)
input()
ServiceClient = lambda name: client
try:
""",
)


def complaint_of(process: subprocess.Popen[bytes]) -> Any:
    _, complaints = process.communicate(timeout=120)
    assert process.returncode == 1
    return json.loads(complaints.splitlines()[-1])
