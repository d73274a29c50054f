"""The database systems that cells can query: one package each, named like the type of integration.

It is imported when first used, with its driver; its ``connector`` is the class.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module, invalidate_caches
from typing import TYPE_CHECKING

from underpass.failure import fail

if TYPE_CHECKING:
    from .base import Connector


def connector_types() -> list[str]:
    """Ids of the types of integration that have a connector, sorted."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if module.ispkg)


def find_connector(type_id: str) -> type[Connector]:
    """The connector for integrations of a type.

    Raises:
        UnderpassError: there is none, or its driver is not installed (the fix is the command that does it).
    """
    if type_id not in connector_types():
        raise fail(
            "not-a-database",
            "request",
            f'Integrations of the type "{type_id}" have no SQL cells.',
            f"Use one of these types: {', '.join(connector_types())}.",
        )
    # A driver may have been installed since the last look.
    invalidate_caches()
    try:
        return import_module(f"{__name__}.{type_id}").connector
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("underpass"):
            raise
        requirement = f"underpass[{type_id}]"
        raise fail(
            "driver-missing",
            "request",
            f'The driver for the type "{type_id}" is not installed in this kernel ("{error.name}").',
            f"Run this in a cell, then run this one again: %pip install '{requirement}'",
            missing=error.name,
            requirement=requirement,
        ) from error
