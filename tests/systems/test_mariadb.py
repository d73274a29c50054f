"""MariaDB as people have it: behind a bastion."""

from __future__ import annotations

from .mysql_family import MySQLFamilyTests

SYSTEM = "mariadb"


class TestMariaDB(MySQLFamilyTests):
    """What it has in common with MySQL, and what it has not."""
