"""What the extension adds to the load of JupyterLab: from the navigation until the launcher is shown."""

from __future__ import annotations

import itertools
import shutil
import time
from collections.abc import Callable

from playwright.sync_api import Browser, sync_playwright

from bench.servers import INTEGRATION, in_turn, report, server
from tests.jupyterlab import JupyterLab

ROUNDS = 20
WARM_UP = 2

WITHOUT = "without the extension"
WITH = "with it"
#: The sidebar's tab, which the extension brings.
TAB = "[data-id=underpass-integrations]"
LAUNCHER = ".jp-MainAreaWidget .jp-Launcher"


def main() -> None:
    with server(ours=False) as (without, _), server(ours=True) as (ours, _), sync_playwright() as playwright:
        ours.request("integrations/add", **INTEGRATION)
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
        )
        ways = {WITHOUT: loading(browser, without, 0), WITH: loading(browser, ours, 1)}
        seconds = in_turn(ways, ROUNDS, WARM_UP)
        browser.close()
    print(f"JupyterLab until its launcher is shown, nothing cached, median of {ROUNDS} each, in turn")
    report(seconds, WITHOUT, {WITH: 50})


def loading(browser: Browser, lab: JupyterLab, tabs: int) -> Callable[[], float]:
    numbers = itertools.count()

    def load() -> float:
        # A context has caches of its own, and a workspace no layout to restore.
        context = browser.new_context()
        page = context.new_page()
        url = f"http://{lab.address}/lab/workspaces/bench{next(numbers)}?token={lab.token}"
        begin = time.perf_counter()
        page.goto(url, wait_until="commit")
        page.wait_for_selector(LAUNCHER)
        seconds = time.perf_counter() - begin
        page.wait_for_timeout(500)
        assert page.locator(TAB).count() == tabs
        context.close()
        return seconds

    return load


if __name__ == "__main__":
    main()
