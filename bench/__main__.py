"""``make bench``: what a SQL cell costs on top of the driver under it, in one run on one machine."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.ways import NAME, URI_VARIABLE, WAYS, uri
from tests.servers import PrivateNetwork
from tests.servers.postgresql import DATABASE
from tests.workspace import Workspace

#: Fresh processes for each way; the fastest counts, as everything else is the machine's noise.
REPEATS = 5
AIM_MILLISECONDS = 5.0
AIM_RATIO = 1.2


def run(workspace: Workspace, module: str, *arguments: str) -> Any:
    """Run one part in a process of its own and parse what it prints last."""
    finished = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        env=workspace.environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(finished.stdout.splitlines()[-1])


def report_overhead(workspace: Workspace) -> None:
    medians = run(workspace, "bench.overhead")
    cell, driver = (medians[name] * 1000 for name in WAYS)
    print("SELECT 1, warm, median of 200 each, in turn, display excluded")
    print(f"  %%sql        {cell:8.2f} ms")
    print(f"  ADBC         {driver:8.2f} ms")
    print(f"  difference   {cell - driver:8.2f} ms   (aim: {AIM_MILLISECONDS:.0f} ms at most)")
    print(f"  ratio        {cell / driver:8.2f}", flush=True)


def report_read(workspace: Workspace) -> None:
    runs: dict[str, list[Any]] = {name: [] for name in WAYS}
    for _ in range(REPEATS):
        for name, results in runs.items():
            results.append(run(workspace, "bench.read", name))
    best = {name: min(results, key=lambda result: result["seconds"]) for name, results in runs.items()}
    print(f"\n1,000,000 rows x 12 columns to pandas, fresh processes, best of {REPEATS}")
    for name, label in zip(WAYS, ("%%sql", "ADBC"), strict=True):
        print(f"  {label:12} {best[name]['seconds']:8.2f} s   {best[name]['mebibytes']:8.0f} MiB peak")
    cell, driver = (best[name] for name in WAYS)
    for label, unit in (("time", "seconds"), ("memory", "mebibytes")):
        print(f"  {label:12} {cell[unit] / driver[unit]:8.2f} x   (aim: {AIM_RATIO} at most)")


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="underpass-bench-") as name:
        state, own = Path(name) / "network", Path(name) / "workspace"
        state.mkdir()
        own.mkdir()
        with PrivateNetwork(state, ["bastion", "postgresql"]) as network:
            network.postgresql.run(Path(__file__).with_name("table.sql").read_text(), DATABASE)
            workspace = Workspace(own)
            try:
                workspace.authorize(network)
                workspace.approve_host_key(network)
                workspace.add_database(network, NAME)
                workspace.environment["UNDERPASS_PROJECT"] = str(workspace.project)
                with workspace.forward(NAME) as port:
                    login = network.postgresql.description
                    secret = uri(login["user"], login["password"], port, login["database"])
                    workspace.environment[URI_VARIABLE] = secret
                    report_overhead(workspace)
                    report_read(workspace)
            finally:
                workspace.close()


if __name__ == "__main__":
    main()
