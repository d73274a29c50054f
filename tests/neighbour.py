"""Another user of the same machine."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator

#: The user that owns nothing.
NOBODY = 65534

# A process that is this user already could not import from everywhere.
_BECOME = f"""
import os, socket, sys
os.setgroups([])
os.setgid({NOBODY})
os.setuid({NOBODY})
"""

_LISTEN = """
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", int(sys.argv[1])))
listener.listen()
print("listening", flush=True)
sys.stdin.read()
listener.setblocking(False)
accepted = 0
try:
    while True:
        listener.accept()
        accepted += 1
except BlockingIOError:
    print(accepted, flush=True)
"""


def as_nobody(script: str, *arguments: str) -> list[str]:
    """The command that runs a Python script as that user; the tests run as root."""
    return [sys.executable, "-c", _BECOME + script, *arguments]


class Listener:
    """Listens on a port, and counts who came."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._accepted: int | None = None

    def accepted(self) -> int:
        """End it, and say how many connections there were."""
        if self._accepted is None:
            printed, _ = self._process.communicate(timeout=30)
            self._accepted = int(printed)
        return self._accepted


@contextlib.contextmanager
def listening_as_nobody(port: int) -> Iterator[Listener]:
    """Another user's program that listens on a port of 127.0.0.1."""
    process = subprocess.Popen(
        as_nobody(_LISTEN, str(port)),
        cwd="/",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "listening\n"
        listener = Listener(process)
        yield listener
        listener.accepted()
