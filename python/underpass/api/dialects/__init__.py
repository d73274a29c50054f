"""SQLAlchemy's dialects of the systems, over this package's own connections: ``postgresql+underpass``.

What differs from SQLAlchemy's drivers is how a connection is made and how values come back.
"""

from __future__ import annotations

#: Type of integration → name of its dialect, and the package it needs beyond SQLAlchemy.
DIALECTS: dict[str, tuple[str, str | None]] = {
    "postgresql": ("postgresql", None),
    "redshift": ("redshift", None),
    "mysql": ("mysql", None),
    "mariadb": ("mariadb", None),
    "sqlserver": ("mssql", None),
    "trino": ("trino", "trino[sqlalchemy]"),
}
