"""Underpass on one machine: a database without a TCP port, a bastion before it, a notebook that queries it.

``python demo/demo.py`` opens JupyterLab and stays until interrupted; with ``--headless`` it runs the notebook
once and prints the rows and the tunnel that they came through. Everything it writes is in ``.build/demo``.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

from database import DATABASE, PORT, USER, EmbeddedPostgreSQL

DEMO = Path(__file__).resolve().parent
FOLDER = DEMO.parent / ".build" / "demo"
NOTEBOOK = FOLDER / "notebooks" / "demo.ipynb"
NAME = "Demo database"
HOST = "db.internal"
ENVIRONMENT = {
    **os.environ,
    "UNDERPASS_HOME": str(FOLDER / "home"),
    "UNDERPASS_RUNTIME_DIR": str(FOLDER / "runtime"),
    "UNDERPASS_PROJECT": str(NOTEBOOK.parent),
    # The person's own settings of Jupyter are left alone.
    "JUPYTER_CONFIG_DIR": str(FOLDER / "jupyter" / "config"),
    "JUPYTER_DATA_DIR": str(FOLDER / "jupyter" / "data"),
    "JUPYTER_RUNTIME_DIR": str(FOLDER / "jupyter" / "runtime"),
    "IPYTHONDIR": str(FOLDER / "ipython"),
}


def underpass(*arguments: str, stdin: str = "") -> Any:
    """Run the command line and parse what it prints."""
    finished = subprocess.run(
        [Path(sys.executable).with_name("underpass"), "--json", *arguments],
        env=ENVIRONMENT,
        input=stdin,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(finished.stdout)


@contextlib.contextmanager
def tunnel_service() -> Iterator[None]:
    """Have the service that the commands start end with us, instead of a while after its last client."""
    try:
        yield
    finally:
        underpass("stop")


@contextlib.contextmanager
def bastion(public_key: str, socket: Path) -> Iterator[dict[str, Any]]:
    """The embedded SSH server; gives its port and the fingerprint of its host key."""
    argv = [
        "node",
        DEMO / "bastion.mjs",
        "--key",
        public_key,
        "--target",
        f"{HOST}:{PORT}",
        "--socket",
        socket,
    ]
    # A session of its own: Ctrl-C is for us, who stop things in order.
    with subprocess.Popen(argv, stdout=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.terminate()


def add_integration(database: EmbeddedPostgreSQL, server: dict[str, Any]) -> None:
    """What a person would fill in, and the approval of the bastion by its fingerprint."""
    fields = {
        "host": HOST,
        "port": PORT,
        "user": USER,
        "database": DATABASE,
        "sshEnabled": "true",
        "sshHost": "127.0.0.1",
        "sshPort": server["port"],
        "sshUser": "demo",
    }
    settings = [part for field, value in fields.items() for part in ("--set", f"{field}={value}")]
    adding = ("integration", "add", "--type", "postgresql", "--name", NAME)
    underpass(*adding, *settings, "--secret", "password=-", stdin=database.password)
    underpass("hostkey", "approve", f"127.0.0.1:{server['port']}", server["fingerprint"])


def run_headless() -> None:
    """Run the notebook once; print what its cells show and which way the rows came."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    client = NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(NOTEBOOK.parent)}})
    # The kernel says there that its ports are on TCP, which is no news to whoever watches a demo.
    client.execute(env=ENVIRONMENT, stderr=subprocess.DEVNULL)
    nbformat.write(notebook, NOTEBOOK)
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            print(output.get("text") or output.get("data", {}).get("text/plain", ""))
    (forward,) = underpass("status")["forwards"]
    print()
    print(f"local    {forward['localHost']}:{forward['localPort']}")
    print(f"bastion  {forward['bastion']}")
    print(f"remote   {forward['remoteHost']}:{forward['remotePort']}")
    print(f"tunnel   {forward['state']['kind']}")


def run_jupyterlab() -> None:
    """JupyterLab on the notebook, until it is stopped or interrupted."""
    argv = [sys.executable, "-m", "jupyter", "lab", f"--ServerApp.root_dir={NOTEBOOK.parent}"]
    argv += [f"--LabApp.default_url=/lab/tree/{NOTEBOOK.name}"]
    if os.geteuid() == 0:
        argv += ["--allow-root"]
    with subprocess.Popen(argv, env=ENVIRONMENT, start_new_session=True) as server:
        try:
            server.wait()
        except KeyboardInterrupt:
            # Without the question whether to stop.
            server.terminate()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, prog="make demo")
    parser.add_argument("--headless", action="store_true", help="run the notebook once and print its rows")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    shutil.rmtree(FOLDER, ignore_errors=True)
    NOTEBOOK.parent.mkdir(parents=True)
    shutil.copy(DEMO / NOTEBOOK.name, NOTEBOOK)
    (FOLDER / "runtime").mkdir(mode=0o700)
    try:
        with EmbeddedPostgreSQL() as database, tunnel_service():
            key = underpass("key", "show")["publicKey"]
            with bastion(key, database.socket) as server:
                add_integration(database, server)
                if arguments.headless:
                    run_headless()
                else:
                    run_jupyterlab()
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
