"""The page of Notebook 7 that lists files."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.compat.environments import enter
from tests.jupyterlab import JupyterLab
from tests.lab import PATIENCE
from tests.workspace import Workspace


def test_the_menu_leads_to_the_sidebar_and_to_a_new_integration(
    workspace: Workspace, chromium: Browser, python: Path
) -> None:
    enter(workspace, python)
    with (
        JupyterLab(workspace, (), python=python, application="notebook") as server,
        chromium.new_context(viewport={"width": 1280, "height": 800}) as context,
    ):
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)
        page.goto(f"http://{server.address}/tree?token={server.token}")
        menu = page.get_by_role("menuitem", name="Integrations")
        for entry in ("Show integrations", "Show tunnels"):
            menu.click()
            page.get_by_role("menuitem", name=entry).click()
            expect(page.get_by_role("listitem").filter(has_text="My DB")).to_contain_text("PostgreSQL")
        menu.click()
        page.get_by_role("menuitem", name="Add integration…").click()
        expect(page.get_by_role("dialog").get_by_role("button", name="SQL Server")).to_be_visible()
