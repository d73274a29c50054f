"""The Python that has a notebook's drivers is that of its kernel."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from jupyterlab_underpass.interpreters import Interpreter, interpreter_of


@pytest.fixture
def spec(jp_data_dir: Path) -> Any:
    """Writes the spec of a kernel called ``other``."""

    def write(program: str, *, language: str = "python", **environment: str) -> None:
        folder = jp_data_dir / "kernels" / "other"
        folder.mkdir(parents=True, exist_ok=True)
        argv = [program, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        content = {"argv": argv, "display_name": "Other", "language": language, "env": environment}
        (folder / "kernel.json").write_text(json.dumps(content))

    return write


@pytest.fixture
def ask(jp_serverapp: Any) -> Any:
    async def ask(path: str) -> Interpreter:
        app = jp_serverapp
        return await interpreter_of(path, app.session_manager, app.kernel_manager, app.kernel_spec_manager)

    return ask


async def test_a_running_kernel_says_which_python_it_is(
    jp_serverapp: Any, spec: Any, ask: Any, tmp_path: Path
) -> None:
    program = tmp_path / "python3"
    program.symlink_to(sys.executable)
    spec(str(program), PYTHONPATH="/somewhere")
    manager = jp_serverapp.session_manager
    session = await manager.create_session("a.ipynb", "a", "notebook", kernel_name="other")
    try:
        assert await ask("a.ipynb") == {"program": str(program), "path": "/somewhere"}
        assert (await ask("b.ipynb"))["program"] == sys.executable
    finally:
        await manager.delete_session(session["id"])


async def test_without_a_kernel_it_is_that_of_the_default_one(
    jp_serverapp: Any, spec: Any, ask: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "python3.12"
    program.symlink_to(sys.executable)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    jp_serverapp.kernel_manager.default_kernel_name = "other"
    spec(str(program))
    assert await ask("") == {"program": str(program)}
    assert await ask("a.ipynb") == {"program": str(program)}


@pytest.mark.parametrize(
    ("program", "language"),
    [
        ("python3", "python"),
        ("/nowhere/python3", "python"),
        ("/bin/sh", "python"),
        (os.devnull, "python"),
        (sys.executable, "R"),
    ],
)
async def test_a_kernel_that_is_started_in_another_way_means_the_python_of_the_server(
    jp_serverapp: Any, spec: Any, ask: Any, program: str, language: str
) -> None:
    jp_serverapp.kernel_manager.default_kernel_name = "other"
    spec(program, language=language)
    assert (await ask(""))["program"] == sys.executable


async def test_a_server_without_kernels_has_a_python_of_its_own(jp_serverapp: Any, ask: Any) -> None:
    jp_serverapp.kernel_manager.default_kernel_name = "nonesuch"
    assert (await ask(""))["program"] == sys.executable
