"""The extension of the Jupyter server: one handler, hints on the event bus, and variables in kernels."""

from __future__ import annotations

import json
import pathlib
from typing import cast

from jupyter_events import EventLogger
from jupyter_server.extension.application import ExtensionApp
from jupyter_server.gateway.managers import GatewayMappingKernelManager

from .environment import KernelEnvironment
from .events import Hints
from .relay import RelayHandler
from .service import Service

#: Written with the service's bundle: what a browser may call, and the right that it needs.
METHODS = pathlib.Path(__file__).parent / "methods.json"


class UnderpassExtension(ExtensionApp):
    """Connects browsers and new kernels with the tunnel service. Knows nothing about what it relays."""

    name = "jupyterlab_underpass"
    service: Service

    def initialize_settings(self) -> None:
        server = self.serverapp
        assert server is not None
        hints = Hints(cast("EventLogger", server.event_logger))
        self.service = Service(f"JupyterLab in {server.root_dir}", hints.forward, hints.everything, self.log)
        if isinstance(server.kernel_manager, GatewayMappingKernelManager):
            self.log.info(
                "Kernels run behind a gateway and can not reach tunnels of this machine: "
                "they get no environment variables of integrations."
            )
        else:
            KernelEnvironment(self.service, self.log).install(server.kernel_manager)

    def initialize_handlers(self) -> None:
        methods = json.loads(METHODS.read_text(encoding="utf-8"))
        self.handlers.append((r"underpass/rpc", RelayHandler, {"methods": methods, "service": self.service}))

    async def stop_extension(self) -> None:
        await self.service.stop()
