"""PostgreSQL, through ADBC."""

from .connector import PostgreSQL

__all__ = ["PostgreSQL"]

connector = PostgreSQL
