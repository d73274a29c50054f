"""ClickHouse, through its HTTP interface."""

from .connector import ClickHouse

__all__ = ["ClickHouse"]

connector = ClickHouse
