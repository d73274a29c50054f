"""Which Python has the drivers of a notebook: the one of its kernel, else the one of this server."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TypedDict

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager, NoSuchKernel
from jupyter_core.utils import ensure_async
from jupyter_server.gateway.managers import GatewayMappingKernelManager
from jupyter_server.services.kernels.kernelmanager import MappingKernelManager
from jupyter_server.services.sessions.sessionmanager import SessionManager

#: ``python``, ``python3.12``, ``pypy3``, ``python.exe``: anything else starts a Python in its own way.
_PYTHON = re.compile(r"py(?:thon|py)[\d.]*(?:\.exe)?")


class Interpreter(TypedDict, total=False):
    """``program`` is an absolute path; ``path`` its PYTHONPATH, where it has one."""

    program: str
    path: str


async def interpreter_of(
    path: str, sessions: SessionManager, kernels: MappingKernelManager, specs: KernelSpecManager
) -> Interpreter:
    """The Python of the kernel that runs for a notebook; without one, of the kernel that it would get.

    Args:
        path: Contents path of the notebook; '' for none.
        sessions: What runs for whom.
        kernels: The server's.
        specs: The server's.
    """
    if isinstance(kernels, GatewayMappingKernelManager):
        # They run elsewhere.
        return _described(None)
    spec = await _running(path, sessions, kernels) if path else None
    if spec is None:
        try:
            spec = await ensure_async(specs.get_kernel_spec(kernels.default_kernel_name))
        except NoSuchKernel:
            spec = None
    return _described(spec)


async def _running(path: str, sessions: SessionManager, kernels: MappingKernelManager) -> KernelSpec | None:
    for session in await sessions.list_sessions():
        kernel = str((session.get("kernel") or {}).get("id"))
        if session.get("path") == path and kernel in kernels:
            return kernels.get_kernel(kernel).kernel_spec
    return None


def _described(spec: KernelSpec | None) -> Interpreter:
    found: Interpreter = {"program": _program(spec) or sys.executable}
    environment = {**os.environ, **(spec.env if spec else {})}
    if search := environment.get("PYTHONPATH"):
        found["path"] = search
    return found


def _program(spec: KernelSpec | None) -> str | None:
    """Absolute path of the kernel's Python; None if the kernel is started by something else."""
    if spec is None or not spec.argv or spec.language.lower() != "python":
        return None
    program = spec.argv[0]
    # A name without a folder means this server's own, for kernels too.
    if not os.path.isabs(program) or not _PYTHON.fullmatch(Path(program).name.lower()):
        return None
    return program if os.access(program, os.X_OK) and os.path.isfile(program) else None
