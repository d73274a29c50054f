"""A kernel that was started here, and how."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jupyter_client.manager import KernelManager
from jupyter_server.services.kernels.kernelmanager import MappingKernelManager

from jupyterlab_underpass.folders import absolute

from .hooks import Hook
from .process import KernelProcess


@dataclass
class LocalKernel:
    """A kernel that was started here."""

    manager: KernelManager
    #: Absolute; its project decides which variables it has.
    folder: str
    #: What its process was launched with, from us.
    placed: Mapping[str, str] = field(default_factory=dict)
    #: None while it restarts.
    process: KernelProcess | None = None
    hook: Hook | None = None
    #: It was shut down, or the server is about to stop.
    forgotten: bool = False


def project_folder(kernels: MappingKernelManager, launch: Mapping[str, Any]) -> str:
    """Absolute folder whose project a kernel started with these keyword arguments will belong to."""
    env = launch["env"]
    if project := env.get("UNDERPASS_PROJECT"):
        return absolute(project)
    if launch.get("path") is not None:
        return absolute(kernels.cwd_for_path(launch["path"], env=env))
    return absolute(launch.get("cwd") or os.getcwd())


def replayed_environment(kernel: KernelManager) -> dict[str, str] | None:
    """The environment that the kernel's manager launches it with at a restart; changes take effect.

    ``update_env`` is the public way, but can only add, and variables of disconnected integrations must go.
    """
    launch = getattr(kernel, "_launch_args", None)
    env = launch.get("env") if isinstance(launch, dict) else None
    return env if isinstance(env, dict) else None
