"""A private network on this machine: a network namespace that ends with the process that opened it.

The names of its hosts resolve only inside, and their addresses are of the namespace's own loopback, so
dialling one from outside never leaves the machine and never arrives.
"""

from __future__ import annotations

import os
import random
import socket
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path

from .process import ServerProcess, only_child

HOSTS: Mapping[str, str] = {
    "db.internal": "127.80.0.10",
    "api.internal": "127.80.0.11",
    "bigquery.internal": "127.80.0.20",
    "clickhouse.internal": "127.80.0.21",
    "dremio.internal": "127.80.0.22",
    "feast.internal": "127.80.0.23",
    "mariadb.internal": "127.80.0.24",
    "mindsdb.internal": "127.80.0.25",
    "mlflow.internal": "127.80.0.26",
    "mongodb.internal": "127.80.0.27",
    "mongodb2.internal": "127.80.0.28",
    "mongodb3.internal": "127.80.0.29",
    # The same three, as the DNS names the members of set.mongodb.internal.
    "a.mongodb.internal": "127.80.0.27",
    "b.mongodb.internal": "127.80.0.28",
    "c.mongodb.internal": "127.80.0.29",
    "mysql.internal": "127.80.0.30",
    "postgresql.internal": "127.80.0.31",
    "redis.internal": "127.80.0.32",
    "redshift.internal": "127.80.0.33",
    "snowflake.internal": "127.80.0.34",
    "sqlserver.internal": "127.80.0.35",
    "trino.internal": "127.80.0.36",
}


class Namespace(ABC):
    """Private network, mounts and process ids, all gone once ``close`` was called or this process died.

    A first process holds the namespaces open and waits for the end of its standard input, which the kernel
    closes with us; as it is process 1 inside, everything started in the namespace ends with it.
    """

    #: Arguments of ``unshare`` and ``nsenter`` beyond the namespaces both kinds have.
    unshare_options: Sequence[str] = ()
    enter_options: Sequence[str] = ()

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        hosts = folder / "hosts"
        hosts.write_text("127.0.0.1 localhost\n" + "".join(f"{ip} {name}\n" for name, ip in HOSTS.items()))
        # Programs that look themselves up need a /proc of their own process ids, where one may be mounted.
        first = (
            'ip link set lo up; mount --bind "$0" /etc/hosts; mount -t proc proc /proc || true; echo ready;'
            " exec cat"
        )
        self._holder = subprocess.Popen(
            [
                *("unshare", *self.unshare_options, "--net", "--mount", "--pid", "--fork", "--kill-child"),
                *("sh", "-ec", first, str(hosts)),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PATH": f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"},
            start_new_session=True,
        )
        assert self._holder.stdout is not None
        if self._holder.stdout.readline() != b"ready\n":
            raise RuntimeError("This machine does not let the tests make a network namespace.")
        self._first = only_child(self._holder.pid)
        self._started: list[ServerProcess] = []

    def command(self, argv: Sequence[str]) -> list[str]:
        """``argv`` as it is run inside."""
        return ["nsenter", f"--target={self._first}", *self.enter_options, "--net", "--mount", "--pid", *argv]

    def start(
        self,
        argv: Sequence[str],
        log: Path,
        *,
        keep: Sequence[int] = (),
        environment: Mapping[str, str] | None = None,
    ) -> ServerProcess:
        """Start a server inside, see ``ServerProcess``."""
        process = ServerProcess(self.command(argv), log, keep=keep, environment=environment)
        self._started.append(process)
        return process

    @abstractmethod
    def publish(self, port: int, outside: int = 0) -> tuple[str, int]:
        """Host and port at which this machine reaches ``port`` of ``bastion_address``.

        Args:
            port: Where a server inside listens.
            outside: The port that it had when it was published before; 0 for any.
        """

    @abstractmethod
    def withdraw(self, port: int) -> None:
        """Have connections to a published ``port`` refused; the server itself has stopped."""

    @property
    @abstractmethod
    def bastion_address(self) -> str:
        """Address inside on which a server listens that is published."""

    def close(self) -> None:
        """End every process inside and the network with them."""
        assert self._holder.stdin is not None
        assert self._holder.stdout is not None
        self._holder.stdin.close()
        self._holder.wait()
        self._holder.stdout.close()
        for process in self._started:
            process.wait()


class RoutedNamespace(Namespace):
    """For root: a pair of virtual Ethernet devices leads in. The pair goes away with the namespace."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        network = _unused_network()
        outside, inside = (f"10.213.{network // 64}.{network % 64 * 4 + host}" for host in (1, 2))
        self._address = inside
        device = f"underpass{network}"
        _run(
            [
                "ip",
                "link",
                "add",
                device,
                "type",
                "veth",
                "peer",
                "name",
                "bastion",
                "netns",
                str(self._first),
            ]
        )
        _run(["ip", "address", "add", f"{outside}/30", "dev", device])
        _run(["ip", "link", "set", device, "up"])
        _run(self.command(["ip", "address", "add", f"{inside}/30", "dev", "bastion"]))
        _run(self.command(["ip", "link", "set", "bastion", "up"]))

    @property
    def bastion_address(self) -> str:
        return self._address

    def publish(self, port: int, outside: int = 0) -> tuple[str, int]:
        return self._address, port

    def withdraw(self, port: int) -> None:
        """Nobody listens there any more: the kernel refuses."""


class RelayedNamespace(Namespace):
    """For everybody: a user namespace. A relay inside accepts on sockets that were bound outside."""

    unshare_options = ("--user", "--map-current-user", "--keep-caps")
    enter_options = ("--user", "--preserve-credentials")

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._relays: dict[int, ServerProcess] = {}

    @property
    def bastion_address(self) -> str:
        return "127.0.0.1"

    def publish(self, port: int, outside: int = 0) -> tuple[str, int]:
        # A socket stays in the network it was made in, whoever inherits it.
        listener = socket.create_server(("127.0.0.1", outside), backlog=128)
        with listener:
            descriptor = listener.fileno()
            argv = [sys.executable, "-m", "tests.servers.relay", str(descriptor), f"127.0.0.1:{port}"]
            log = self.folder / f"relay-{port}.log"
            self._relays[port] = self.start(argv, log, keep=(descriptor,))
            return "127.0.0.1", listener.getsockname()[1]

    def withdraw(self, port: int) -> None:
        self._relays.pop(port).stop()


def open_namespace(folder: Path) -> Namespace:
    """The namespace that this user may open. Its files go to ``folder``."""
    return RoutedNamespace(folder) if os.geteuid() == 0 else RelayedNamespace(folder)


def _unused_network() -> int:
    """Number of a /30 below 10.213.0.0/16 that no device of this machine is in."""
    taken = subprocess.run(
        ["ip", "-oneline", "-4", "address"], check=True, capture_output=True, text=True
    ).stdout
    while True:
        network = random.randrange(1, 1 << 14)
        if f" 10.213.{network // 64}.{network % 64 * 4 + 1}/" not in taken:
            return network


def _run(argv: Sequence[str]) -> None:
    subprocess.run(argv, check=True, stdin=subprocess.DEVNULL)
