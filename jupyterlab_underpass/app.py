"""The extension of the Jupyter server: handlers, hints on the event bus, and variables in kernels."""

from __future__ import annotations

import json
import pathlib
from typing import Any, cast

from jupyter_events import EventLogger
from jupyter_server.extension.application import ExtensionApp
from traitlets import List, Unicode

from .administration import Administration
from .events import Hints
from .kernels import KernelEnvironment, KernelsHandler, Whereabouts
from .relay import RelayHandler
from .service import Service

#: Written with the service's bundle: what a browser may call, and the right that it needs.
METHODS = pathlib.Path(__file__).parent / "methods.json"


class UnderpassExtension(ExtensionApp, Administration):
    """Connects browsers and new kernels with the tunnel service. Knows nothing about what it relays."""

    name = "jupyterlab_underpass"
    service: Service
    whereabouts: Whereabouts
    kernels: KernelEnvironment

    local_provisioners = List(
        Unicode(),
        config=True,
        help="""Names of kernel provisioners that start kernels on this machine, as the user of this server,
        and are not derived from LocalProvisioner. Kernels of all others are taken to run on other machines,
        where the tunnels of this one are not.""",
    )

    def initialize_settings(self) -> None:
        server = self.serverapp
        assert server is not None
        hints = Hints(cast("EventLogger", server.event_logger))

        def notified(method: str, params: dict[str, Any]) -> None:
            hints.forward(method, params)
            self.kernels.current.hinted(method, params)

        def lost() -> None:
            hints.everything()
            self.kernels.current.ask_soon()
            if self.service.admin:
                # What the administrator decided holds as long as this server is connected.
                self.service.connect_soon()

        self.service = Service(f"JupyterLab in {server.root_dir}", notified, lost, self.log)
        linked = server.extension_manager.linked_extensions.get(self.name, False)
        self.service.admin = self.decisions(readable=linked, log=self.log)
        self.service.on_connected = lambda: self.kernels.current.ask_soon()
        self.whereabouts = Whereabouts(server.kernel_manager, self.local_provisioners, self.log)
        self.kernels = KernelEnvironment(self.service, self.whereabouts, self.log)
        self.kernels.install(server.kernel_manager)

    def initialize_handlers(self) -> None:
        methods = json.loads(METHODS.read_text(encoding="utf-8"))
        self.handlers.append((r"underpass/rpc", RelayHandler, {"methods": methods, "service": self.service}))
        self.handlers.append((r"underpass/kernels", KernelsHandler, {"whereabouts": self.whereabouts}))

    async def stop_extension(self) -> None:
        await self.kernels.stop()
        await self.service.stop()
