"""One notebook file, wherever it runs: the same frames and the same texts."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.compat.conftest import OpenNotebook
from tests.compat.environments import PYTHONS
from tests.notebooks import output_of, start_papermill, write_notebook
from tests.workspace import Workspace

SALES = """%%sql "My DB" -o sales
SELECT product, sum(pieces) AS pieces, max(price)::numeric(8, 2) AS price
FROM (
    VALUES ('Tea', 12, 4.5), ('Coffee', 31, 6.0), ('Tea', 8, 4.5), ('Milk', 3, NULL)
) AS sold (product, pieces, price)
GROUP BY product HAVING sum(pieces) >= {{ least }} ORDER BY product"""
COUNT = """%%underpass 'my db'
SELECT count(*) AS products,
       now() > '2020-01-01' AS later FROM unnest({{ list(sales['product']) }}::text[])"""
CELLS = (
    "least = 10",
    SALES,
    "print(sales.dtypes.astype(str).to_dict(), sales.to_dict('list'))",
    COUNT,
)


@pytest.fixture(params=PYTHONS.keys())
def python(request: pytest.FixtureRequest) -> Path:
    return PYTHONS[request.param]


def test_a_notebook_gives_the_same_in_jupyterlab_notebook_7_papermill_and_nbconvert(
    workspace: Workspace, python: Path, open_notebook: OpenNotebook
) -> None:
    def in_browser(application: str) -> Callable[[Path], Path]:
        def run(path: Path) -> Path:
            page = open_notebook(path, application)
            page.run_all()
            page.save()
            assert page.complaints == []
            return path

        return run

    def papermill(path: Path) -> Path:
        with start_papermill(workspace, path, python) as process:
            log, _ = process.communicate(timeout=120)
        assert process.returncode == 0, log
        return output_of(path)

    def nbconvert(path: Path) -> Path:
        command = [python, "-m", "nbconvert", "--to", "notebook", "--execute", "--inplace", path]
        finished = subprocess.run(
            command,
            env=workspace.environment,
            cwd=workspace.project,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert finished.returncode == 0, finished.stderr
        return path

    ways = {
        "papermill": papermill,
        "nbconvert": nbconvert,
        "jupyterlab": in_browser("lab"),
        "notebook": in_browser("notebook"),
    }
    shown = {
        name: results(run(write_notebook(workspace.project / f"{name}.ipynb", *CELLS)))
        for name, run in ways.items()
    }
    first = shown["papermill"]
    assert "'pieces': [31, 20]" in first[2][0]
    assert "2" in first[3][0]
    for name, result in shown.items():
        assert result == first, name


def results(path: Path) -> list[list[str]]:
    """The texts of each code cell, without the line that says how long it took."""
    cells = nbformat.read(path, as_version=4).cells
    code = [cell for cell in cells if "injected-parameters" not in cell.metadata.get("tags", [])]
    return [[text for output in cell.outputs if (text := text_of(output))] for cell in code]


def text_of(output: Any) -> str:
    if output.output_type == "error":
        raise AssertionError("\n".join(output.traceback))
    if output.output_type == "stream":
        return output.text
    text = output.data.get("text/plain", "")
    return "" if " · " in text else text
