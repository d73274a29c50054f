"""The command at a real terminal, with a person who reads and types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pexpect

from tests.workspace import PROGRAMS, Workspace

END_OF_FILE, INTERRUPT = "\x04", "\x03"

NONE: Mapping[str, str] = {}


@contextmanager
def terminal(
    workspace: Workspace, *arguments: str, columns: int = 100, variables: Mapping[str, str] = NONE
) -> Iterator[pexpect.spawn[str]]:
    """The command, run in the project at a terminal of its own."""
    process: pexpect.spawn[str] = pexpect.spawn(
        str(PROGRAMS / "underpass"),
        list(arguments),
        cwd=str(workspace.project),
        env={"TERM": "xterm", "LANG": "C.UTF-8", **workspace.environment, **variables},
        encoding="utf-8",
        dimensions=(40, columns),
        timeout=60,
    )
    try:
        yield process
    finally:
        process.close(force=True)


def finish(process: pexpect.spawn[str]) -> tuple[int | None, str]:
    """Wait for the end. Gives the exit code and what was written since the last thing that was expected."""
    process.expect(pexpect.EOF)
    process.close()
    return process.exitstatus, str(process.before).replace("\r\n", "\n")
