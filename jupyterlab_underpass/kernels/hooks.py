"""Methods of single objects, wrapped; and given back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_ABSENT = object()


class Hook:
    """A method of one object that was replaced, whatever the class of the object is."""

    def __init__(self, owner: Any, name: str, wrap: Callable[[Any], Any]) -> None:
        """
        Args:
            wrap: Makes the new method of the former one. Others may go on calling it after :meth:`remove`.
        """
        self._owner = owner
        self._name = name
        self._former = vars(owner).get(name, _ABSENT)
        self._ours = wrap(getattr(owner, name))
        # A plain attribute of the instance hides the method of the class; traits do not mind.
        object.__setattr__(owner, name, self._ours)

    def remove(self) -> None:
        """Give the former method back, unless somebody has wrapped ours since."""
        if vars(self._owner).get(self._name) is not self._ours:
            return
        if self._former is _ABSENT:
            object.__delattr__(self._owner, self._name)
        else:
            object.__setattr__(self._owner, self._name, self._former)
