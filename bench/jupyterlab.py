"""What the extension adds to the load of JupyterLab: from the navigation until the launcher is shown.

Also the work of the page's main thread until then, which other programs of the machine disturb less.
"""

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
        work: dict[str, list[float]] = {WITHOUT: [], WITH: []}
        ways = {
            WITHOUT: loading(browser, without, 0, work[WITHOUT]),
            WITH: loading(browser, ours, 1, work[WITH]),
        }
        seconds = in_turn(ways, ROUNDS, WARM_UP)
        browser.close()
    print(f"JupyterLab until its launcher is shown, nothing cached, median of {ROUNDS} each, in turn")
    report(seconds, WITHOUT, {WITH: 50})
    print("Work of the page's main thread until then")
    report({way: times[WARM_UP:] for way, times in work.items()}, WITHOUT, {WITH: 50})


def loading(browser: Browser, lab: JupyterLab, tabs: int, work: list[float]) -> Callable[[], float]:
    numbers = itertools.count()

    def load() -> float:
        # A context has caches of its own, and a workspace no layout to restore.
        context = browser.new_context()
        page = context.new_page()
        browser_side = context.new_cdp_session(page)
        browser_side.send("Performance.enable", {"timeDomain": "threadTicks"})
        url = f"http://{lab.address}/lab/workspaces/bench{next(numbers)}?token={lab.token}"
        begin = time.perf_counter()
        page.goto(url, wait_until="commit")
        page.wait_for_selector(LAUNCHER)
        seconds = time.perf_counter() - begin
        metrics = browser_side.send("Performance.getMetrics")["metrics"]
        work.append(next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration"))
        page.wait_for_timeout(500)
        assert page.locator(TAB).count() == tabs
        context.close()
        return seconds

    return load


if __name__ == "__main__":
    main()
