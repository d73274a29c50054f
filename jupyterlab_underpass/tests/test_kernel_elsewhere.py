"""Kernels on other machines are told so, and are given nothing that would be wrong there."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_server.auth import Authorizer
from jupyter_server.gateway.gateway_client import GatewayClient
from jupyter_server.gateway.managers import GatewayMappingKernelManager
from tornado.httpclient import HTTPClientError

from tests.outcome import Outcome
from tests.provisioner import NAME, DerivedProvisioner, DistantProvisioner, install

from .conftest import SSH_TUNNEL, Browser
from .kernels import Kernels, add_kernelspec

EXTENSION = {"jpserver_extensions": {"jupyterlab_underpass": True}}
LOOK = (
    "import os\n"
    "print([name for name in os.environ if name.startswith('MY_SSH_TUNNEL')],"
    " 'KERNEL_UNDERPASS_NOTICE' in os.environ)"
)
CELL = "%load_ext underpass\nget_ipython().run_cell_magic('sql', 'Any', 'SELECT 1')"


@pytest.fixture
def kernels(jp_serverapp: Any, jp_fetch: Any) -> Kernels:
    return Kernels(jp_serverapp, jp_fetch)


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a real kernel gateway, a process of its own."""
    folder = tmp_path_factory.mktemp("gateway")
    folders = {f"JUPYTER_{kind}_DIR": str(folder / kind) for kind in ("CONFIG", "DATA", "RUNTIME")}
    # It passes on little of its own environment, and the kernel is to have the package that is tested.
    folders["KG_ENV_PROCESS_WHITELIST"] = "PATH,PYTHONPATH"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "kernel_gateway", "--KernelGatewayApp.ip=127.0.0.1"]
    process = subprocess.Popen(
        [*command, f"--KernelGatewayApp.port={port}", "--KernelGatewayApp.port_retries=0"],
        env={**os.environ, **folders, "IPYTHONDIR": str(folder / "ipython")},
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stderr is not None
        for line in process.stderr:
            if "available at " in line:
                yield f"http://127.0.0.1:{port}"
                break
        process.terminate()
        process.stderr.read()


class TestBehindAGateway:
    @pytest.fixture
    def jp_server_config(self, gateway: str) -> Iterator[dict[str, Any]]:
        # The client is one for the whole process, and takes its address when it is made.
        GatewayClient.clear_instance()
        yield {"ServerApp": EXTENSION, "GatewayClient": {"url": gateway}}
        GatewayClient.clear_instance()

    async def test_a_kernel_gets_no_variables_and_its_sql_cells_say_why(
        self, browser: Browser, kernels: Kernels, jp_serverapp: Any, jp_ws_fetch: Any, jp_fetch: Any
    ) -> None:
        assert isinstance(jp_serverapp.kernel_manager, GatewayMappingKernelManager)
        await browser.call("underpass/integrations/add", SSH_TUNNEL)
        kernel = await kernels.start()
        channels = await jp_ws_fetch("api", "kernels", kernel, "channels")
        assert (await run(channels, LOOK)).text == "[] True\n"
        outcome = await run(channels, CELL)
        assert outcome.error == "UnderpassError"
        assert "kernel-elsewhere" in outcome.text
        assert "it was started by a gateway" in outcome.text
        assert await listed(jp_fetch) == {"gateway": True, "elsewhere": {kernel: "a gateway"}}
        channels.close()
        await kernels.shut_down(kernel)

    async def test_the_log_says_so_at_the_start(
        self, capsys: pytest.CaptureFixture[str], jp_serverapp: Any
    ) -> None:
        assert "Kernels started by a gateway run on another machine" in capsys.readouterr().err


async def test_kernels_of_other_provisioners_get_a_notice_instead(
    browser: Browser, kernels: Kernels, jp_fetch: Any, jp_data_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    add_distant(jp_data_dir)
    added = await browser.call("underpass/integrations/add", SSH_TUNNEL)
    distant, here = await kernels.start(name="distant"), await kernels.start("b.ipynb")
    async with kernels.notebook(distant) as notebook:
        assert (await notebook.run(LOOK)).text == "[] True\n"
        assert "kernel-elsewhere" in (await notebook.run(CELL)).text
    assert await kernels.variable(here) == str(added["forward"]["localPort"])
    assert await listed(jp_fetch) == {"gateway": False, "elsewhere": {distant: f"the provisioner {NAME}"}}
    assert caplog.text.count(f"Kernels started by the provisioner {NAME} run on another machine") == 1
    await browser.call("underpass/integrations/disconnect", {"integration": added["id"]})
    await kernels.restart(distant)
    async with kernels.notebook(distant) as notebook:
        assert (await notebook.run(LOOK)).text == "[] True\n"
    await kernels.shut_down(distant)
    assert await listed(jp_fetch) == {"gateway": False, "elsewhere": {}}


@pytest.mark.parametrize(
    "jp_server_config", [{"ServerApp": EXTENSION, "UnderpassExtension": {"local_provisioners": [NAME]}}]
)
async def test_a_provisioner_can_be_declared_local(
    browser: Browser, kernels: Kernels, jp_fetch: Any, jp_data_dir: Path
) -> None:
    add_distant(jp_data_dir)
    kernel = await kernels.start(name="distant")
    added = await browser.call("underpass/integrations/add", SSH_TUNNEL)
    assert await kernels.variable(kernel) == str(added["forward"]["localPort"])
    assert (await listed(jp_fetch))["elsewhere"] == {}


async def test_what_is_derived_from_the_local_provisioner_is_local(
    browser: Browser, kernels: Kernels, jp_data_dir: Path
) -> None:
    install("derived-provisioner", DerivedProvisioner)
    add_provisioned(jp_data_dir, "derived", "derived-provisioner")
    added = await browser.call("underpass/integrations/add", SSH_TUNNEL)
    kernel = await kernels.start(name="derived")
    assert await kernels.variable(kernel) == str(added["forward"]["localPort"])


class NoRights(Authorizer):
    async def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        return resource != "underpass:integrations"


class ReadOnly(Authorizer):
    async def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        return (action, resource) == ("read", "underpass:integrations")


@pytest.mark.parametrize(
    "jp_server_config", [{"ServerApp": {**EXTENSION, "authorizer_class": NoRights}}], ids=[""]
)
async def test_who_may_not_read_integrations_may_not_read_this(jp_fetch: Any) -> None:
    with pytest.raises(HTTPClientError) as refusal:
        await listed(jp_fetch)
    assert refusal.value.code == 403


@pytest.mark.parametrize(
    "jp_server_config", [{"ServerApp": {**EXTENSION, "authorizer_class": ReadOnly}}], ids=[""]
)
async def test_who_may_read_integrations_may_read_this(jp_fetch: Any) -> None:
    assert await listed(jp_fetch) == {"gateway": False, "elsewhere": {}}


async def test_without_a_token_there_is_no_answer(jp_fetch: Any, jp_serverapp: Any) -> None:
    with pytest.raises(HTTPClientError) as refusal:
        await jp_fetch("underpass", "kernels", headers={"Authorization": "token wrong"})
    assert refusal.value.code == 403


async def listed(fetch: Any) -> Any:
    return json.loads((await fetch("underpass", "kernels")).body)


def add_distant(data: Path) -> None:
    install(NAME, DistantProvisioner)
    add_provisioned(data, "distant", NAME)


def add_provisioned(data: Path, name: str, provisioner: str) -> None:
    launch = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    add_kernelspec(data, name, launch, "python", kernel_provisioner={"provisioner_name": provisioner})


async def run(channels: Any, source: str) -> Outcome:
    """Run a cell over the websocket of a front end."""
    request = uuid.uuid4().hex
    header = {
        "msg_id": request,
        "msg_type": "execute_request",
        "session": "s",
        "username": "",
    }
    content = {"code": source, "silent": False, "store_history": True, "allow_stdin": False}
    message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}
    await channels.write_message(json.dumps(message))
    outcome = Outcome()
    while True:
        answer = json.loads(await asyncio.wait_for(channels.read_message(), 60))
        if answer["parent_header"].get("msg_id") == request and answer["channel"] == "iopub":
            outcome.receive(answer)
            if answer["content"].get("execution_state") == "idle":
                return outcome
