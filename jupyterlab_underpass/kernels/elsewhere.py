"""Kernels that do not run on this machine: they are told so, instead of being given ports of this machine."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, cast

from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
from jupyter_client.provisioning.factory import KernelProvisionerFactory
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from jupyter_core.utils import ensure_async
from jupyter_server.base.handlers import APIHandler
from jupyter_server.gateway.managers import GatewayMappingKernelManager
from jupyter_server.services.kernels.kernelmanager import MappingKernelManager
from tornado import web

#: Tells the kernel package that the kernel is elsewhere, and by whom it was started. Gateways pass on what
#: begins with KERNEL_, and nothing else unless they are configured to.
NOTICE = "KERNEL_UNDERPASS_NOTICE"

GATEWAY = "a gateway"


class Whereabouts:
    """Knows which kernels run on other machines."""

    def __init__(self, kernels: MappingKernelManager, local_provisioners: Collection[str], log: Any) -> None:
        """
        Args:
            local_provisioners: Names of provisioners that start kernels on this machine, beside
                ``LocalProvisioner`` and what is derived from it.
        """
        self.gateway = isinstance(kernels, GatewayMappingKernelManager)
        self._kernels = kernels
        self._local_provisioners = local_provisioners
        self._log = log
        self._elsewhere: dict[str, str] = {}
        self._told: set[str] = set()
        if self.gateway:
            self._tell(GATEWAY)

    def starter(self, kernel_name: str | None) -> str | None:
        """Who starts kernels of this name on another machine; None if they run on this one."""
        if self.gateway:
            return GATEWAY
        name = self._provisioner(kernel_name or self._kernels.default_kernel_name)
        if name in self._local_provisioners or is_local(name):
            return None
        starter = f"the provisioner {name}"
        self._tell(starter)
        return starter

    def remember(self, kernel_id: str, starter: str) -> None:
        self._elsewhere[kernel_id] = starter

    def kernels(self) -> dict[str, str]:
        """Ids of the kernels that run elsewhere, with who started them."""
        running = set(self._kernels.list_kernel_ids())
        if self.gateway:
            return dict.fromkeys(running, GATEWAY)
        for ended in self._elsewhere.keys() - running:
            del self._elsewhere[ended]
        return self._elsewhere

    def _provisioner(self, kernel_name: str) -> str:
        factory = KernelProvisionerFactory.instance(parent=self._kernels.parent)
        try:
            specs = cast("KernelSpecManager", self._kernels.kernel_spec_manager)
            spec = specs.get_kernel_spec(kernel_name)
        except (NoSuchKernel, KeyError):
            # Its start will fail, and say so.
            return factory.default_provisioner_name
        chosen = spec.metadata.get("kernel_provisioner", {}).get("provisioner_name")
        return str(chosen or factory.default_provisioner_name)

    def _tell(self, starter: str) -> None:
        if starter not in self._told:
            self._told.add(starter)
            self._log.warning(
                "Kernels started by %s run on another machine and can not reach the tunnels of this one: "
                "they get no environment variables of integrations, and their SQL cells say why.",
                starter,
            )


def is_local(provisioner: str) -> bool:
    """Whether it runs kernels as child processes. One that is not installed will start none at all."""
    if provisioner == "local-provisioner":
        return True
    entry = KernelProvisionerFactory.instance().provisioners.get(provisioner)
    return entry is None or issubclass(entry.load(), LocalProvisioner)


class KernelsHandler(APIHandler):
    """``GET underpass/kernels``: which kernels can not use the integrations of this server, and why."""

    auth_resource = "underpass:integrations"

    def initialize(self, whereabouts: Whereabouts) -> None:
        super().initialize()
        self.whereabouts = whereabouts

    @web.authenticated
    async def get(self) -> None:
        allowed = await ensure_async(
            self.authorizer.is_authorized(self, self.current_user, "read", self.auth_resource)
        )
        if not allowed:
            raise web.HTTPError(403, reason=f"Not authorized to read {self.auth_resource}")
        self.finish({"gateway": self.whereabouts.gateway, "elsewhere": self.whereabouts.kernels()})
