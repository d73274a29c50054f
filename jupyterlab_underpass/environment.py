"""Environment variables of connected integrations, in kernels that start or restart."""

from __future__ import annotations

import asyncio
import functools
import logging
import os
from collections.abc import Mapping
from typing import Any

from jupyter_client.manager import KernelManager
from jupyter_core.utils import ensure_async
from jupyter_server.services.kernels.kernelmanager import MappingKernelManager

from underpass.failure import UnderpassError

from .folders import absolute
from .service import Service

#: Seconds by which a service that is slow or dead may delay a kernel.
BUDGET = 0.5


class KernelEnvironment:
    """Puts variables into the kernels of one kernel manager.

    The methods of the *instances* are wrapped, whatever their classes are, so that this lives together with
    other extensions that bring a kernel manager of their own or wrap it as well.
    """

    def __init__(self, service: Service, log: logging.Logger | logging.LoggerAdapter[Any]) -> None:
        self._service = service
        self._log = log

    def install(self, kernels: MappingKernelManager) -> None:
        """Wrap ``start_kernel`` of the kernel manager and, of each kernel it starts, ``restart_kernel``."""
        start_kernel = kernels.start_kernel

        @functools.wraps(start_kernel)
        async def start_with_variables(*args: Any, **kwargs: Any) -> str:
            if kwargs.get("kernel_id") in kernels.list_kernel_ids():
                # Nothing is started: the caller gets the kernel that there is.
                return await ensure_async(start_kernel(*args, **kwargs))
            given = kwargs.get("env")
            env = dict(os.environ if given is None else given)
            folder = absolute(env.get("UNDERPASS_PROJECT") or working_directory(kernels, kwargs))
            replaced = replace(env, await self._variables(folder) or {})
            kernel_id = await ensure_async(start_kernel(*args, **{**kwargs, "env": env}))
            self._follow_restarts(kernels.get_kernel(kernel_id), folder, replaced)
            return kernel_id

        # A plain attribute of the instance hides the method of the class.
        object.__setattr__(kernels, "start_kernel", start_with_variables)

    def _follow_restarts(self, kernel: KernelManager, folder: str, replaced: dict[str, str | None]) -> None:
        """Renew the variables at each restart, by a person or after a crash.

        Not by the kernel manager's ``restart_kernel``: what restarts a kernel that crashed bypasses it.

        Args:
            replaced: What :func:`replace` returned at the start.
        """
        restart_kernel = kernel.restart_kernel

        @functools.wraps(restart_kernel)
        async def restart_with_variables(*args: Any, **kwargs: Any) -> None:
            nonlocal replaced
            env = replayed_environment(kernel)
            # Without an answer the former ones stay: ports outlive the service.
            if env is not None and (variables := await self._variables(folder)) is not None:
                restore(env, replaced)
                replaced = replace(env, variables)
            await ensure_async(restart_kernel(*args, **kwargs))

        object.__setattr__(kernel, "restart_kernel", restart_with_variables)

    async def _variables(self, folder: str) -> dict[str, str] | None:
        """Variables for a kernel in ``folder``; None if the service did not say in time."""
        answer = self._service.request("underpass/environment", {"folder": folder}, repeatable=True)
        try:
            return (await asyncio.wait_for(answer, BUDGET))["variables"]
        except asyncio.TimeoutError:
            reason = f"no answer within {BUDGET * 1000:.0f} ms"
        except UnderpassError as error:
            reason = error.failure["code"]
        self._log.warning("A kernel starts without current variables of its integrations: %s", reason)
        return None


def working_directory(kernels: MappingKernelManager, launch: Mapping[str, Any]) -> str:
    """Where a kernel started with these keyword arguments will work."""
    if launch.get("path") is not None:
        return kernels.cwd_for_path(launch["path"], env=launch.get("env") or {})
    return launch.get("cwd") or os.getcwd()


def replayed_environment(kernel: KernelManager) -> dict[str, str] | None:
    """The environment that the kernel's manager launches it with at a restart; changes take effect.

    ``update_env`` is the public way, but can only add, and variables of disconnected integrations must go.
    """
    launch = getattr(kernel, "_launch_args", None)
    env = launch.get("env") if isinstance(launch, dict) else None
    return env if isinstance(env, dict) else None


def replace(env: dict[str, str], variables: Mapping[str, str]) -> dict[str, str | None]:
    """Set variables, and return what was there before."""
    before = {name: env.get(name) for name in variables}
    env.update(variables)
    return before


def restore(env: dict[str, str], before: Mapping[str, str | None]) -> None:
    """Undo :func:`replace`."""
    for name, value in before.items():
        if value is None:
            env.pop(name, None)
        else:
            env[name] = value
