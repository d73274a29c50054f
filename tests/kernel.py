"""A real kernel in a workspace's project, as any front end starts one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, final

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager, start_new_kernel
from jupyter_core.utils import ensure_event_loop

from tests.outcome import Outcome
from tests.workspace import Workspace


@final
class Kernel:
    """IPython as installed; a context manager."""

    def __init__(self, workspace: Workspace, name: str = "python3") -> None:
        started: tuple[KernelManager, BlockingKernelClient] = start_new_kernel(
            kernel_name=name, env=workspace.environment, cwd=str(workspace.project)
        )
        self._manager, self._client = started

    def __enter__(self) -> Kernel:
        return self

    def __exit__(self, *exception: object) -> None:
        self._client.stop_channels()
        self._manager.shutdown_kernel()
        # The blocking client made one for this thread.
        ensure_event_loop().close()

    def run(self, source: str, seconds: float = 60) -> Outcome:
        """Run a cell to its end, which may be an error."""
        outcome = Outcome()
        self._client.execute_interactive(
            source, timeout=seconds, output_hook=outcome.receive, allow_stdin=False, stop_on_error=False
        )
        return outcome

    def start(self, source: str) -> str:
        """Begin to run a cell; gives the id of the request."""
        return self._client.execute(source, allow_stdin=False)

    def interrupt(self) -> None:
        """What the Stop button does."""
        self._manager.interrupt_kernel()

    def next(self, request: str, seconds: float = 30) -> Mapping[str, Any]:
        """What a started cell shows next, by type; empty for messages that show nothing."""
        message = self._client.get_iopub_msg(timeout=seconds)
        mine = message["parent_header"].get("msg_id") == request
        return message["content"].get("data", {}) if mine else {}

    def finish(self, request: str, seconds: float = 60) -> Outcome:
        """Wait until a started cell has ended."""
        outcome = Outcome()
        while True:
            message = self._client.get_iopub_msg(timeout=seconds)
            if message["parent_header"].get("msg_id") != request:
                continue
            outcome.receive(message)
            if message["content"].get("execution_state") == "idle":
                return outcome
