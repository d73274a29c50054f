"""People's shells at a real terminal, with the completion that the program gives them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pexpect

#: What a person puts into the start-up file.
START: Mapping[str, tuple[list[str], str]] = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], "source <(underpass completion bash)"),
    "zsh": (
        ["zsh", "-f", "-i"],
        "bindkey -e; autoload -Uz compinit; compinit -u -D; source <(underpass completion zsh)",
    ),
    "fish": (["fish", "--no-config", "-i"], "underpass completion fish | source"),
}

#: Says with which words it was run.
PROBE = """#!/bin/sh
for word; do printf '%s\\0' "$word"; done > "$PROBED"
echo PRO""BED
"""

TAB, HOME, INTERRUPT, KILL_LINE = "\t", "\x01", "\x03", "\x15"


class Shell:
    """One shell that runs; see :func:`open_shell`."""

    def __init__(self, process: pexpect.spawn[str], probed: Path) -> None:
        self._process, self._probed = process, probed

    def complete(self, typed: str, *then: str) -> list[str]:
        """Words that the shell reads after ``typed``, the Tab key and ``then``."""
        # Keys wait in the terminal until the shell is done with the ones before.
        self._process.send("".join([typed, TAB, *then, HOME, "probe ", "\r"]))
        self._process.expect("PROBED\r\n")
        return self._probed.read_text().split("\0")[:-1]

    def offered(self, typed: str, *expected: str) -> None:
        """Press Tab until the shell lists what there is; each of ``expected`` must be among it."""
        self._process.send(typed + TAB + TAB)
        awaited = list(expected)
        while awaited:
            del awaited[self._process.expect_exact(awaited)]
        self._process.send(INTERRUPT)


@contextmanager
def open_shell(kind: str, folder: Path, environment: Mapping[str, str]) -> Iterator[Shell]:
    """A shell in ``folder`` that knows the completion; ``folder`` gets a few files."""
    bin_folder, probed = folder / "probe-bin", folder / "probed"
    bin_folder.mkdir()
    probe = bin_folder / "probe"
    probe.write_text(PROBE)
    probe.chmod(0o755)
    program, setup = START[kind]
    process: pexpect.spawn[str] = pexpect.spawn(
        program[0],
        program[1:],
        cwd=str(folder),
        env={
            **environment,
            "PATH": f"{bin_folder}:{environment['PATH']}",
            "PROBED": str(probed),
            "HOME": str(folder),
            "TERM": "xterm",
            "HISTFILE": "",
        },
        encoding="utf-8",
        dimensions=(40, 160),
        timeout=60,
    )
    try:
        process.send(f"{setup}; echo RE''ADY\r")
        process.expect("READY\r\n")
        yield Shell(process, probed)
    finally:
        process.close(force=True)
