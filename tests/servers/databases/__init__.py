"""The databases that the private network can have: one module each, named like the type of integration.

Each says in its first lines which server it is, or how close to it what stands in its place.
"""

from __future__ import annotations

from importlib import import_module

from .base import SITUATIONS, Database, Login, Site, Situation

__all__ = ["SITUATIONS", "SYSTEMS", "Database", "Login", "Site", "Situation", "find_database"]

#: In the order of the documentation.
SYSTEMS = (
    "postgresql",
    "sqlserver",
    "redshift",
    "mongodb",
    "mysql",
    "mariadb",
    "mindsdb",
    "dremio",
    "clickhouse",
    "trino",
)


def find_database(system: str) -> type[Database]:
    """The class that starts a system's servers: its module's ``database``."""
    return import_module(f"{__package__}.{system}").database
