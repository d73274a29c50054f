"""What a person does in a browser with JupyterLab."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import Any

from playwright.sync_api import Locator, Page, Response, expect

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
#: Milliseconds that things may take on a busy machine.
PATIENCE = 30_000


class Lab:
    """One page with JupyterLab, which must be started with ``--LabApp.expose_app_in_browser=True``."""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)
        #: Requests for the tunnel service that the Jupyter server refused.
        self.refused: list[str] = []
        page.on("response", self._note)

    def open(self, address: str, token: str) -> None:
        """Log in, and open the Integrations sidebar."""
        self.page.goto(f"http://{address}/lab?token={token}")
        self.page.wait_for_function("window.jupyterapp !== undefined")
        self.page.evaluate("window.jupyterapp.started")
        self.page.locator("[data-id='underpass-integrations']").first.click()
        expect(self.sidebar).to_be_visible()

    def _note(self, answer: Response) -> None:
        if "/underpass/" in answer.url and not answer.ok:
            self.refused.append(f"{answer.status} {answer.request.post_data}")

    def offers(self, command: str) -> bool:
        """Whether a command can be chosen, in the command palette for one."""
        return self.page.evaluate("command => window.jupyterapp.commands.isVisible(command)", command)

    @property
    def sidebar(self) -> Locator:
        return self.page.get_by_role("region", name="Integrations")

    @property
    def dialog(self) -> Locator:
        return self.page.locator(".jp-Dialog")

    def item(self, name: str) -> Locator:
        """The entry of an integration."""
        return self.sidebar.get_by_role("listitem").filter(has_text=name)

    def choose(self, name: str, action: str) -> None:
        """From the menu of an integration."""
        self.sidebar.get_by_role("button", name=f"More actions for {name}").click()
        self.page.get_by_role("menu").get_by_role("menuitem", name=action, exact=True).click()

    def close(self) -> None:
        """The open dialog."""
        self.dialog.get_by_role("button", name="Close").last.click()
        expect(self.dialog).to_have_count(0)

    def public_key(self) -> str:
        """From its dialog."""
        self.sidebar.get_by_role("button", name="Workspace SSH key").click()
        text = self.dialog.locator(".jp-Underpass-publicKey pre").text_content()
        self.close()
        return text or ""

    def add(self, type_: str, values: Mapping[str, str | bool]) -> None:
        """Fill in the form of a type from the top, and send it."""
        self.sidebar.get_by_role("button", name="Add integration").first.click()
        self.dialog.get_by_role("button", name=type_, exact=True).click()
        more = self.dialog.locator("details:not([open]) > summary")
        for label, value in values.items():
            field = self.dialog.get_by_label(label, exact=True)
            if not field.is_visible() and more.count():
                more.first.click()
            if value is True:
                field.check()
            elif field.get_attribute("role") == "radiogroup":
                field.get_by_label(str(value), exact=True).check()
            elif field.evaluate("field => field.tagName") == "SELECT":
                field.select_option(label=str(value))
            else:
                field.fill(str(value))
        self.dialog.get_by_role("button", name="Add", exact=True).click()

    def new_notebook(self, name: str) -> None:
        """With a Python kernel that is ready."""
        self.page.evaluate(
            """async name => {
                const { commands, serviceManager } = window.jupyterapp;
                const made = await serviceManager.contents.newUntitled({ type: 'notebook', path: '' });
                await serviceManager.contents.rename(made.path, name);
                const kernel = { name: 'python3' };
                const panel = await commands.execute('docmanager:open', { path: name, kernel });
                await panel.sessionContext.ready;
                await panel.sessionContext.session.kernel.info;
            }""",
            name,
        )

    def kernel(self) -> str:
        """Id of the notebook's kernel."""
        return self._notebook("return panel.sessionContext.session.kernel.id")

    def run(self, source: str, seconds: float = 60) -> str:
        """Run code in a new last cell; gives its outputs as text."""
        index = self._notebook(
            """
            const notebook = panel.content;
            const index = notebook.model.sharedModel.cells.length;
            notebook.model.sharedModel.insertCell(index, {
                cell_type: 'code', source: argument, metadata: { trusted: true }
            });
            notebook.activeCellIndex = index;
            notebook.deselectAll();
            return index;
            """,
            source,
        )
        self.page.evaluate("async () => { await window.jupyterapp.commands.execute('notebook:run-cell'); }")
        deadline = time.monotonic() + seconds
        while self._notebook(f"return panel.content.model.cells.get({index}).executionCount") is None:
            assert time.monotonic() < deadline, source
            self.page.wait_for_timeout(50)
        return self._notebook(
            f"return JSON.stringify(panel.content.model.cells.get({index}).outputs.toJSON())"
        )

    def restart_kernel(self) -> None:
        """Without the question that the menu asks."""
        self._notebook("await panel.sessionContext.session.kernel.restart()")
        self._notebook("await panel.sessionContext.session.kernel.info")

    def save(self) -> None:
        """The notebook, with a checkpoint."""
        self._notebook("await panel.context.save(); await panel.context.createCheckpoint()")

    def _notebook(self, body: str, argument: Any = None) -> Any:
        return self.page.evaluate(
            f"async argument => {{ const panel = window.jupyterapp.shell.currentWidget; {body} }}", argument
        )
