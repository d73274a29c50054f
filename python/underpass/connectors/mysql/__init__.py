"""MySQL, over its own protocol; MariaDB and MindsDB speak it, too."""

from .connector import MySQL

__all__ = ["MySQL"]

connector = MySQL
