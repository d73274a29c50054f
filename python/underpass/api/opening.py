"""``underpass.connect``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from underpass.client import ServiceClient, consumer_name, project_folder
from underpass.integration import Integration
from underpass.opening import open_connector

from .connection import Connection
from .exceptions import as_errors
from .transactions import autocommit_of


def connect(integration: str, /, *, autocommit: bool | None = None) -> Connection:
    """Open a connection of your own to an integration: ``underpass.connect("Prod")``.

    It goes through the integration's tunnel, with its TLS mode, login and marks, as cells do. Its session is
    not the one that cells use. The tunnel is held open until ``close()``. Use it as a context manager.

    Args:
        integration: Name (or id, or former name) of an integration that is connected to this project: the
            folder that ``UNDERPASS_PROJECT`` says, else the current one.
        autocommit: True: each statement is committed by itself. False: a transaction begins with the first
            statement and ends with ``commit()`` or ``rollback()``. None: False for PostgreSQL, Redshift,
            Snowflake, MySQL, MariaDB and SQL Server, True for the others.
    Raises:
        OperationalError: tunnel, TLS or login did not work; ``error.failure`` says the stage and what to do.
        ProgrammingError: there is no such integration, or it is not connected to this project.
        InterfaceError: the driver is not installed; says how to do that.
        NotSupportedError: ``autocommit=False`` where the system has no transactions.
    """
    client = ServiceClient(_consumer())
    try:
        with as_errors():
            found = Integration(client, integration, project_folder())
            ready = found.ensure()
            wanted = autocommit_of(ready, autocommit)
            return Connection(found, ready, open_connector(found, ready), autocommit=wanted)
    except BaseException:
        client.close()
        raise


def _consumer() -> str:
    """Who uses the tunnel, for people: the notebook, else the script."""
    script = Path(sys.argv[0]).name if sys.argv else ""
    if "JPY_SESSION_NAME" in os.environ or not script or script.startswith("-"):
        return consumer_name()
    return f"{script} ({os.getpid()})"
