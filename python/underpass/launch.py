"""A connection to the tunnel service, which is started if there is none."""

from __future__ import annotations

import os
import socket
import subprocess

from .failure import fail
from .node import find_node, find_service
from .paths import Paths, find_paths


def connect_to_service() -> socket.socket:
    """Connect to this workspace's service, starting it if nobody listens.

    Raises:
        UnderpassError: it can not be started; the log is named.
    """
    paths = find_paths()
    connection = _try_to_connect(paths)
    if connection is None:
        _start(paths)
        connection = _try_to_connect(paths)
    if connection is None:
        raise _unavailable(paths)
    return connection


def _try_to_connect(paths: Paths) -> socket.socket | None:
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.connect(str(paths.socket))
    except OSError:
        connection.close()
        return None
    return connection


def _start(paths: Paths) -> None:
    """Start the service as a process of its own; return when it, or one that was faster, listens."""
    argv = [find_node(), str(find_service()), "serve"]
    descriptor = os.open(paths.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "ab") as log:
        process = subprocess.Popen(
            argv,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            env={**os.environ, **paths.environment()},
            # Neither Stop in a notebook nor the end of the terminal is meant for it.
            start_new_session=True,
        )
    assert process.stdout is not None
    with process.stdout as output:
        listening = output.readline()
    # It outlives us on purpose; without this, Python warns about it when we end.
    process.returncode = process.poll() or 0
    if not listening:
        raise _unavailable(paths)


def _unavailable(paths: Paths) -> Exception:
    return fail(
        "service-unavailable",
        "request",
        "The tunnel service could not be started.",
        f"Look into its log: {paths.log}",
        log=str(paths.log),
    )
