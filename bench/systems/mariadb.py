"""MariaDB."""

from bench.mysql_family import AIM, PEERS, TABLE, prepare

__all__ = ["AIM", "PEERS", "TABLE", "prepare"]
