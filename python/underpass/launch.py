"""A connection to the tunnel service, which is started if there is none."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import socket
import subprocess
import time

from .failure import UnderpassError, fail
from .node import find_node, find_service
from .paths import Paths, find_paths
from .running import running_service
from .service_environment import service_environment

#: Seconds for a service, ours or another one, to listen.
LONGEST_LAUNCH = 30.0
#: Seconds between two looks at a service that is starting or ending.
POLL_INTERVAL = 0.04
#: How often a service is started that is gone again before it is connected to.
MOST_LAUNCHES = 3

#: Starts the service so that it outlives this process, and leaves no core file, which would hold keys. A
#: limit of one byte also keeps Linux from handing one to a program. Where that can not be set, no file is
#: written at least.
SHELL = "/bin/sh"
SCRIPT = """umask 077
prlimit --pid $$ --core=1:1 2>/dev/null || ulimit -c 0
"$@" &"""


def connect_to_service() -> socket.socket:
    """Connect to this workspace's service, starting it if nobody listens.

    Raises:
        UnderpassError: it can not be started, or does not answer.
    """
    paths = find_paths()
    deadline = time.monotonic() + LONGEST_LAUNCH
    launches = 0
    while True:
        connection = connect_if_listening(paths)
        if connection is not None:
            return connection
        running = running_service(paths.pid)
        if time.monotonic() > deadline:
            raise unresponsive(running) if running else _unavailable(paths)
        if running:
            # It starts, and will listen; or it ends, and then it is our turn.
            time.sleep(POLL_INTERVAL)
        elif launches < MOST_LAUNCHES:
            launches += 1
            _start(paths)
        else:
            raise _unavailable(paths)


def connect_if_listening(paths: Paths) -> socket.socket | None:
    """A connection to the service, or None if nobody listens.

    Raises:
        UnderpassError: somebody does, and does not let us in.
    """
    if not hasattr(socket, "AF_UNIX"):
        raise fail(
            "service-unavailable",
            "request",
            "The tunnel service can not be reached from Python on this system: it has no Unix sockets.",
            "Use it within WSL, or on Linux or macOS.",
        )
    connection = socket.socket(socket.AF_UNIX)
    try:
        # Where too many wait already, the attempt itself would wait.
        connection.settimeout(LONGEST_LAUNCH)
        connection.connect(str(paths.socket))
        connection.settimeout(None)
    except PermissionError:
        connection.close()
        raise fail(
            "service-unavailable",
            "request",
            f"You are not allowed to use {paths.socket}: it is another user's.",
            "Set UNDERPASS_RUNTIME_DIR to a folder of yours.",
        ) from None
    except TimeoutError:
        connection.close()
        raise unresponsive(running_service(paths.pid)) from None
    except OSError:
        connection.close()
        return None
    except BaseException:
        connection.close()
        raise
    return connection


def unresponsive(pid: int | None) -> UnderpassError:
    """The failure to raise when the service runs but does not answer."""
    who, end = (f" (process {pid})", f"Or end it (kill -9 {pid})") if pid else ("", "Or end its process")
    return fail(
        "service-unresponsive",
        "request",
        f"The tunnel service{who} runs but does not answer.",
        f"See what is wrong: underpass doctor. {end} and try again: it is started anew with the same ports.",
        **({"pid": pid} if pid else {}),
    )


def _start(paths: Paths) -> None:
    """Start the service as a process of its own; return when it, or one that was faster, listens."""
    argv = [find_node(), str(find_service()), "serve"]
    if os.path.exists(SHELL):
        argv = [SHELL, "-c", SCRIPT, "underpass", *argv]
    log = _open_log(paths)
    try:
        process = subprocess.Popen(
            argv,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL if log is None else log,
            env=service_environment({**os.environ, **paths.environment()}),
            # Neither Stop in a notebook nor the end of the terminal is meant for it.
            start_new_session=True,
        )
    finally:
        if log is not None:
            os.close(log)
    assert process.stdout is not None
    with process.stdout as output, selectors.DefaultSelector() as selector:
        selector.register(output, selectors.EVENT_READ)
        said = output.readline() if selector.select(LONGEST_LAUNCH) else b""
    if os.path.exists(SHELL):
        # The shell has left the service behind.
        process.wait()
    else:
        # It outlives us on purpose; without this, Python warns about it when we end.
        process.returncode = process.poll() or 0
    if not said:
        raise _unavailable(paths)
    with contextlib.suppress(ValueError, KeyError, TypeError):
        raise UnderpassError(json.loads(said)["failure"])


def _open_log(paths: Paths) -> int | None:
    """Where Node itself writes what ends it. There is a service without a log, too."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
    try:
        log = os.open(paths.log, flags, 0o600)
        os.chmod(paths.log, 0o600)
    except OSError:
        return None
    return log


def _unavailable(paths: Paths) -> UnderpassError:
    return fail(
        "service-unavailable",
        "request",
        "The tunnel service could not be started.",
        f"See what is wrong: underpass doctor. Its log: {paths.log}",
        log=str(paths.log),
    )
