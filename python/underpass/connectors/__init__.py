"""The database systems that SQL cells can query: one module each, imported when first used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from underpass.failure import fail

if TYPE_CHECKING:
    from .base import Connector

#: Type id of an integration → module and class.
_CONNECTORS = {"postgresql": ("postgresql", "PostgreSQL")}


def find_connector(type_id: str) -> type[Connector]:
    """The connector for integrations of a type.

    Raises:
        UnderpassError: there is none, or its driver is not installed (the fix is the command that does it).
    """
    if type_id not in _CONNECTORS:
        raise fail(
            "not-a-database",
            "request",
            f'Integrations of the type "{type_id}" have no SQL cells.',
            f"Use one of these types: {', '.join(sorted(_CONNECTORS))}.",
        )
    module, name = _CONNECTORS[type_id]
    try:
        return getattr(import_module(f"{__name__}.{module}"), name)
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("underpass"):
            raise
        raise fail(
            "driver-missing",
            "request",
            f'The driver for {name} is not installed in this kernel ("{error.name}").',
            f"Run this in a cell, then run this one again: %pip install 'underpass[{type_id}]'",
            missing=error.name,
        ) from error
