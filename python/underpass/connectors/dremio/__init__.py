"""Dremio, through ADBC's driver for Flight SQL."""

from .connector import Dremio

__all__ = ["Dremio"]

connector = Dremio
