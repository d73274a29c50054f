"""What the extension adds to the start of a kernel: from the request to the reply of its first cell."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import zmq
from jupyter_client.blocking.client import BlockingKernelClient

from bench.servers import INTEGRATION, in_turn, report, server
from tests.jupyterlab import JupyterLab
from tests.workspace import Workspace

ROUNDS = 40
WARM_UP = 2

WITHOUT = "without the extension"
WITH = "with it"
STOPPED = "with a service that hangs"
UNSTARTABLE = "with a service that can not start"

BROKEN_NODE = '#!/bin/sh\n[ "$1" = --version ] && echo v20.0.0 && exit\nexit 1\n'


def main() -> None:
    with contextlib.ExitStack() as stack:
        servers = {
            WITHOUT: stack.enter_context(server(ours=False)),
            WITH: stack.enter_context(server(ours=True)),
            STOPPED: stack.enter_context(server(ours=True)),
            UNSTARTABLE: stack.enter_context(server(ours=True, node=BROKEN_NODE)),
        }
        for way in (WITH, STOPPED):
            servers[way][0].request("integrations/add", **INTEGRATION)
        check(servers[WITHOUT][0], variables=False, cells=False)
        check(servers[WITH][0], variables=True, cells=True)
        service = int(servers[STOPPED][0].request("status")["pid"])
        os.kill(service, signal.SIGSTOP)
        stack.callback(os.kill, service, signal.SIGCONT)
        check(servers[STOPPED][0], variables=False, cells=True)
        seconds = in_turn({way: starting(*each) for way, each in servers.items()}, ROUNDS, WARM_UP)
    print(f"A new kernel, until its first cell has run, median of {ROUNDS} each, in turn")
    report(seconds, WITHOUT, {WITH: 20, STOPPED: 500, UNSTARTABLE: 500})


def starting(lab: JupyterLab, workspace: Workspace) -> Callable[[], float]:
    def start() -> float:
        begin = time.perf_counter()
        kernel = lab.post("api/kernels", {"name": "python3"})["id"]
        first_cell(Path(workspace.environment["JUPYTER_RUNTIME_DIR"], f"kernel-{kernel}.json"))
        seconds = time.perf_counter() - begin
        lab.delete(f"api/kernels/{kernel}")
        return seconds

    return start


def first_cell(connection_file: Path) -> None:
    """Run a cell as soon as the kernel listens. The server's websocket would look every tenth of a second."""
    context = zmq.Context()
    context.setsockopt(zmq.RECONNECT_IVL, 1)
    client = BlockingKernelClient(connection_file=str(connection_file), context=context)
    client.load_connection_file()
    client.start_channels(iopub=False, stdin=False, hb=False, control=False)
    request = client.execute("1")
    while client.get_shell_msg(timeout=60)["parent_header"].get("msg_id") != request:
        pass
    client.stop_channels()
    context.destroy(linger=0)


def check(lab: JupyterLab, *, variables: bool, cells: bool) -> None:
    """A new kernel has these of the two things that the extension brings."""
    with lab.kernel() as kernel:
        has_variables = "'BENCH_LOCAL_PORT' in __import__('os').environ"
        has_cells = "'underpass' in get_ipython().magics_manager.lazy_magics"
        seen = kernel.run(f"print({has_variables}, {has_cells})").text
        assert seen == f"{variables} {cells}\n", seen


if __name__ == "__main__":
    main()
