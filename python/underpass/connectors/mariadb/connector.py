"""MariaDB: what differs from MySQL."""

from __future__ import annotations

from underpass.connectors.mysql.connector import MySQL


class MariaDB(MySQL):
    """One session; statements commit by themselves outside of a transaction."""

    label = "MariaDB"
