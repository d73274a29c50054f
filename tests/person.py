"""Somebody who works with integrations from Python: this process, as a client of the workspace's service."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, final

from tests.servers import PrivateNetwork
from tests.servers.databases import Database, Situation
from underpass.arguments import Arguments
from underpass.cell import CellResult, run_cell
from underpass.client import ServiceClient
from underpass.connectors.base import Connector
from underpass.integration import Integration
from underpass.pool import Pool
from underpass.ready import Ready


@final
class Person:
    """A client of the service that this process's environment says; a context manager.

    ``UNDERPASS_HOME`` and ``UNDERPASS_RUNTIME_DIR`` must stay as they are while it is used.
    """

    def __init__(self, project: Path) -> None:
        self._folder = str(project)
        self._client = ServiceClient("a test")
        self._pool = Pool()

    def __enter__(self) -> Person:
        return self

    def __exit__(self, *exception: object) -> None:
        self._pool.close()
        self._client.close()

    def request(self, method: str, **params: Any) -> Any:
        """Send a request to the service."""
        return self._client.request(f"underpass/{method}", params)

    def add(
        self,
        type_id: str,
        name: str,
        fields: Mapping[str, Any],
        secrets: Mapping[str, str] | None = None,
        *,
        read_only: bool = False,
    ) -> Any:
        """Add an integration and connect it to the project."""
        return self.request(
            "integrations/add",
            folder=self._folder,
            type=type_id,
            name=name,
            fields=dict(fields),
            secrets=dict(secrets or {}),
            marks={"readOnly": read_only},
        )

    def names(self) -> list[str]:
        """Of all integrations."""
        return [
            each["name"] for each in self.request("integrations/list", folder=self._folder)["integrations"]
        ]

    def remove(self, name: str) -> None:
        """Remove an integration."""
        self.request("integrations/remove", integration=name)

    def integration(self, name: str) -> Integration:
        """As a cell names it."""
        return Integration(self._client, name, self._folder)

    def ensure(self, name: str) -> Ready:
        """What a connector needs to dial it now."""
        return self.integration(name).ensure()

    def cell(self, name: str, text: str, arguments: Arguments | None = None, **variables: Any) -> CellResult:
        """Run a cell on an integration, with Python variables for its ``{{ }}``."""
        return run_cell(
            text,
            self.integration(name),
            self._pool,
            lambda source: eval(source, dict(variables)),
            arguments or Arguments(name),
        )

    def pooled(self, name: str) -> Connector:
        """The connection that cells of an integration run on."""
        integration = self.integration(name)
        with self._pool.connection(integration, integration.ensure()) as pooled:
            return pooled.connector


def fields_of(
    database: Database,
    network: PrivateNetwork,
    situation: Situation,
    *,
    mode: str,
    tunnelled: bool = True,
    tapped: bool = False,
) -> tuple[dict[str, Any], dict[str, str]]:
    """Fields and secrets of an integration for a database in a situation, with the network's authority.

    Args:
        database: Runs in ``network``.
        network: Its bastion must know the workspace's key where ``tunnelled``.
        situation: One of those that ``database`` can be in.
        mode: A TLS mode.
        tunnelled: Through the bastion.
        tapped: Through the tap that records the wire.
    """
    if tapped or situation == "stripped":
        database.tap(situation)
        port = database.tapped_port(situation)
    else:
        port = database.port(situation)
    login = database.login(port)
    authority = network.authority.certificate.read_text()
    tls = {"sslMode": mode, "caCertificate": authority}
    return {**login.fields, **tls, **(behind(network) if tunnelled else {})}, dict(login.secrets)


def behind(network: PrivateNetwork) -> dict[str, Any]:
    """The fields that lead through the network's bastion."""
    bastion = network.bastion.description
    return {
        "sshEnabled": True,
        "sshHost": bastion["host"],
        "sshPort": bastion["port"],
        "sshUser": bastion["user"],
    }
