"""One process of a kernel, and what it is told while it runs."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Mapping
from typing import Any

import zmq.asyncio
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.kernelspec import NoSuchKernel
from jupyter_client.manager import KernelManager

from .languages import REQUESTS
from .variables import Belief, Change

#: Seconds before what the kernel dropped is sent again.
AGAIN = 0.1


class KernelProcess:
    """Keeps the variables of a process as they are wanted.

    Everything goes through the queue of cells, silently: what happens between two cells disturbs neither. See
    docs/decisions/0036-running-kernels-are-told-between-cells.md.
    """

    def __init__(
        self,
        kernel: KernelManager,
        placed: Mapping[str, str],
        context: zmq.asyncio.Context,
        log: logging.Logger | logging.LoggerAdapter[Any],
    ) -> None:
        """
        Args:
            placed: What it is launched with.
        """
        self._kernel = kernel
        self._context = context
        self._log = log
        self._belief = Belief(placed)
        self._wanted = placed
        #: Connected while there is anything to say or to hear.
        self._client: AsyncKernelClient | None = None
        self._conversation: asyncio.Task[None] | None = None
        #: Changes without an answer, by the id of the message.
        self._underway: dict[str, Mapping[str, Change]] = {}

    def want(self, variables: Mapping[str, str]) -> None:
        """Change its variables to these, without waiting for it."""
        self._wanted = variables
        if self._client is not None:
            self._tell(self._client)
        elif self._belief.difference(variables) and not self._talking():
            self._conversation = asyncio.create_task(self._talk())

    def leave(self) -> asyncio.Task[None] | None:
        """It ends, or is nobody's affair any more: what it was still to be told is forgotten.

        Returns:
            What has to end, too, if there is anything.
        """
        if not self._talking():
            return None
        assert self._conversation is not None
        self._conversation.cancel()
        return self._conversation

    def _talking(self) -> bool:
        return self._conversation is not None and not self._conversation.done()

    async def _talk(self) -> None:
        """Say what there is to say, and listen until all was answered: a busy kernel takes its time."""
        try:
            await launched(self._kernel)
            self._client = connect(self._kernel, self._context)
            self._tell(self._client)
            while self._underway:
                reply = await self._client.get_shell_msg()
                changes = self._underway.pop(reply["parent_header"].get("msg_id"), None)
                if changes is not None:
                    await self._heard(changes, reply["content"])
                    self._tell(self._client)
        except Exception as error:
            # Whatever a kernel answers: the server has other things to do as well.
            self._log.warning("A running kernel could not be given variables of integrations: %s", error)
        finally:
            for changes in self._underway.values():
                self._belief.dropped(changes)
            self._underway.clear()
            if self._client is not None:
                self._client.stop_channels()
                self._client = None

    def _tell(self, client: AsyncKernelClient) -> None:
        changes = self._belief.difference(self._wanted)
        if not changes:
            return
        language = language_of(self._kernel)
        request = REQUESTS.get(language.lower())
        if request is None:
            self._log.info("Kernels of %s get variables of integrations only when they start", language)
            self._belief = Belief(self._wanted)
            return
        message = client.session.msg("execute_request", request(changes))
        self._underway[message["header"]["msg_id"]] = changes
        self._belief.sent(changes)
        client.shell_channel.send(message)

    async def _heard(self, changes: Mapping[str, Change], reply: Mapping[str, Any]) -> None:
        if reply["status"] in ("aborted", "abort"):
            # A cell before it failed or was stopped, and the kernel dropped what was queued behind.
            self._belief.dropped(changes)
            await asyncio.sleep(AGAIN)
            return
        self._belief.done(changes)
        answers = [reply, *reply.get("user_expressions", {}).values()]
        for answer in answers:
            if answer["status"] == "error":
                reason = f"{answer.get('ename')}: {answer.get('evalue')}"
                self._log.warning("A running kernel refused variables of integrations: %s", reason)


def connect(kernel: KernelManager, context: zmq.asyncio.Context) -> AsyncKernelClient:
    """A client of the kernel's shell channel alone, whatever class its manager has."""
    info: dict[str, Any] = {**kernel.get_connection_info(session=True)}
    # Kernels tell clients apart by this, and the clone has that of the manager.
    info["session"].session = uuid.uuid4().hex
    for name in ("curve_publickey", "curve_secretkey"):
        if isinstance(info.get(name), str):
            info[name] = info[name].encode()
    client = AsyncKernelClient(context=context, **info)
    client.start_channels(iopub=False, stdin=False, hb=False, control=False)
    return client


async def launched(kernel: KernelManager) -> None:
    """Wait until there is something to connect to: a server may answer before a kernel was launched."""
    ready = getattr(kernel, "ready", None)
    if ready is not None and not ready.done():
        # Shielded: others wait for it, too.
        await asyncio.shield(ready if isinstance(ready, asyncio.Future) else asyncio.wrap_future(ready))


def language_of(kernel: KernelManager) -> str:
    """As the kernel's specification names it; '' if there is none."""
    try:
        spec = kernel.kernel_spec
    except NoSuchKernel:
        spec = None
    return spec.language if spec is not None else ""
