"""MariaDB as people have it: behind a bastion."""

from __future__ import annotations

from datetime import datetime

from underpass.connectors.base import Connector

from .mysql_family import MySQLFamilyTests, failure_of, value
from .mysql_family_traps import MySQLFamilyTraps

SYSTEM = "mariadb"


class TestMariaDB(MySQLFamilyTests, MySQLFamilyTraps):
    """What it has in common with MySQL, and what it has not."""

    def test_a_time_zone_of_one_statement_gives_times_without_one(self, connector: Connector) -> None:
        connector.run("CREATE TEMPORARY TABLE seen (t TIMESTAMP)", [])
        connector.run("INSERT INTO seen VALUES ('2024-01-02 03:04:05')", [])
        statement = "SET STATEMENT time_zone = '+05:00' FOR SELECT t FROM seen"
        assert value(connector, statement) == datetime(2024, 1, 2, 8, 4, 5)
        assert value(connector, "SELECT t FROM seen").tzinfo is not None

    def test_a_statement_that_takes_longer_than_allowed_is_told_from_a_stopped_one(
        self, connector: Connector
    ) -> None:
        failure = failure_of(
            lambda: connector.run("SET STATEMENT max_statement_time = 0.1 FOR SELECT SLEEP(20)", [])
        )
        assert (failure["code"], failure["stage"]) == ("query-timed-out", "query")
