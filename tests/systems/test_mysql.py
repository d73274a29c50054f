"""MySQL as people have it: behind a bastion."""

from __future__ import annotations

from datetime import datetime

from underpass.connectors.base import Connector

from .mysql_family import MySQLFamilyTests, value
from .mysql_family_traps import MySQLFamilyTraps

SYSTEM = "mysql"


class TestMySQL(MySQLFamilyTests, MySQLFamilyTraps):
    """What it has in common with MariaDB, and what it has not."""

    def test_a_time_zone_of_one_statement_gives_times_without_one(self, connector: Connector) -> None:
        connector.run("CREATE TEMPORARY TABLE seen (t TIMESTAMP)", [])
        connector.run("INSERT INTO seen VALUES ('2024-01-02 03:04:05')", [])
        hint = "/*+ SET_VAR(time_zone = '+05:00') */"
        assert value(connector, f"SELECT {hint} t FROM seen") == datetime(2024, 1, 2, 8, 4, 5)
        assert value(connector, "SELECT t FROM seen").tzinfo is not None
