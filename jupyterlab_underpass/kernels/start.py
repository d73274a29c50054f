"""Kernels that start, restart and end: variables are put into their environments, and later ones told."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import inspect
import logging
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import zmq.asyncio
from jupyter_core.utils import ensure_async
from jupyter_server.services.kernels.kernelmanager import MappingKernelManager

from jupyterlab_underpass.service import Service

from .current import CurrentVariables
from .elsewhere import NOTICE, Whereabouts
from .hooks import Hook
from .local import LocalKernel, project_folder, replayed_environment
from .process import KernelProcess
from .variables import place, withdraw


class KernelEnvironment:
    """Keeps variables in the kernels of one kernel manager.

    The methods of the *instances* are wrapped, whatever their classes are, so that this lives together with
    other extensions that bring a kernel manager of their own or wrap it as well.
    """

    def __init__(
        self, service: Service, whereabouts: Whereabouts, log: logging.Logger | logging.LoggerAdapter[Any]
    ) -> None:
        self.current = CurrentVariables(service, self._folders, self._tell, log)
        self._whereabouts = whereabouts
        self._log = log
        self._hooks: list[Hook] = []
        self._stopped = False
        #: The server's; blocking kernel managers restart kernels from threads of their own.
        self._loop: asyncio.AbstractEventLoop | None = None
        self._kernels: dict[str, LocalKernel] = {}
        self._context = zmq.asyncio.Context()
        #: Names that the user has variables of his own for, which were told.
        self._taken: set[str] = set()
        self._ending: set[asyncio.Task[None]] = set()

    def install(self, kernels: MappingKernelManager) -> None:
        """Wrap ``start_kernel`` and ``remove_kernel``, and of each kernel ``restart_kernel``."""

        def wrap_start(start_kernel: Callable[..., Any]) -> Callable[..., Any]:
            @functools.wraps(start_kernel)
            async def start_with_variables(*args: Any, **kwargs: Any) -> str:
                if self._stopped or kwargs.get("kernel_id") in kernels.list_kernel_ids():
                    # Nothing is started, or nothing of ours: the caller gets the kernel that there is.
                    return await ensure_async(start_kernel(*args, **kwargs))
                return await self._start(kernels, functools.partial(start_kernel, *args), kwargs)

            return start_with_variables

        def wrap_remove(remove_kernel: Callable[..., Any]) -> Callable[..., Any]:
            @functools.wraps(remove_kernel)
            def remove_and_forget(kernel_id: str, *args: Any, **kwargs: Any) -> Any:
                self._forget(kernel_id)
                return remove_kernel(kernel_id, *args, **kwargs)

            return remove_and_forget

        self._hooks = [
            Hook(kernels, "start_kernel", wrap_start),
            Hook(kernels, "remove_kernel", wrap_remove),
        ]

    async def stop(self) -> None:
        """Leave the kernels as they are, and hang nowhere any more."""
        self._stopped = True
        for hook in self._hooks:
            hook.remove()
        await self.current.stop()
        for kernel_id in list(self._kernels):
            self._forget(kernel_id)
        await asyncio.gather(*self._ending, return_exceptions=True)
        self._context.destroy(linger=0)

    async def _start(
        self, kernels: MappingKernelManager, start_kernel: Callable[..., Any], kwargs: Mapping[str, Any]
    ) -> str:
        self._loop = asyncio.get_running_loop()
        given = kwargs.get("env")
        env = dict(os.environ if given is None else given)
        launch = {**kwargs, "env": env}
        if starter := self._whereabouts.starter(kwargs.get("kernel_name")):
            env[NOTICE] = starter
            kernel_id = await ensure_async(start_kernel(**launch))
            self._whereabouts.remember(kernel_id, starter)
            return kernel_id
        if NOTICE in os.environ:
            # This server is a child of such a kernel; its own kernels are here.
            env.pop(NOTICE, None)
        folder = project_folder(kernels, launch)
        hints = self.current.hints
        variables = await self.current.at_start(folder)
        placed = self._place(env, variables or {})
        kernel_id = await ensure_async(start_kernel(**launch))
        if not self._stopped:
            kernel = self._kernels[kernel_id] = LocalKernel(kernels.get_kernel(kernel_id), folder)
            kernel.hook = Hook(
                kernel.manager, "restart_kernel", functools.partial(self._wrap_restart, kernel)
            )
            self._launched(kernel, placed)
            if variables is None or hints != self.current.hints:
                self.current.ask_soon()
        return kernel_id

    def _wrap_restart(self, kernel: LocalKernel, restart_kernel: Callable[..., Any]) -> Callable[..., Any]:
        """Renew the variables at each restart, by a person or after a crash.

        Not by the kernel manager's ``restart_kernel``: what restarts a kernel that crashed bypasses it.
        """

        @functools.wraps(restart_kernel)
        async def restart(*args: Any, **kwargs: Any) -> Any:
            if kernel.forgotten:
                return await ensure_async(restart_kernel(*args, **kwargs))
            hints = self.current.hints
            variables = await self.current.at_start(kernel.folder)
            with self._restarting(kernel, variables or {}):
                result = await ensure_async(restart_kernel(*args, **kwargs))
            if variables is None or hints != self.current.hints:
                self.current.ask_soon()
            return result

        @functools.wraps(restart_kernel)
        def restart_blocking(*args: Any, **kwargs: Any) -> Any:
            if kernel.forgotten:
                return restart_kernel(*args, **kwargs)
            # The service can not be asked meanwhile: its answers come in the loop that this blocks.
            with self._restarting(kernel, {}):
                result = restart_kernel(*args, **kwargs)
            self._in_loop(self.current.ask_soon)
            return result

        return restart if inspect.iscoroutinefunction(restart_kernel) else restart_blocking

    @contextlib.contextmanager
    def _restarting(self, kernel: LocalKernel, variables: Mapping[str, str]) -> Iterator[None]:
        """Have the next process launched with these variables, and without the former ones.

        Ports that nobody confirmed may be somebody else's by now.
        """
        self._in_loop(self._leave, kernel)
        placed: Mapping[str, str] = {}
        env = replayed_environment(kernel.manager)
        if env is not None:
            withdraw(env, kernel.placed)
            placed = self._place(env, variables)
        try:
            yield
        finally:
            self._in_loop(self._launched, kernel, placed)

    def _launched(self, kernel: LocalKernel, placed: Mapping[str, str]) -> None:
        if kernel.forgotten:
            return
        kernel.placed = placed
        kernel.process = KernelProcess(kernel.manager, placed, self._context, self._log)

    def _place(self, env: dict[str, str], variables: Mapping[str, str]) -> dict[str, str]:
        placed, taken = place(env, variables)
        self._say_taken(taken)
        return placed

    def _say_taken(self, names: Iterable[str]) -> None:
        for name in sorted({*names} - self._taken):
            self._taken.add(name)
            self._log.warning(
                "%s is set already and stays as it is: kernels do not get the integration's", name
            )

    def _folders(self) -> set[str]:
        return {kernel.folder for kernel in self._kernels.values()}

    def _tell(self, folder: str, variables: Mapping[str, str]) -> None:
        for kernel in self._kernels.values():
            if kernel.folder == folder and kernel.process is not None:
                env = replayed_environment(kernel.manager) or {}
                taken = (variables.keys() & env.keys()) - kernel.placed.keys()
                self._say_taken(taken)
                kernel.process.want({name: variables[name] for name in variables.keys() - taken})

    def _forget(self, kernel_id: str) -> None:
        if kernel := self._kernels.pop(kernel_id, None):
            kernel.forgotten = True
            if kernel.hook is not None:
                kernel.hook.remove()
            self._in_loop(self._leave, kernel)

    def _in_loop(self, call: Callable[..., None], *args: Any) -> None:
        """Call now where that is possible, else as soon as the server's loop gets to it."""
        assert self._loop is not None
        try:
            here = asyncio.get_running_loop() is self._loop
        except RuntimeError:
            here = False
        if here:
            call(*args)
        else:
            self._loop.call_soon_threadsafe(call, *args)

    def _leave(self, kernel: LocalKernel) -> None:
        process, kernel.process = kernel.process, None
        ending = process.leave() if process is not None else None
        if ending is not None:
            self._ending.add(ending)
            ending.add_done_callback(self._ending.discard)
