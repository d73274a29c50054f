"""Running kernels of R, and of languages that have no way to be told."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from .conftest import SSH_TUNNEL, Browser
from .kernels import PORT, Kernels, Notebook, add_kernelspec, asked

LOOK = f'cat(Sys.getenv("{PORT}", unset = "nothing"))'


@pytest.fixture
def kernels(jp_serverapp: Any, jp_fetch: Any, jp_data_dir: Path) -> Kernels:
    launch = [str(shutil.which("R")), "--slave", "-e", "IRkernel::main()", "--args", "{connection_file}"]
    add_kernelspec(jp_data_dir, "ir", launch, "R")
    return Kernels(jp_serverapp, jp_fetch)


async def counted(notebook: Notebook, source: str) -> tuple[int, str]:
    """Number and text of a cell."""
    request = notebook.start(source)
    reply = await notebook.reply(request)
    return reply["execution_count"], (await notebook.output(request)).text


async def test_an_r_kernel_has_the_variables_from_its_start(browser: Browser, kernels: Kernels) -> None:
    added = await browser.call("underpass/integrations/add", SSH_TUNNEL)
    async with kernels.notebook(await kernels.start(name="ir")) as notebook:
        assert (await notebook.run(LOOK)).text == str(added["forward"]["localPort"])


async def test_a_running_r_kernel_is_told_without_a_trace(browser: Browser, kernels: Kernels) -> None:
    async with kernels.notebook(await kernels.start(name="ir")) as notebook:
        # A user's own names hide nothing from what is sent.
        await notebook.run("list <- 1; Sys.getenv <- function(...) stop('mine')")
        number, before = await counted(notebook, "cat(ls(all.names = TRUE), geterrmessage())")
        added = await browser.call("underpass/integrations/add", SSH_TUNNEL)
        await kernels.settled()
        assert await counted(notebook, "cat(ls(all.names = TRUE), geterrmessage())") == (number + 1, before)
        port = str(added["forward"]["localPort"])
        assert (await notebook.run(f"base::{LOOK}".replace("Sys", "base::Sys"))).text == port
        await browser.call("underpass/integrations/disconnect", {"integration": added["id"]})
        await kernels.settled()
        assert (await notebook.run(f"base::{LOOK}".replace("Sys", "base::Sys"))).text == "nothing"


async def test_a_variable_of_an_r_user_stays_his(browser: Browser, kernels: Kernels) -> None:
    async with kernels.notebook(await kernels.start(name="ir")) as notebook:
        await notebook.run(f"Sys.setenv({PORT} = 'it\\'s \\\\ mine')")
        added = await browser.call("underpass/integrations/add", SSH_TUNNEL)
        await kernels.settled()
        assert (await notebook.run(LOOK)).text == "it's \\ mine"
        assert (await notebook.run('cat(Sys.getenv("MY_SSH_TUNNEL_LOCAL_HOST"))')).text == "127.0.0.1"
        await notebook.run("Sys.unsetenv('MY_SSH_TUNNEL_LOCAL_HOST')")
        await browser.call("underpass/integrations/disconnect", {"integration": added["id"]})
        await kernels.settled()
        assert (await notebook.run(LOOK)).text == "it's \\ mine"


async def test_a_busy_r_kernel_is_told_after_its_cell_and_again_if_that_failed(
    browser: Browser, kernels: Kernels
) -> None:
    async with kernels.notebook(await kernels.start(name="ir")) as notebook:
        await notebook.run("1")
        cell = notebook.start("answer <- readline(); stop(answer)")
        await notebook.asked_for_input()
        added = await browser.call("underpass/integrations/add", SSH_TUNNEL)
        await asked(kernels)
        notebook.client.input("no")
        assert "no" in (await notebook.finish(cell)).text
        await kernels.settled()
        assert (await notebook.run(LOOK)).text == str(added["forward"]["localPort"])


async def test_a_kernel_of_another_language_is_not_told_and_the_log_says_so(
    browser: Browser, kernels: Kernels, jp_data_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    launch = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    add_kernelspec(jp_data_dir, "other", launch, "Julia")
    kernel = await kernels.start(name="other")
    added = await browser.call("underpass/integrations/add", SSH_TUNNEL)
    assert await kernels.variable(kernel) is None
    assert "Kernels of Julia get variables of integrations only when they start" in caplog.text
    await kernels.restart(kernel)
    assert await kernels.variable(kernel) == str(added["forward"]["localPort"])
