"""What every database of the private network can do for the tests."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal, final, get_args

from tests.servers.certificates import Authority, Flaw
from tests.servers.namespace import HOSTS, Namespace
from tests.servers.tap import Tap

#: How a server stands to TLS: it may be used, can not be used, must be used; its certificate is flawed; a
#: proxy in between hides that the server has it.
Situation = Literal["offered", "refused", "demanded", "wrong-ca", "wrong-name", "expired", "stripped"]
SITUATIONS: tuple[Situation, ...] = get_args(Situation)
FLAWS: tuple[Flaw, ...] = get_args(Flaw)

#: A tap listens at the server's port plus this.
TAPPED = 20_000


@dataclass(frozen=True)
class Login:
    """Fields and secrets of an integration, TLS mode and SSH apart."""

    fields: Mapping[str, Any]
    secrets: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Site:
    """Where a server is put: ``folder`` is empty and its own, ``authority`` that of the whole network."""

    namespace: Namespace
    folder: Path
    authority: Authority


class Database(ABC):
    """A system in one or more situations, each at a port of its own; a context manager.

    A subclass starts its servers in ``__init__`` (listening on ``address``), waits until they answer, and
    says with ``offer`` where each situation is.
    """

    #: Id of the type of integration.
    system: ClassVar[str]
    #: Situations that this system can not be in, and why.
    impossible: ClassVar[Mapping[Situation, str]] = {}
    #: Why Stop ends the cell alone and not the statement on the server, where that is so.
    unstoppable: ClassVar[str | None] = None

    def __init__(self, site: Site) -> None:
        self.site = site
        self.host = f"{self.system}.internal"
        self.address = HOSTS[self.host]
        self._ports: dict[Situation, tuple[int, str | None]] = {}
        self._taps: dict[Situation, Tap] = {}

    @final
    def offer(self, situation: Situation, port: int, *, stripper: str | None = None) -> None:
        """Say that ``port`` is in a situation; with ``stripper`` (see ``stripping``) only its tap is."""
        self._ports[situation] = port, stripper

    @property
    @final
    def situations(self) -> tuple[Situation, ...]:
        """Those that are offered, stripping taps apart."""
        return tuple(name for name, (_, stripper) in self._ports.items() if stripper is None)

    @final
    def port(self, situation: Situation) -> int:
        """Port of ``host`` without a tap: nothing in between, nothing recorded."""
        return self._ports[situation][0]

    @final
    def tap(self, situation: Situation) -> Tap:
        """The tap of a situation, which listens at ``tapped_port``; started when first asked for."""
        if situation not in self._taps:
            port, stripper = self._ports[situation]
            self._taps[situation] = Tap(
                self.site.namespace,
                f"{self.address}:{self.tapped_port(situation)}",
                f"{self.address}:{port}",
                self.site.folder / f"tap-{situation}",
                stripper,
            )
        return self._taps[situation]

    @final
    def tapped_port(self, situation: Situation) -> int:
        """Port of ``host`` at which ``tap(situation)`` listens."""
        port, stripper = self._ports[situation]
        return port + TAPPED * (2 if stripper else 1)

    @abstractmethod
    def login(self, port: int) -> Login:
        """What a person writes into the form to use the server at ``port`` of ``host``, TLS and SSH apart.

        The user's name and password are long enough to be found on a wire.
        """

    @abstractmethod
    def marked(self, marker: str) -> str:
        """Text of a cell: one statement with ``marker`` in it, without effect; its one row has it, too."""

    @abstractmethod
    def slow(self, marker: str) -> str:
        """Text of a cell: one statement with ``marker`` in it that takes a minute."""

    @abstractmethod
    def running(self, marker: str) -> bool:
        """Whether a statement with ``marker`` runs, as the server itself says, asked past the network."""

    @abstractmethod
    def stop(self) -> None:
        """Stop the servers; the files are removed by others."""

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *exception: object) -> None:
        for tap in self._taps.values():
            tap.stop()
        self.stop()
