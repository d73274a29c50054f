"""``make bench``: what a SQL cell costs beside the fastest public way, in one run on one machine; and what
the extension adds to the start of a kernel and to the load of JupyterLab, and how long completion takes.

``python -m bench [NAME …]``: systems that have a module in ``bench/systems``, ``kernels``, ``jupyterlab`` or
``completion``; all of them if none is named.
"""

from __future__ import annotations

import argparse
import json
import os
import pkgutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench import completion, jupyterlab, kernels, overhead, systems
from bench.systems import find_benchmark
from bench.ways import CELL, NAME, ways_of
from tests.person import Person, fields_of
from tests.servers import PrivateNetwork
from tests.workspace import Workspace

#: Fresh processes for each way; the fastest counts, as everything else is the machine's noise.
REPEATS = 5
AIM_MILLISECONDS = 5.0
#: What is waited for besides a query.
WAITS = {"kernels": kernels.main, "jupyterlab": jupyterlab.main, "completion": completion.main}


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
    cell, driver = (medians[way] * 1000 for way in (CELL, overhead.DRIVER))
    print(f"{overhead.SYSTEM}: SELECT 1, warm, median of {overhead.ROUNDS} each, in turn, display excluded")
    print(f"  {CELL:14} {cell:8.2f} ms")
    print(f"  {overhead.DRIVER:14} {driver:8.2f} ms")
    print(f"  difference     {cell - driver:8.2f} ms   (aim: {AIM_MILLISECONDS:.0f} ms at most)")


def report_read(workspace: Workspace, system: str) -> None:
    runs: dict[str, list[Any]] = {way: [] for way in ways_of(system)}
    # In turn, so that a busy moment of the machine meets all of them.
    for _ in range(REPEATS):
        for way, results in runs.items():
            results.append(run(workspace, "bench.read", system, way))
    best = {way: min(results, key=lambda result: result["seconds"]) for way, results in runs.items()}
    rows = getattr(find_benchmark(system), "ROWS", 1_000_000)
    columns = best[CELL]["columns"]
    print(f"\n{system}: {rows:,} rows x {columns} columns to pandas, fresh processes, best of {REPEATS}")
    for way, result in best.items():
        print(f"  {way:14} {result['seconds']:8.2f} s   {result['mebibytes']:8.0f} MiB peak")
    fastest = min((way for way in best if way != CELL), key=lambda way: best[way]["seconds"])
    for label, unit in (("time", "seconds"), ("memory", "mebibytes")):
        ratio = best[CELL][unit] / best[fastest][unit]
        aim = f" (aim: {find_benchmark(system).AIM} at most)" if unit == "seconds" else ""
        print(f"  {label:14} {ratio:8.2f} x {fastest}{aim}", flush=True)


def measure(system: str, network: PrivateNetwork, folder: Path) -> None:
    """Prepare a system and measure it, in a workspace of its own."""
    folder.mkdir()
    workspace = Workspace(folder)
    database = network.database(system)
    find_benchmark(system).prepare(database)
    try:
        workspace.authorize(network)
        workspace.approve_host_key(network)
        workspace.environment["UNDERPASS_PROJECT"] = str(workspace.project)
        add(workspace, system, network)
        with workspace.forward(NAME):
            if system == overhead.SYSTEM:
                report_overhead(workspace)
            report_read(workspace, system)
    finally:
        workspace.close()
        network.stop_database(system)


def add(workspace: Workspace, system: str, network: PrivateNetwork) -> None:
    """Add the integration: through the bastion, TLS required as the peers have it, too."""
    database = network.database(system)
    situation = "demanded" if "offered" in database.impossible else "offered"
    fields, secrets = fields_of(database, network, situation, mode="required")
    # This process is nobody else's.
    os.environ.update(workspace.environment)
    with Person(workspace.project) as person:
        person.add(system, NAME, fields, secrets)


def main() -> None:
    known = [module.name for module in pkgutil.iter_modules(systems.__path__)]
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    names = [*WAITS, *known]
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(names)}; all if none")
    chosen: list[str] = parser.parse_args().names or names
    if unknown := sorted(set(chosen) - set(names)):
        parser.error(f"no such benchmark: {', '.join(unknown)}")
    for name in [name for name in WAITS if name in chosen]:
        WAITS[name]()
    with tempfile.TemporaryDirectory(prefix="underpass-bench-") as name:
        for system in [name for name in chosen if name in known]:
            state = Path(name) / system
            state.mkdir()
            with PrivateNetwork(state, ["bastion"]) as network:
                measure(system, network, Path(name) / f"{system}-workspace")


if __name__ == "__main__":
    main()
