"""With jupyter-collaboration, jupyterlab-lsp and jupysql installed all of it still works."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Route, expect

from tests.compat.conftest import Application, OpenNotebook
from tests.notebooks import write_notebook
from tests.workspace import Workspace

#: Counts how often the MIME type of the first cell changes, from now on.
WATCH = """
window.changes = [];
const { model } = panel.content.widgets[0];
model.mimeTypeChanged.connect(() => window.changes.push(model.mimeType));
"""
#: Time enough for two extensions to answer each other many times.
FRAMES = """
for (let frame = 0; frame < 60; frame++) {
    await new Promise(resolve => requestAnimationFrame(resolve));
}
return window.changes;
"""


@pytest.fixture
def path(workspace: Workspace) -> Path:
    return write_notebook(workspace.project / "a.ipynb", '%%sql "My DB" -o df\nSELECT 6 * 7 AS answer')


def test_the_others_are_there(python: Path) -> None:
    command = [python, "-m", "jupyterlab.labextensions", "list"]
    listed = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout
    for name in ("@jupyter/docprovider-extension", "@jupyter-lsp/jupyterlab-lsp", "jupysql-plugin"):
        assert f"{name} v" in listed


@pytest.mark.parametrize("application", ["lab", "notebook"])
def test_two_people_see_one_cell_and_its_header(
    open_notebook: OpenNotebook, path: Path, application: Application
) -> None:
    one, other = open_notebook(path, application), open_notebook(path, application)
    for page in (one, other):
        expect(page.headers.get_by_label("Integration")).to_have_value("My DB")
    output = one.headers.get_by_label("Result in")
    output.fill("answers")
    output.press("Enter")
    expect(other.headers.get_by_label("Result in")).to_have_value("answers")
    assert other.source(0) == '%%sql "My DB" -o answers\nSELECT 6 * 7 AS answer'
    other.write(0, '%%sql "My DB" -o both\nSELECT 6 * 7 AS answer')
    expect(one.headers.get_by_label("Result in")).to_have_value("both")
    other.run_all()
    for page in (one, other):
        expect(page.cell(0).locator(".jp-OutputArea-output table")).to_contain_text("42")
        assert page.complaints == []


def test_an_sql_cell_keeps_its_language_beside_a_language_server(
    open_notebook: OpenNotebook, path: Path
) -> None:
    page = open_notebook(path)
    expect(page.headers).to_have_count(1)
    expect(page.cell(0).locator(".cm-content")).to_have_attribute("data-language", "sql")
    page.notebook(WATCH)
    page.write(0, '%%sql "My DB" -o df\nSELECT 1 AS one')
    page.run_all()
    changes = page.notebook(FRAMES)
    assert len(changes) <= 2, changes
    assert "sql" in page.mime_type(0)
    page.write(0, "print(1)")
    expect(page.headers).to_have_count(0)
    expect(page.cell(0).locator(".cm-content")).to_have_attribute("data-language", "python")
    assert page.complaints == []


def test_where_jupysql_has_sql_its_cells_are_its_own_and_ours_have_another_name(
    open_notebook: OpenNotebook, workspace: Workspace
) -> None:
    path = write_notebook(
        workspace.project / "jupysql.ipynb",
        "%load_ext sql\n%config SqlMagic.displaycon = False",
        "%%sql sqlite://\nSELECT 'theirs' AS whose",
        "%%underpass \"My DB\"\nSELECT 'ours' AS whose",
    )
    page = open_notebook(path)
    page.run_all()
    _, theirs, ours = page.outputs()
    assert "theirs" in str(theirs), theirs
    assert "ours" in str(ours), ours
    assert page.complaints == []


def test_jupysql_may_come_after_our_first_cell(open_notebook: OpenNotebook, workspace: Workspace) -> None:
    path = write_notebook(
        workspace.project / "later.ipynb",
        "%%sql \"My DB\"\nSELECT 'ours' AS whose",
        "%load_ext sql\n%config SqlMagic.displaycon = False",
        "%%sql sqlite://\nSELECT 'theirs' AS whose",
        "%%underpass \"My DB\"\nSELECT 'ours again' AS whose",
    )
    page = open_notebook(path)
    page.run_all()
    ours, _, theirs, again = page.outputs()
    assert "ours" in str(ours), ours
    assert "theirs" in str(theirs), theirs
    assert "ours again" in str(again), again


def test_tables_are_completed_beside_others_that_answer_sooner(
    open_notebook: OpenNotebook, workspace: Workspace
) -> None:
    path = write_notebook(
        workspace.project / "completed.ipynb",
        '%%sql "My DB"\nCREATE TABLE IF NOT EXISTS harvest (apples int, pears int)',
        '%%sql "My DB"\nSELECT apples FROM ',
    )
    page = open_notebook(path)
    page.notebook("await window.jupyterapp.commands.execute('notebook:run-cell')")
    expect(page.cell(0).locator(".jp-OutputArea-output")).to_contain_text("OK")
    page.cell(1).locator(".cm-line").last.click()
    page.page.keyboard.press("Control+End")
    page.page.keyboard.press("Tab")
    expect(page.offered("harvest")).to_be_visible()
    page.page.keyboard.press("Escape")
    # JupyterLab waits for a second, and shows then what the others have.
    held: list[Route] = []
    page.page.route(
        "**/underpass/rpc*",
        lambda route: route.continue_() if held or not is_completion(route) else held.append(route),
    )
    page.page.keyboard.press("Tab")
    expect(page.offered("SELECT").first).to_be_visible()
    expect(page.offered("harvest")).to_have_count(0)
    held[0].continue_()
    expect(page.offered("harvest")).to_be_visible()
    page.offered("harvest").click()
    expect(page.cell(1).locator(".cm-content")).to_contain_text("FROM harvest")
    assert page.complaints == []


def is_completion(route: Route) -> bool:
    return "language/complete" in (route.request.post_data or "")
