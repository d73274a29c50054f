"""Which variables a kernel has from us, before it starts and as far as one can know while it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

#: The value of a variable; None where there is none.
Value = str | None


def place(env: dict[str, str], variables: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Add variables to the environment that a kernel is launched with; what the user has set himself stays.

    Returns:
        What was added, and the names that the user has other values for.
    """
    taken = [name for name, value in variables.items() if env.get(name, value) != value]
    placed = {name: value for name, value in variables.items() if name not in env}
    env.update(placed)
    return placed, taken


def withdraw(env: dict[str, str], placed: Mapping[str, str]) -> None:
    """Undo :func:`place`, but for what somebody else has changed since."""
    for name, value in placed.items():
        if env.get(name) == value:
            del env[name]


@dataclass(frozen=True)
class Change:
    """What one variable is to become, and what it may be now unless the user has changed it."""

    new: Value
    ours: tuple[Value, ...]


class Belief:
    """What the process of a running kernel has from us.

    A change that was sent may be carried out much later, or never (a cell before it failed, and the kernel
    dropped what was queued behind). So a variable may have several values, and each change names them all:
    the kernel leaves alone what has none of them, as that is the user's.
    """

    def __init__(self, placed: Mapping[str, str]) -> None:
        """
        Args:
            placed: What the process was launched with.
        """
        self._may: dict[str, set[Value]] = {name: {value} for name, value in placed.items()}
        #: Changes without an answer, in the order in which the kernel will carry them out.
        self._underway: list[Mapping[str, Change]] = []

    def difference(self, wanted: Mapping[str, str]) -> dict[str, Change]:
        """Changes that lead to ``wanted``, when all that is underway was carried out."""
        changes: dict[str, Change] = {}
        for name in {**self._may, **wanted}:
            new = wanted.get(name)
            if self._heading(name) != {new}:
                changes[name] = Change(new, tuple(sorted(self._values(name), key=str)))
        return changes

    def sent(self, changes: Mapping[str, Change]) -> None:
        """The kernel will carry this out, or say that it did not."""
        self._underway.append(changes)
        for name, change in changes.items():
            self._may[name] = self._values(name) | {change.new}

    def done(self, changes: Mapping[str, Change]) -> None:
        """The kernel did it."""
        self._underway.remove(changes)
        for name, change in changes.items():
            later = {more[name].new for more in self._underway if name in more}
            self._may[name] = {change.new} | later
            if self._may[name] == {None}:
                del self._may[name]

    def dropped(self, changes: Mapping[str, Change]) -> None:
        """The kernel did not do it."""
        self._underway.remove(changes)

    def _values(self, name: str) -> set[Value]:
        return self._may.get(name, {None})

    def _heading(self, name: str) -> set[Value]:
        """What it will be; several values if that is not known."""
        later = [more[name].new for more in self._underway if name in more]
        return {later[-1]} if later else self._values(name)
