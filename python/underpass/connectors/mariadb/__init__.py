"""MariaDB, over MySQL's protocol."""

from .connector import MariaDB

__all__ = ["MariaDB"]

connector = MariaDB
