"""MindsDB, over MySQL's protocol."""

from .connector import MindsDB

__all__ = ["MindsDB"]

connector = MindsDB
