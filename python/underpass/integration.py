"""An integration as a cell names it, and the service behind it."""

from __future__ import annotations

from dataclasses import dataclass

from .client import Progress, ServiceClient
from .core_files import forbid_core_files
from .failure import UnderpassError
from .listener import require_own_listener
from .ready import Endpoint, Ready


@dataclass(frozen=True)
class Integration:
    """``name`` may be an id, a name or a former name; the project that counts is the one of ``folder``."""

    client: ServiceClient
    name: str
    folder: str
    progress: Progress | None = None

    def ensure(self) -> Ready:
        """Wait until it can be dialled.

        Raises:
            UnderpassError: it can not; says at which stage.
        """
        # Before the password is here.
        forbid_core_files()
        params = {"folder": self.folder, "integration": self.name, "consumer": self.client.name}
        return Ready.parse(self.client.request("underpass/ensure", params, self.progress), self.peer)

    def peer(self, host: str, port: int) -> Endpoint:
        """A forward to a further server that the integration's own one names, over the same session.

        Raises:
            UnderpassError: there can be none; nothing else leads there.
        """
        params = {"integration": self.name, "host": host, "port": port, "consumer": self.client.name}
        endpoint = self.client.request("underpass/ensurePeer", params)["endpoint"]
        require_own_listener(endpoint["host"], endpoint["port"])
        return Endpoint(endpoint["host"], endpoint["port"])

    def diagnose(self) -> UnderpassError | None:
        """Why the way to the server does not work, tried on a connection of its own; None if it does."""
        params = {"integration": self.name, "until": "forward"}
        report = self.client.request("underpass/integrations/test", params, self.progress)
        failed = [stage["failure"] for stage in report["stages"] if not stage["ok"]]
        return UnderpassError(failed[-1]) if failed else None
