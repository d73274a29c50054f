from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from underpass.node import find_node, find_service, major_version


def make_node(folder: Path, version: str) -> Path:
    folder.mkdir()
    node = folder / "node"
    node.write_text(f"#!/bin/sh\necho {version}\n")
    node.chmod(0o755)
    return node


def test_a_new_enough_node_on_the_path_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    node = make_node(tmp_path / "bin", "v20.0.0")
    monkeypatch.setenv("PATH", str(node.parent))
    assert find_node() == str(node)


def test_an_old_node_on_the_path_gives_way_to_the_wheel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = make_node(tmp_path / "bin", "v18.20.0")
    monkeypatch.setenv("PATH", str(node.parent))
    found = find_node()
    assert found != str(node)
    assert (major_version(found) or 0) >= 20


def test_what_does_not_run_has_no_version(tmp_path: Path) -> None:
    assert major_version(str(tmp_path / "node")) is None


def test_the_service_runs_with_it() -> None:
    finished = subprocess.run([find_node(), find_service(), "--version"], capture_output=True, text=True)
    assert finished.stdout.strip()[0].isdigit()
