"""Real kernels of a real server, started and used as front ends do."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import zmq
import zmq.asyncio
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_core.utils import ensure_async

from jupyterlab_underpass.kernels import KernelEnvironment
from jupyterlab_underpass.kernels.process import connect
from tests.outcome import Outcome

PORT = "MY_SSH_TUNNEL_LOCAL_PORT"
#: Seconds in which a message surely gets into the queue of a kernel.
QUEUED = 0.3
KERNEL_ACTIONS = "https://events.jupyter.org/jupyter_server/kernel_actions/v1"


class Kernels:
    """Starts, restarts and asks kernels as the front end does."""

    def __init__(self, server: Any, fetch: Any) -> None:
        self._server = server
        self._fetch = fetch

    @property
    def environment(self) -> KernelEnvironment:
        """What is tested."""
        (app,) = self._server.extension_manager.extension_apps["jupyterlab_underpass"]
        return app.kernels

    async def start(self, path: str = "a.ipynb", name: str = "") -> str:
        body = {"path": path, "type": "notebook", "name": "", "kernel": {"name": name or "python3"}}
        response = await self._fetch("api", "sessions", method="POST", body=json.dumps(body))
        return json.loads(response.body)["kernel"]["id"]

    async def restart(self, kernel: str) -> None:
        await self._fetch("api", "kernels", kernel, "restart", method="POST", body="")

    async def shut_down(self, kernel: str) -> None:
        await self._fetch("api", "kernels", kernel, method="DELETE")

    def restarted(self) -> asyncio.Future[None]:
        """Done when the next kernel was launched again, whoever restarts it."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        async def listen(logger: Any, schema_id: str, data: dict[str, Any]) -> None:
            if (data["action"], data["status"]) == ("restart", "success") and not done.done():
                done.set_result(None)

        self._server.event_logger.add_listener(schema_id=KERNEL_ACTIONS, listener=listen)
        return done

    async def ask(self, kernel: str, expression: str) -> Any:
        """The value of a Python expression in a kernel that is ready or starting."""
        async with self.notebook(kernel) as notebook:
            return await notebook.ask(expression)

    async def variable(self, kernel: str, name: str = PORT) -> str | None:
        """Of a Python kernel, once it was told all that it is to be told."""
        await self.settled()
        return await self.ask(kernel, f"__import__('os').environ.get({name!r})")

    async def settled(self) -> None:
        """Wait until nobody has anything to tell to a kernel."""
        asking = self.environment.current._asking
        if asking is not None:
            await asking
        for kernel in list(self.environment._kernels.values()):
            if kernel.process is not None and kernel.process._conversation is not None:
                await kernel.process._conversation

    @contextlib.asynccontextmanager
    async def notebook(self, kernel: str) -> AsyncIterator[Notebook]:
        """A front end that is connected to the kernel."""
        manager = self._server.kernel_manager.get_kernel(kernel)
        context = zmq.asyncio.Context()
        try:
            try:
                notebook = await asyncio.wait_for(Notebook.open(manager, context), 30)
            except asyncio.TimeoutError:
                # Its ports were taken, and it was restarted with others.
                notebook = await Notebook.open(manager, context)
            yield notebook
        finally:
            context.destroy(linger=0)


async def connected(socket: zmq.asyncio.Socket) -> None:
    """Wait until the kernel knows a socket: until then, what it sends there goes nowhere."""
    monitor = socket.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED)
    # It may have been faster.
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(monitor.recv_multipart(), 2)
    socket.disable_monitor()
    monitor.close(linger=0)


class Notebook:
    """Runs cells, and sees everything that the kernel publishes."""

    def __init__(self, client: AsyncKernelClient) -> None:
        self.client = client
        #: All messages on IOPub, in their order.
        self.published: list[dict[str, Any]] = []

    @classmethod
    async def open(cls, manager: Any, context: zmq.asyncio.Context) -> Notebook:
        """Connect to a kernel that is ready or starting."""
        client = connect(manager, context)
        client.start_channels(shell=False, hb=False)
        await connected(client.stdin_channel.socket)
        notebook = cls(client)
        await notebook.wait_until_ready()
        return notebook

    async def wait_until_ready(self) -> None:
        """Asked until IOPub is connected, too: what is published before goes nowhere."""
        while True:
            request = self.client.kernel_info()
            await self.reply(request)
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._idle(request), 1)
                return

    def start(self, source: str) -> str:
        """Begin to run a cell; gives the id of the request."""
        return self.client.execute(source, allow_stdin=True)

    async def finish(self, request: str) -> Outcome:
        """Wait until a started cell has ended."""
        await self.reply(request)
        return await self.output(request)

    async def output(self, request: str) -> Outcome:
        """Of a cell that has ended or will."""
        outcome = Outcome()
        for message in await self._idle(request):
            outcome.receive(message)
        return outcome

    async def run(self, source: str) -> Outcome:
        return await self.finish(self.start(source))

    async def ask(self, expression: str) -> Any:
        """The value of a Python expression."""
        request = self.client.execute("", silent=True, user_expressions={"value": expression})
        reply = await self.reply(request)
        await self._idle(request)
        return ast.literal_eval(reply["user_expressions"]["value"]["data"]["text/plain"])

    async def reply(self, request: str) -> dict[str, Any]:
        while True:
            message = await asyncio.wait_for(ensure_async(self.client.get_shell_msg()), 60)
            if message["parent_header"].get("msg_id") == request:
                return message["content"]

    async def asked_for_input(self) -> None:
        """Wait until a cell does."""
        await asyncio.wait_for(ensure_async(self.client.get_stdin_msg()), 60)

    async def debugger_stopped(self) -> int:
        """Wait until the debugger stops at a breakpoint; gives the number of the thread."""
        while True:
            message = await self.client.get_iopub_msg()
            self.published.append(message)
            if message["content"].get("event") == "stopped":
                return message["content"]["body"]["threadId"]

    async def control(self, kind: str, content: dict[str, Any]) -> dict[str, Any]:
        message = self.client.session.msg(kind, content)
        self.client.control_channel.send(message)
        while True:
            reply = await asyncio.wait_for(ensure_async(self.client.get_control_msg()), 60)
            if reply["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                return reply["content"]

    async def seen(self) -> list[dict[str, Any]]:
        """All that was published until now."""
        marker = self.client.kernel_info()
        await self.reply(marker)
        await self._idle(marker)
        return self.published

    async def _idle(self, request: str) -> list[dict[str, Any]]:
        """Read until the kernel has ended a request; gives what it published for that."""
        mine: list[dict[str, Any]] = []
        while True:
            message = await self.client.get_iopub_msg()
            self.published.append(message)
            if message["parent_header"].get("msg_id") == request:
                mine.append(message)
                if message["content"].get("execution_state") == "idle":
                    return mine


async def asked(kernels: Kernels) -> None:
    """Wait until kernels were sent what the last change means for them, and have it in their queues."""
    asking = kernels.environment.current._asking
    assert asking is not None
    await asking
    # A kernel does not say what waits in its queue.
    await asyncio.sleep(QUEUED)


def add_kernelspec(data: Path, name: str, argv: list[str], language: str, **metadata: Any) -> None:
    folder = data / "kernels" / name
    folder.mkdir(parents=True)
    spec = {"argv": argv, "display_name": name, "language": language, "metadata": metadata}
    (folder / "kernel.json").write_text(json.dumps(spec))
