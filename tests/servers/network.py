"""The private network: which servers it has and how they are started together."""

from __future__ import annotations

import functools
from collections.abc import Collection
from contextlib import ExitStack
from pathlib import Path
from typing import TypedDict, final

from .certificates import Authority
from .databases import SYSTEMS, Database, Site, find_database
from .httpapi import HTTPAPI, HTTPAPIDescription
from .machine_learning import MachineLearning, ServiceDescription
from .namespace import open_namespace
from .postgresql import PostgreSQL, PostgreSQLDescription
from .redis import Redis, RedisDescription
from .sshd import Bastion, BastionDescription

#: Started unless others are named. They take a second.
SERVERS = ("bastion", "postgresql", "httpapi")
#: Started when they are named or first asked for; "postgresql" of the databases has no name here.
ON_DEMAND = ("redis", "mlflow", "feast", *(system for system in SYSTEMS if system not in SERVERS))


class NetworkDescription(TypedDict, total=False):
    """What clients need to know about each server that runs."""

    bastion: BastionDescription
    postgresql: PostgreSQLDescription
    httpapi: HTTPAPIDescription
    redis: RedisDescription
    mlflow: ServiceDescription
    feast: ServiceDescription
    databases: dict[str, DatabaseDescription]


class DatabaseDescription(TypedDict):
    """A system's servers: a port of ``host`` for each situation, and what logs in to the first of them."""

    host: str
    ports: dict[str, int]
    fields: dict[str, object]
    secrets: dict[str, str]


@final
class PrivateNetwork:
    """A private network with its servers; a context manager. Any number of them run side by side."""

    def __init__(self, state: Path, names: Collection[str] = SERVERS) -> None:
        """Start the servers ``names``, with their files in the empty folder ``state``."""
        self._state = state
        self._databases: dict[str, Database] = {}
        with ExitStack() as stack:
            namespace = self.namespace = open_namespace(state)
            stack.callback(namespace.close)
            self._bastion = Bastion(namespace, state / "bastion") if "bastion" in names else None
            self._httpapi = HTTPAPI(namespace, state / "httpapi") if "httpapi" in names else None
            self._postgresql = None
            if "postgresql" in names:
                self._postgresql = stack.enter_context(PostgreSQL(namespace, state / "postgresql"))
            self._running = stack.pop_all()
        try:
            self._start(names)
        except BaseException:
            self._running.close()
            raise

    def _start(self, names: Collection[str]) -> None:
        if "redis" in names:
            _ = self.redis
        if {"mlflow", "feast"} & set(names):
            _ = self.machine_learning
        for system in SYSTEMS:
            if system in names and system in ON_DEMAND:
                self.database(system)

    def __enter__(self) -> PrivateNetwork:
        return self

    def __exit__(self, *exception: object) -> None:
        """Stop every server and remove the network."""
        self._running.close()

    @property
    def bastion(self) -> Bastion:
        assert self._bastion is not None
        return self._bastion

    @property
    def postgresql(self) -> PostgreSQL:
        assert self._postgresql is not None
        return self._postgresql

    @property
    def httpapi(self) -> HTTPAPI:
        assert self._httpapi is not None
        return self._httpapi

    @functools.cached_property
    def authority(self) -> Authority:
        """Certifies the databases."""
        return Authority(self._state / "authority")

    @functools.cached_property
    def redis(self) -> Redis:
        """Started when first asked for."""
        return self._running.enter_context(Redis(self.namespace, self._state / "redis", self.authority))

    @functools.cached_property
    def machine_learning(self) -> MachineLearning:
        """MLflow and Feast, started when first asked for."""
        return self._running.enter_context(MachineLearning(self.namespace, self._state / "ml"))

    def database(self, system: str) -> Database:
        """The servers of a type of integration, started when they are first asked for."""
        if system not in self._databases:
            folder = self._state / "databases" / system
            folder.mkdir(parents=True)
            site = Site(self.namespace, folder, self.authority)
            self._databases[system] = self._running.enter_context(find_database(system)(site))
        return self._databases[system]

    def stop_database(self, system: str) -> None:
        """Stop a system's servers for good: they are large."""
        self._databases.pop(system).__exit__()

    @property
    def description(self) -> NetworkDescription:
        description: NetworkDescription = {}
        if self._bastion is not None:
            description["bastion"] = self._bastion.description
        if self._postgresql is not None:
            description["postgresql"] = self._postgresql.description
        if self._httpapi is not None:
            description["httpapi"] = self._httpapi.description
        started = vars(self)
        if "redis" in started:
            description["redis"] = self.redis.description
        if "machine_learning" in started:
            description["mlflow"] = self.machine_learning.mlflow
            description["feast"] = self.machine_learning.feast
        if self._databases:
            description["databases"] = {
                system: _describe(database) for system, database in self._databases.items()
            }
        return description


def _describe(database: Database) -> DatabaseDescription:
    ports = {situation: database.port(situation) for situation in database.situations}
    login = database.login(next(iter(ports.values())))
    return {
        "host": database.host,
        "ports": dict(ports),
        "fields": dict(login.fields),
        "secrets": dict(login.secrets),
    }
