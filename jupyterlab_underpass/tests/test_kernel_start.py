"""Real kernels, and the variables that they start with."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager

from jupyterlab_underpass.kernels.current import BUDGET

from .conftest import SSH_TUNNEL, Browser, end_service
from .kernels import PORT, Kernels
from .test_service import fake_node

#: What a kernel has right now, whatever it is still to be told.
ENVIRONMENT = f"__import__('os').environ.get({PORT!r})"


@pytest.fixture
def kernels(jp_serverapp: Any, jp_fetch: Any) -> Kernels:
    return Kernels(jp_serverapp, jp_fetch)


@pytest.fixture
def jp_server_config() -> dict[str, Any]:
    return {
        "ServerApp": {
            "jpserver_extensions": {"jupyterlab_underpass": True},
            "kernel_manager_class": TimedKernelManager,
        }
    }


class TimedKernelManager(AsyncMappingKernelManager):
    """A kernel manager of somebody else's, which notes when it was asked to start a kernel."""

    asked = 0.0

    async def start_kernel(self, **kwargs: Any) -> str:
        self.asked = time.monotonic()
        return await super().start_kernel(**kwargs)


async def test_a_new_kernel_has_the_variables_of_connected_integrations(
    browser: Browser, kernels: Kernels
) -> None:
    added = await browser.call("underpass/integrations/add", SSH_TUNNEL)
    kernel = await kernels.start()
    assert await kernels.variable(kernel) == str(added["forward"]["localPort"])
    assert await kernels.variable(kernel, "MY_SSH_TUNNEL_REMOTE_HOST") == "db.internal"
    # What it would have had without us is still there.
    assert await kernels.variable(kernel, "PATH") == os.environ["PATH"]


async def test_a_restarted_kernel_has_the_variables_of_now(browser: Browser, kernels: Kernels) -> None:
    kernel = await kernels.start()
    assert await kernels.variable(kernel) is None

    added = await browser.call("underpass/integrations/add", SSH_TUNNEL)
    await kernels.restart(kernel)
    assert await kernels.variable(kernel) == str(added["forward"]["localPort"])

    await browser.call("underpass/integrations/disconnect", {"integration": added["id"]})
    await kernels.restart(kernel)
    assert await kernels.variable(kernel) is None


async def test_a_kernel_that_crashed_comes_back_with_the_variables_of_now(
    browser: Browser, kernels: Kernels
) -> None:
    kernel = await kernels.start()
    pid = await kernels.ask(kernel, "__import__('os').getpid()")
    added = await browser.call("underpass/integrations/add", SSH_TUNNEL)
    restarted = kernels.restarted()
    os.kill(pid, signal.SIGKILL)
    await restarted
    assert await kernels.variable(kernel) == str(added["forward"]["localPort"])


async def test_a_variable_of_the_users_own_wins_and_the_log_says_so_once(
    browser: Browser,
    kernels: Kernels,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv(PORT, "1")
    added = await browser.call("underpass/integrations/add", SSH_TUNNEL)
    kernel = await kernels.start()
    assert await kernels.variable(kernel) == "1"
    assert await kernels.variable(kernel, "MY_SSH_TUNNEL_REMOTE_HOST") == "db.internal"
    await browser.call("underpass/integrations/disconnect", {"integration": added["id"]})
    assert await kernels.variable(kernel) == "1"
    await browser.call("underpass/integrations/connect", {"integration": added["id"]})
    assert await kernels.variable(kernel) == "1"
    await kernels.restart(kernel)
    assert await kernels.variable(kernel) == "1"
    assert caplog.text.count(f"{PORT} is set already") == 1


async def test_kernels_of_another_project_get_nothing(
    browser: Browser, kernels: Kernels, jp_root_dir: Path
) -> None:
    (jp_root_dir / "ours").mkdir()
    (jp_root_dir / "theirs").mkdir()
    await browser.call("underpass/integrations/add", SSH_TUNNEL, "ours/a.ipynb")
    assert await kernels.variable(await kernels.start("ours/a.ipynb")) is not None
    assert await kernels.variable(await kernels.start("theirs/a.ipynb")) is None


async def test_a_kernel_that_restarts_without_the_service_has_none_until_it_is_back(
    browser: Browser, kernels: Kernels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    added = await browser.call("underpass/integrations/add", SSH_TUNNEL)
    kernel = await kernels.start()
    end_service(signal.SIGKILL)
    with monkeypatch.context() as broken:
        fake_node(tmp_path / "bin", "exit 1", broken)
        await kernels.restart(kernel)
        # Somebody else may listen there by now.
        assert await kernels.ask(kernel, ENVIRONMENT) is None
    await browser.call("underpass/status")
    assert await kernels.variable(kernel) == str(added["forward"]["localPort"])


async def test_a_kernel_that_starts_before_the_service_gets_its_variables_later(
    browser: Browser, kernels: Kernels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    added = await browser.call("underpass/integrations/add", SSH_TUNNEL)
    end_service(signal.SIGKILL)
    with monkeypatch.context() as broken:
        fake_node(tmp_path / "bin", "exit 1", broken)
        kernel = await kernels.start()
        assert await kernels.ask(kernel, ENVIRONMENT) is None
    await browser.call("underpass/status")
    assert await kernels.variable(kernel) == str(added["forward"]["localPort"])


@pytest.mark.parametrize("script", ["exit 1", "sleep 600"], ids=["fails", "hangs"])
async def test_a_service_that_can_not_start_delays_a_kernel_by_its_budget_at_most(
    script: str, kernels: Kernels, jp_serverapp: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_node(tmp_path / "bin", script, monkeypatch)
    before = time.monotonic()
    kernel = await kernels.start()
    assert jp_serverapp.kernel_manager.asked - before < BUDGET + 0.5
    assert await kernels.ask(kernel, ENVIRONMENT) is None


async def test_wrappers_of_other_extensions_are_called_too(
    browser: Browser, kernels: Kernels, jp_serverapp: Any
) -> None:
    await browser.call("underpass/integrations/add", SSH_TUNNEL)
    manager = jp_serverapp.kernel_manager
    ours = manager.start_kernel

    async def start_kernel(**kwargs: Any) -> str:
        return await ours(**{**kwargs, "env": {**kwargs["env"], "THEIRS": "1"}})

    manager.start_kernel = start_kernel
    kernel = await kernels.start()
    assert await kernels.variable(kernel, "THEIRS") == "1"
    assert await kernels.variable(kernel) is not None
    await kernels.restart(kernel)
    assert await kernels.variable(kernel, "THEIRS") == "1"
