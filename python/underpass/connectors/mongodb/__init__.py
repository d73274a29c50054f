"""MongoDB, through PyMongo."""

from .connector import MongoDB

__all__ = ["MongoDB"]

connector = MongoDB
