from __future__ import annotations

import hashlib
import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from underpass.failure import UnderpassError
from underpass.paths import find_paths


def digest_of(home: Path) -> str:
    return hashlib.sha256(f"{os.path.realpath(home)}\n{socket.gethostname()}".encode()).hexdigest()[:16]


def test_the_socket_lies_in_the_runtime_folder(workspace: Path) -> None:
    paths, folder = find_paths(), workspace.parent
    name = f"underpass-{digest_of(folder / 'home')}"
    assert paths.socket == folder / "runtime" / f"{name}.sock"
    assert paths.log == folder / "runtime" / f"{name}.log"


def test_the_home_is_made_for_the_user_alone(workspace: Path) -> None:
    assert stat.S_IMODE(find_paths().home.stat().st_mode) == 0o700


def test_a_link_to_the_home_is_the_same_workspace(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    direct = find_paths().socket
    (tmp_path / "link").symlink_to(workspace.parent / "home")
    monkeypatch.setenv("UNDERPASS_HOME", str(tmp_path / "link"))
    assert find_paths().socket == direct


def test_without_variables_jupyters_folders_are_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("UNDERPASS_HOME", "UNDERPASS_RUNTIME_DIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    paths = find_paths()
    assert paths.home == tmp_path / "jupyter" / "underpass"
    assert paths.runtime == tmp_path / "jupyter" / "runtime"


def test_a_path_too_long_for_a_socket_moves_to_a_private_folder(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNDERPASS_RUNTIME_DIR", str(tmp_path / ("long" * 30)))
    paths = find_paths()
    assert paths.socket == Path(f"/tmp/underpass-{os.getuid()}/{digest_of(workspace.parent / 'home')}.sock")
    assert stat.S_IMODE(paths.socket.parent.stat().st_mode) == 0o700
    assert paths.log.is_relative_to(tmp_path)


def test_a_folder_that_others_may_enter_is_refused(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNDERPASS_RUNTIME_DIR", str(tmp_path / ("long" * 30)))
    folder = find_paths().socket.parent
    folder.chmod(0o755)
    try:
        with pytest.raises(UnderpassError, match="not a private folder"):
            find_paths()
    finally:
        folder.chmod(0o700)


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = (
        "import sys, underpass, underpass.framing, underpass.failure, underpass.paths, underpass.node\n"
        "print({'pandas', 'pyarrow', 'IPython', 'sqlglot', 'jupyter_core'} & {*sys.modules})"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "set()\n"
