"""What a cell gives back in a real kernel: its status, its variable, and what later cells do with it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.kernel import Kernel
from tests.notebooks import output_of, start_papermill, write_notebook
from tests.outcome import Outcome
from tests.workspace import Workspace

STATUS = "application/vnd.underpass.status+json"
SLOW = "SELECT i, pg_sleep(0.002)::text FROM generate_series(1, 1200) AS i"


@pytest.fixture
def kernel(workspace: Workspace) -> Iterator[Kernel]:
    with Kernel(workspace) as kernel:
        yield kernel


def status(outcome: Outcome) -> dict[str, Any]:
    """The last one that the cell showed."""
    return [data[STATUS] for data in outcome.shown if STATUS in data][-1]


def saved(notebook: dict[str, Any], cell: int) -> list[dict[str, Any]]:
    """The status lines of a cell in a notebook that was saved."""
    outputs = notebook["cells"][cell]["outputs"]
    return [output["data"][STATUS] for output in outputs if STATUS in output.get("data", {})]


def test_rows_without_a_name_go_to_the_default_variable_and_it_is_said(kernel: Kernel) -> None:
    cell = kernel.run('%%sql "My DB"\nSELECT 1 AS one, 2 AS two')
    told = status(cell)
    assert told["state"] == "done"
    assert (told["rows"], told["columns"], told["output"], told["outputIsDefault"]) == (1, 2, "sql_df", True)
    assert told["integration"] == "My DB"
    assert told["tunnelled"] is True
    assert "1 row × 2 columns" in told["text"]  # noqa: RUF001
    assert told["text"].endswith(" · via tunnel → sql_df")
    assert kernel.run("print(sql_df.two[0])").text.strip() == "2"
    assert "outputIsDefault': False" in str(status(kernel.run('%%sql "My DB" -o mine\nSELECT 3 AS three')))
    kernel.run('%%sql "My DB" -o _\nSELECT 4 AS four')
    assert kernel.run("print(list(sql_df), list(mine))").text.strip() == "['one', 'two'] ['three']"


def test_results_are_tables_of_later_cells(kernel: Kernel) -> None:
    kernel.run("least = 3")
    kernel.run('%%sql "My DB" -o numbers\nSELECT i FROM generate_series(1, 5) AS i WHERE i >= {{ least }}')
    kernel.run("least = 100")
    cell = kernel.run('%%sql "My DB" --with numbers\nSELECT sum(i) AS total FROM numbers')
    assert cell.error is None, cell.text
    assert kernel.run("print(int(sql_df.total[0]))").text.strip() == "12"
    kernel.run("import polars; names = polars.DataFrame({'i': [4], 'name': ['four']})")
    cell = kernel.run(
        "%%sql duckdb -o joined\nSELECT name, i + {{ least }} AS i FROM names JOIN numbers USING (i)"
    )
    assert cell.error is None, cell.text
    assert status(cell)["integration"] == "DuckDB"
    assert kernel.run("print(joined.to_dict('records'))").text.strip() == "[{'name': 'four', 'i': 104}]"


def test_stop_ends_a_statement_over_dataframes(kernel: Kernel) -> None:
    assert kernel.run("%%sql duckdb\nSELECT 1 AS one").error is None
    request = kernel.start("%%sql duckdb\nSELECT count(*) FROM range(1000000000000) t(i) WHERE hash(i) = 7")
    # Said after a second: it runs.
    while kernel.next(request).get(STATUS, {}).get("state") != "waiting":
        pass
    kernel.interrupt()
    cell = kernel.finish(request, seconds=15)
    assert cell.error == "KeyboardInterrupt"
    assert kernel.run("%%sql duckdb\nSELECT 1 AS one").error is None


def test_a_kernel_with_little_memory_survives_a_large_result(kernel: Kernel) -> None:
    assert kernel.run('%%sql "My DB" -o before\nSELECT pg_backend_pid() AS pid').error is None
    kernel.run(
        "import resource; pages = int(open('/proc/self/statm').read().split()[0])\n"
        "limit = pages * resource.getpagesize() + 400_000_000\n"
        "resource.setrlimit(resource.RLIMIT_AS, (limit, limit))"
    )
    cell = kernel.run("%%sql \"My DB\"\nSELECT generate_series(1, 1000000000000) AS n, repeat('x', 300) AS t")
    assert cell.error == "UnderpassError"
    assert "result-too-large" in cell.text
    assert "--max-memory" in cell.text
    assert kernel.run('%%sql "My DB" -o after\nSELECT pg_backend_pid() AS pid').error is None
    assert kernel.run("print(before.pid[0] == after.pid[0])").text.strip() == "True"


def test_a_quick_cell_shows_one_line_and_a_long_one_counts_its_rows(kernel: Kernel) -> None:
    kernel.run('%%sql "My DB"\nSELECT 1')
    quick = kernel.run('%%sql "My DB"\nSELECT 1')
    assert [data[STATUS]["state"] for data in quick.shown if STATUS in data] == ["done"]
    request = kernel.start(
        f'%%sql "My DB" --frame arrow\n{SLOW.replace("0.002", "0.0005")}, generate_series(1, 9)'
    )
    counted: list[int] = []
    while (told := kernel.next(request).get(STATUS, {})).get("state") != "done":
        counted += [told["fetchedRows"]] if told.get("state") == "fetching" else []
    kernel.finish(request)
    assert counted == sorted(set(counted))


def test_a_saved_notebook_has_the_last_status_only(workspace: Workspace) -> None:
    notebook = write_notebook(
        workspace.project / "long.ipynb", f'%%sql "My DB"\n{SLOW}', "%%sql duckdb\nFROM sql_df"
    )
    with start_papermill(workspace, notebook) as papermill:
        log, _ = papermill.communicate(timeout=120)
    assert papermill.returncode == 0, log
    by_papermill = json.loads(output_of(notebook).read_text())
    command = [sys.executable, "-m", "nbconvert", "--to=notebook", "--execute", "--inplace", str(notebook)]
    subprocess.run(command, check=True, env=workspace.environment, cwd=workspace.project)
    by_nbconvert = json.loads(notebook.read_text())
    for done, first in ((by_papermill, len(by_papermill["cells"]) - 2), (by_nbconvert, 0)):
        for cell in (first, first + 1):
            (told,) = saved(done, cell)
            assert (told["state"], told["rows"], told["output"]) == ("done", 1200, "sql_df")
