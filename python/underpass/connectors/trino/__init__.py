"""Trino, whose statement protocol is spoken here: decisions/0020."""

from .connector import Trino

__all__ = ["Trino"]

connector = Trino
