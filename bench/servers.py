"""JupyterLab servers that are compared: each in a workspace of its own, with the extension or without."""

from __future__ import annotations

import contextlib
import json
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.jupyterlab import JupyterLab
from tests.workspace import Workspace

#: Reachable or not does not matter: the port of its forward is bound at once.
INTEGRATION = {
    "type": "ssh-tunnel",
    "name": "Bench",
    "fields": {
        "sshHost": "bastion.invalid",
        "sshPort": 22,
        "sshUser": "me",
        "remoteHost": "db.internal",
        "remotePort": 5432,
    },
}

#: Nothing of ours: neither in the server nor in the browser.
SWITCHED_OFF = {
    "jupyter_server_config.json": {"ServerApp": {"jpserver_extensions": {"jupyterlab_underpass": False}}},
    "labconfig/page_config.json": {"disabledExtensions": {"jupyterlab-underpass": True}},
}
#: Of IPython's start: the file that announces SQL cells lies in one of the environment's folders.
WITHOUT_STARTUP = "import IPython.core.shellapp as s; s.ENV_CONFIG_DIRS.clear()"
WITH_STARTUP = "import IPython.core.shellapp as s; s.ENV_CONFIG_DIRS"


@contextlib.contextmanager
def server(*, ours: bool, node: str | None = None) -> Iterator[tuple[JupyterLab, Workspace]]:
    """A server that is ready.

    Args:
        ours: With the extension and with what kernels run at their start, or without both.
        node: Text of a program that takes the place of Node.js.
    """
    with tempfile.TemporaryDirectory(prefix="underpass-bench-") as name:
        folder = Path(name)
        workspace = Workspace(folder)
        config = Path(workspace.environment["JUPYTER_CONFIG_DIR"])
        for file, content in ({} if ours else SWITCHED_OFF).items():
            write(config / file, json.dumps(content))
        write(folder / "kernels" / "python3" / "kernel.json", json.dumps(kernelspec(startup=ours)))
        # Before the environment's own, which the data folder is not.
        workspace.environment["JUPYTER_PATH"] = name
        if node is not None:
            write(folder / "bin" / "node", node).chmod(0o755)
            workspace.environment["PATH"] = f"{folder / 'bin'}:{workspace.environment['PATH']}"
        try:
            with JupyterLab(workspace) as lab:
                yield lab, workspace
        finally:
            if node is None:
                workspace.close()


def kernelspec(*, startup: bool) -> dict[str, Any]:
    """The usual kernel; both take the same way to it, so that only the file differs."""
    first = WITH_STARTUP if startup else WITHOUT_STARTUP
    code = f"{first}; from ipykernel.kernelapp import launch_new_instance; launch_new_instance()"
    argv = [sys.executable, "-c", code, "-f", "{connection_file}"]
    return {"argv": argv, "display_name": "Python", "language": "python"}


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def in_turn(ways: Mapping[str, Callable[[], float]], rounds: int, warm_up: int) -> dict[str, list[float]]:
    """Seconds by way; in turn, so that a busy moment of the machine meets all of them."""
    seconds: dict[str, list[float]] = {way: [] for way in ways}
    for turn in range(warm_up + rounds):
        for way, measure in ways.items():
            taken = measure()
            if turn >= warm_up:
                seconds[way].append(taken)
    return seconds


def fastest(times: Sequence[float]) -> float:
    """Mean of the fastest quarter."""
    return statistics.fmean(sorted(times)[: max(1, len(times) // 4)])


def report(seconds: Mapping[str, Sequence[float]], base: str, aims: Mapping[str, float]) -> None:
    """Print medians with their quartiles, and differences to ``base`` with what is aimed at, in milliseconds.

    Differences are those of the fastest quarters: everything else is the machine's noise.
    """
    for way, times in seconds.items():
        low, middle, high = (quartile * 1000 for quartile in statistics.quantiles(times, n=4))
        print(f"  {way:34} {middle:8.0f} ms   (half of them {low:.0f} to {high:.0f})")
    for way, aim in aims.items():
        difference = (fastest(seconds[way]) - fastest(seconds[base])) * 1000
        print(f"  {way + ', more':34} {difference:8.0f} ms   (aim: {aim:.0f} ms at most)", flush=True)
