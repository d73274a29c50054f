"""Start and stop the servers from a shell: ``python -m tests.servers start [NAME …] --state DIR``."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from .network import ON_DEMAND, SERVERS, PrivateNetwork
from .postgresql import FILES
from .process import PROJECT_FOLDER


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.servers", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, about in (
        ("start", "start servers, print how to reach them as JSON, leave them running"),
        ("serve", "the same, but stay until interrupted"),
        ("stop", "stop what start left running"),
    ):
        command = commands.add_parser(name, help=about)
        command.add_argument(
            "--state", type=Path, required=True, help="folder for the servers' files; removed by stop"
        )
        if name != "stop":
            command.add_argument(
                "names",
                nargs="*",
                metavar="NAME",
                help=f"of {', '.join((*SERVERS, *ON_DEMAND))}; {', '.join(SERVERS)} if none",
            )
    arguments = parser.parse_args()
    state: Path = arguments.state.absolute()
    if arguments.command == "stop":
        return stop(state)
    names: list[str] = arguments.names or [*SERVERS]
    unknown = sorted(set(names) - {*SERVERS, *ON_DEMAND})
    if unknown:
        parser.error(f"no such server: {', '.join(unknown)}")
    return start(state, names) if arguments.command == "start" else serve(state, names)


def start(state: Path, names: list[str]) -> int:
    """Leave a ``serve`` running, and pass its description on."""
    stop(state)
    state.mkdir(parents=True)
    log = state / "serve.log"
    with log.open("wb") as errors:
        server = subprocess.Popen(
            [sys.executable, "-m", "tests.servers", "serve", "--state", str(state), *names],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            cwd=PROJECT_FOLDER,
            start_new_session=True,
        )
    assert server.stdout is not None
    description = server.stdout.readline().decode()
    if not description:
        server.wait()
        sys.stderr.write(log.read_text(errors="replace"))
        return 1
    sys.stdout.write(description)
    return 0


def serve(state: Path, names: list[str]) -> int:
    """Run the servers until SIGTERM or SIGINT."""
    if (state / "serve.pid").exists():
        stop(state)
    state.mkdir(parents=True, exist_ok=True)
    (state / "serve.pid").write_text(f"{os.getpid()}\n")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt), PrivateNetwork(state, names) as network:
        text = json.dumps(network.description)
        (state / "servers.json").write_text(text + "\n")
        print(text, flush=True)
        while True:
            signal.pause()
    return 0


def stop(state: Path) -> int:
    """End the ``serve`` of this folder, where one runs, and remove the folder."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        pid = int((state / "serve.pid").read_text())
        end = os.pidfd_open(pid)
        # The number may belong to another process by now.
        if os.fsencode(state) in Path(f"/proc/{pid}/cmdline").read_bytes():
            signal.pidfd_send_signal(end, signal.SIGTERM)
            select.select([end], [], [])
        os.close(end)
    # Left there by a server that was killed.
    shutil.rmtree((state / "postgresql" / FILES).resolve(), ignore_errors=True)
    shutil.rmtree(state, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
