"""MySQL as people have it: behind a bastion."""

from __future__ import annotations

from .mysql_family import MySQLFamilyTests

SYSTEM = "mysql"


class TestMySQL(MySQLFamilyTests):
    """What it has in common with MariaDB, and what it has not."""
