"""Notebooks that run without a front end."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat

from tests.workspace import Workspace


def write_notebook(path: Path, *sources: str) -> Path:
    """Write a notebook of code cells; the first one holds the parameters."""
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in sources],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    )
    notebook.cells[0].metadata["tags"] = ["parameters"]
    nbformat.write(notebook, path)
    return path


def start_papermill(
    workspace: Workspace, notebook: Path, python: str | Path = sys.executable, **parameters: object
) -> subprocess.Popen[str]:
    """Have papermill run ``notebook``; the run's copy lies beside it as ``NAME.out.ipynb``."""
    options = [part for name, value in parameters.items() for part in ("-p", name, str(value))]
    return subprocess.Popen(
        [
            *(str(python), "-m", "papermill", str(notebook), str(output_of(notebook))),
            *("--cwd", str(workspace.project), "--no-progress-bar", *options),
        ],
        env=workspace.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def output_of(notebook: Path) -> Path:
    """Where papermill writes what ``notebook`` showed."""
    return notebook.with_suffix(".out.ipynb")


def printed(notebook: Path) -> str:
    """Everything that the cells of a notebook that was run have printed."""
    cells = nbformat.read(notebook, as_version=4).cells
    return "".join(output.get("text", "") for cell in cells for output in cell.get("outputs", ()))
