"""One notebook in a browser, in JupyterLab or Notebook 7."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import ConsoleMessage, Locator, Page, expect

from tests.jupyterlab import JupyterLab
from tests.lab import PATIENCE

#: The notebook, once its kernel has answered.
READY = """async () => {
    const { shell } = window.jupyterapp;
    const panel = shell.currentWidget;
    if (!panel?.sessionContext) return false;
    await panel.context.ready;
    await panel.sessionContext.ready;
    await panel.sessionContext.session.kernel.info;
    return true;
}"""


class NotebookPage:
    """What a person sees of it, and does there."""

    def __init__(self, page: Page, application: Literal["lab", "notebook"]) -> None:
        self.page = page
        self.application = application
        #: Errors in the browser's console that name Underpass.
        self.complaints: list[str] = []
        page.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)
        page.on("console", self._note)
        page.on("pageerror", lambda error: self._blame(f"{error}\n{error.stack}"))

    def open(self, server: JupyterLab, path: Path) -> None:
        """Log in, and open a notebook with its kernel."""
        place = f"lab/tree/{path}" if self.application == "lab" else f"notebooks/{path}"
        self.page.goto(f"http://{server.address}/{place}?token={server.token}")
        self.page.wait_for_function("window.jupyterapp?.shell?.currentWidget?.sessionContext !== undefined")
        self.page.wait_for_function(READY)

    @property
    def headers(self) -> Locator:
        """Of SQL cells."""
        return self.page.get_by_role("group", name="SQL cell")

    def cell(self, index: int) -> Locator:
        return self.page.locator(".jp-Notebook .jp-Cell").nth(index)

    def offered(self, text: str) -> Locator:
        """What the list of completions has."""
        return self.page.locator(".jp-Completer .jp-Completer-item", has_text=text)

    def run_all(self) -> None:
        """All cells, to the end of the last one."""
        self.notebook("await window.jupyterapp.commands.execute('notebook:run-all-cells')")
        self.page.wait_for_function(
            """() => {
                const { content, sessionContext } = window.jupyterapp.shell.currentWidget;
                const code = [...content.model.cells].filter(cell => cell.type === 'code');
                return sessionContext.session.kernel.status === 'idle' &&
                    code.every(cell => cell.executionCount !== null && cell.executionState !== 'running');
            }"""
        )

    def outputs(self) -> list[list[dict[str, Any]]]:
        """Of each cell."""
        return self.notebook(
            "return [...panel.content.model.cells].map(cell => cell.outputs?.toJSON() ?? [])"
        )

    def source(self, index: int) -> str:
        return self.notebook("return panel.content.model.cells.get(argument).sharedModel.getSource()", index)

    def write(self, index: int, source: str) -> None:
        """Put text into a cell, as a tool or another person would."""
        self.notebook(
            "panel.content.model.cells.get(argument[0]).sharedModel.setSource(argument[1])", [index, source]
        )

    def mime_type(self, index: int) -> str:
        """Of a cell's editor."""
        return self.notebook("return panel.content.model.cells.get(argument).mimeType", index)

    def save(self) -> None:
        self.notebook("await panel.context.save()")

    def notebook(self, body: str, argument: Any = None) -> Any:
        """Evaluate JavaScript with the open ``panel``."""
        return self.page.evaluate(
            f"async argument => {{ const panel = window.jupyterapp.shell.currentWidget; {body} }}", argument
        )

    def _note(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._blame(f"{message.text} {message.location}")

    def _blame(self, text: str) -> None:
        if "underpass" in text.lower():
            self.complaints.append(text)
