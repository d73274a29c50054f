"""A kernel provisioner that is not derived from the local one, as those for other machines are."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from typing import Any

from jupyter_client.provisioning.factory import KernelProvisionerFactory
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from jupyter_client.provisioning.provisioner_base import KernelProvisionerBase

NAME = "distant-provisioner"


class DistantProvisioner(KernelProvisionerBase):
    """Has another one do the work."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._worker = LocalProvisioner(**kwargs)

    @property
    def has_process(self) -> bool:
        return self._worker.has_process

    async def poll(self) -> int | None:
        return await self._worker.poll()

    async def wait(self) -> int | None:
        return await self._worker.wait()

    async def send_signal(self, signum: int) -> None:
        await self._worker.send_signal(signum)

    async def kill(self, restart: bool = False) -> None:
        await self._worker.kill(restart)

    async def terminate(self, restart: bool = False) -> None:
        await self._worker.terminate(restart)

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        return await self._worker.pre_launch(**kwargs)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        return await self._worker.launch_kernel(cmd, **kwargs)

    async def cleanup(self, restart: bool = False) -> None:
        await self._worker.cleanup(restart)


class DerivedProvisioner(LocalProvisioner):
    """What adapts kernels of this machine."""


def install(name: str, provisioner: type[KernelProvisionerBase]) -> None:
    """Make it known as an installed package would."""
    value = f"{provisioner.__module__}:{provisioner.__qualname__}"
    entry = EntryPoint(name, value, KernelProvisionerFactory.GROUP_NAME)
    KernelProvisionerFactory.instance().provisioners[name] = entry
