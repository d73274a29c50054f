"""Open a connection to an integration's server."""

from __future__ import annotations

from .connectors import find_connector
from .connectors.base import Connector
from .failure import UnderpassError
from .integration import Integration
from .interrupt import run_interruptibly
from .ready import Ready


def open_connector(integration: Integration, ready: Ready) -> Connector:
    """Dial and log in, after a look at whose listener it is; Stop ends the waiting.

    Raises:
        UnderpassError: what is wrong, behind the tunnel, too.
        Abandoned: stopped.
    """
    ready.require_own_listener()
    try:
        return run_interruptibly(lambda: find_connector(ready.type).open(ready))
    except UnderpassError as error:
        # The driver only sees the forward's local end; the service can say what is wrong behind it.
        if error.failure["stage"] == "forward" and (diagnosis := integration.diagnose()):
            raise diagnosis from None
        raise
