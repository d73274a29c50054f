"""Real kernels, and the variables that they start with."""

from __future__ import annotations

import ast
import asyncio
import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_server.gateway.gateway_client import GatewayClient
from jupyter_server.gateway.managers import GatewayMappingKernelManager
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager

from jupyterlab_underpass.environment import BUDGET

from .conftest import SSH_TUNNEL, Browser, end_service
from .test_service import fake_node

PORT = "MY_SSH_TUNNEL_LOCAL_PORT"


class Kernels:
    """Starts, restarts and asks kernels as the front end does."""

    def __init__(self, server: Any, fetch: Any) -> None:
        self._server = server
        self._fetch = fetch

    async def start(self, path: str = "a.ipynb") -> str:
        body = {"path": path, "type": "notebook", "name": "", "kernel": {"name": "python3"}}
        response = await self._fetch("api", "sessions", method="POST", body=json.dumps(body))
        return json.loads(response.body)["kernel"]["id"]

    async def restart(self, kernel: str) -> None:
        await self._fetch("api", "kernels", kernel, "restart", method="POST", body="")

    async def ask(self, kernel: str, expression: str) -> Any:
        """The value of a Python expression in a kernel that is ready or starting."""
        client = self._server.kernel_manager.get_kernel(kernel).client()
        client.start_channels()
        try:
            await client.wait_for_ready(timeout=60)
            request = client.execute("import os", user_expressions={"value": expression})
            reply = await client.get_shell_msg(timeout=30)
            while reply["parent_header"].get("msg_id") != request:
                # A slow kernel was asked more than once whether it is ready.
                reply = await client.get_shell_msg(timeout=30)
            value = reply["content"]["user_expressions"]["value"]
            return ast.literal_eval(value["data"]["text/plain"])
        finally:
            client.stop_channels()

    async def variable(self, kernel: str, name: str = PORT) -> str | None:
        return await self.ask(kernel, f"os.environ.get({name!r})")


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
    browser: Browser, kernels: Kernels, jp_serverapp: Any
) -> None:
    kernel = await kernels.start()
    pid = await kernels.ask(kernel, "os.getpid()")
    added = await browser.call("underpass/integrations/add", SSH_TUNNEL)
    restarting = asyncio.Event()
    jp_serverapp.kernel_manager.add_restart_callback(kernel, restarting.set, "restart")
    os.kill(pid, signal.SIGKILL)
    await asyncio.wait_for(restarting.wait(), 30)
    assert await kernels.variable(kernel) == str(added["forward"]["localPort"])


async def test_a_variable_of_the_users_own_comes_back_when_ours_goes(
    browser: Browser, kernels: Kernels, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PORT, "1")
    added = await browser.call("underpass/integrations/add", SSH_TUNNEL)
    kernel = await kernels.start()
    assert await kernels.variable(kernel) == str(added["forward"]["localPort"])
    await browser.call("underpass/integrations/disconnect", {"integration": added["id"]})
    await kernels.restart(kernel)
    assert await kernels.variable(kernel) == "1"


async def test_kernels_of_another_project_get_nothing(
    browser: Browser, kernels: Kernels, jp_root_dir: Path
) -> None:
    (jp_root_dir / "ours").mkdir()
    (jp_root_dir / "theirs").mkdir()
    await browser.call("underpass/integrations/add", SSH_TUNNEL, "ours/a.ipynb")
    assert await kernels.variable(await kernels.start("ours/a.ipynb")) is not None
    assert await kernels.variable(await kernels.start("theirs/a.ipynb")) is None


async def test_a_kernel_keeps_its_variables_when_it_restarts_without_the_service(
    browser: Browser, kernels: Kernels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    added = await browser.call("underpass/integrations/add", SSH_TUNNEL)
    kernel = await kernels.start()
    end_service(signal.SIGKILL)
    fake_node(tmp_path / "bin", "exit 1", monkeypatch)
    await kernels.restart(kernel)
    assert await kernels.variable(kernel) == str(added["forward"]["localPort"])


@pytest.mark.parametrize("script", ["exit 1", "sleep 600"], ids=["fails", "hangs"])
async def test_a_service_that_can_not_start_delays_a_kernel_by_its_budget_at_most(
    script: str, kernels: Kernels, jp_serverapp: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_node(tmp_path / "bin", script, monkeypatch)
    before = time.monotonic()
    kernel = await kernels.start()
    assert jp_serverapp.kernel_manager.asked - before < BUDGET + 0.5
    assert await kernels.variable(kernel) is None


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


@pytest.fixture
def no_gateway_client() -> Iterator[None]:
    """The gateway's client is one for the whole process, and takes its address when it is made."""
    GatewayClient.clear_instance()
    yield
    GatewayClient.clear_instance()


@pytest.mark.parametrize(
    "jp_server_config",
    [
        {
            "ServerApp": {"jpserver_extensions": {"jupyterlab_underpass": True}},
            "GatewayClient": {"url": "http://127.0.0.1:9"},
        }
    ],
)
async def test_kernels_behind_a_gateway_are_left_alone(
    no_gateway_client: None, capsys: pytest.CaptureFixture[str], jp_serverapp: Any, browser: Browser
) -> None:
    assert isinstance(jp_serverapp.kernel_manager, GatewayMappingKernelManager)
    assert "start_kernel" not in vars(jp_serverapp.kernel_manager)
    assert "Kernels run behind a gateway" in capsys.readouterr().err
    assert (await browser.call("underpass/types/list"))["types"]
