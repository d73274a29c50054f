"""Secure database connections for notebooks.

Importing this package imports nothing else: it is part of every kernel's start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .api import connect, engine, environ, sql
    from .failure import UnderpassError
    from .listing import Catalog

__version__ = "0.1.0"
__all__ = [
    "UnderpassError",
    "__version__",
    "catalog",
    "connect",
    "engine",
    "environ",
    "load_ipython_extension",
    "sql",
]


def catalog(name: str) -> Catalog:
    """What a database has: ``underpass.catalog("My DB").tables("public")``.

    Args:
        name: Of an integration that is connected to this project.
    Raises:
        UnderpassError: when its methods are called, as a cell would.
    """
    from .magic import open_catalog

    return open_catalog(name)


def load_ipython_extension(shell: Any) -> None:
    """Register ``%%sql`` and ``%%underpass``; what ``%load_ext underpass`` calls."""
    from .magic import register

    register(shell)


def __getattr__(name: str) -> Any:
    if name in ("connect", "engine", "environ", "sql"):
        from . import api

        return getattr(api, name)
    if name == "UnderpassError":
        from .failure import UnderpassError

        return UnderpassError
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
