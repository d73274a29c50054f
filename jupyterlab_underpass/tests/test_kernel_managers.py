"""Kernel managers of every kind, and other extensions that wrap them as well."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import Any

import pytest
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager, MappingKernelManager

from .conftest import SSH_TUNNEL, Browser
from .kernels import PORT, Kernels

EXTENSION = {"jpserver_extensions": {"jupyterlab_underpass": True}}


@pytest.fixture
def kernels(jp_serverapp: Any, jp_fetch: Any) -> Kernels:
    return Kernels(jp_serverapp, jp_fetch)


def managed_by(manager: type[MappingKernelManager], **traits: Any) -> Any:
    config = {"ServerApp": {**EXTENSION, "kernel_manager_class": manager}, manager.__name__: traits}
    return pytest.mark.parametrize("jp_server_config", [config], ids=[""])


#: Of the server itself: that it is deprecated, and how it restarts what crashed.
BLOCKING = pytest.mark.filterwarnings(
    "ignore:The synchronous MappingKernelManager:DeprecationWarning", "ignore:Unregistering FD:UserWarning"
)


@managed_by(MappingKernelManager)
@BLOCKING
async def test_a_blocking_manager_starts_tells_and_restarts_kernels(
    browser: Browser, kernels: Kernels, jp_serverapp: Any
) -> None:
    added = await browser.call("underpass/integrations/add", SSH_TUNNEL)
    port = str(added["forward"]["localPort"])
    kernel = await kernels.start()
    assert not asyncio.iscoroutinefunction(jp_serverapp.kernel_manager.get_kernel(kernel).restart_kernel)
    assert await kernels.variable(kernel) == port
    await browser.call("underpass/integrations/disconnect", {"integration": added["id"]})
    assert await kernels.variable(kernel) is None
    await kernels.restart(kernel)
    assert await kernels.variable(kernel) is None
    await browser.call("underpass/integrations/connect", {"integration": added["id"]})
    await kernels.restart(kernel)
    assert await kernels.variable(kernel) == port


@managed_by(MappingKernelManager)
@BLOCKING
async def test_a_kernel_of_a_blocking_manager_that_crashed_is_told_again(
    browser: Browser, kernels: Kernels, monkeypatch: pytest.MonkeyPatch
) -> None:
    added = await browser.call("underpass/integrations/add", SSH_TUNNEL)
    kernel = await kernels.start()
    pid = await kernels.ask(kernel, "__import__('os').getpid()")
    launched = asyncio.Event()
    note = kernels.environment._launched

    def launch(*args: Any) -> None:
        note(*args)
        launched.set()

    monkeypatch.setattr(kernels.environment, "_launched", launch)
    os.kill(pid, signal.SIGKILL)
    await asyncio.wait_for(launched.wait(), 30)
    # The thread that restarts it does not wait for the server, which tells it later.
    while await kernels.variable(kernel) is None:
        pass
    assert await kernels.variable(kernel) == str(added["forward"]["localPort"])
    assert await kernels.ask(kernel, "__import__('os').getpid()") != pid


@managed_by(AsyncMappingKernelManager, use_pending_kernels=True)
async def test_a_kernel_is_told_though_its_manager_answers_before_it_was_launched(
    browser: Browser, kernels: Kernels, jp_serverapp: Any
) -> None:
    manager = jp_serverapp.kernel_manager
    kernel = await manager.start_kernel(path="")
    assert not manager.get_kernel(kernel).ready.done()
    added = await browser.call("underpass/integrations/add", SSH_TUNNEL)
    assert await kernels.variable(kernel) == str(added["forward"]["localPort"])
    await manager.restart_kernel(kernel)
    assert await kernels.variable(kernel) == str(added["forward"]["localPort"])


class WrappedManager(AsyncMappingKernelManager):
    """One that another extension has wrapped before ours."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        start_kernel = self.start_kernel

        async def start_earlier(**kwargs: Any) -> str:
            return await start_kernel(**{**kwargs, "env": {**kwargs["env"], "EARLIER": kwargs["env"][PORT]}})

        object.__setattr__(self, "start_kernel", start_earlier)


@managed_by(WrappedManager)
async def test_wrappers_of_other_extensions_stay_whoever_came_first(
    browser: Browser, kernels: Kernels, jp_serverapp: Any
) -> None:
    added = await browser.call("underpass/integrations/add", SSH_TUNNEL)
    port = str(added["forward"]["localPort"])
    manager = jp_serverapp.kernel_manager
    ours = manager.start_kernel

    async def start_later(**kwargs: Any) -> str:
        return await ours(**{**kwargs, "env": {**kwargs["env"], "LATER": "1"}})

    manager.start_kernel = start_later
    kernel = await kernels.start()
    restart_kernel = manager.get_kernel(kernel).restart_kernel
    restarts = []

    async def restart_later(**kwargs: Any) -> None:
        restarts.append(kwargs)
        await restart_kernel(**kwargs)

    object.__setattr__(manager.get_kernel(kernel), "restart_kernel", restart_later)
    names = ("EARLIER", "LATER", PORT)
    for _ in range(2):
        assert [await kernels.variable(kernel, name) for name in names] == [port, "1", port]
        await kernels.restart(kernel)
    assert len(restarts) == 2

    await kernels.environment.stop()
    # Neither of them is lost with ours.
    assert manager.start_kernel is start_later
    assert manager.get_kernel(kernel).restart_kernel is restart_later
    env = {**os.environ, PORT: "given"}
    after = await manager.start_kernel(path="", env=env)
    seen = await kernels.ask(after, f"[__import__('os').environ.get(name) for name in {names!r}]")
    assert seen == ["given", "1", "given"]
    await kernels.restart(kernel)
    assert len(restarts) == 3


@managed_by(WrappedManager)
async def test_a_wrapper_that_came_before_ours_is_given_back(jp_serverapp: Any, kernels: Kernels) -> None:
    await kernels.environment.stop()
    assert jp_serverapp.kernel_manager.start_kernel.__name__ == "start_earlier"
