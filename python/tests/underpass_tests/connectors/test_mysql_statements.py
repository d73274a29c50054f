"""How a cell for MySQL becomes statements."""

from __future__ import annotations

import pytest

from underpass.connectors.mindsdb import MindsDB
from underpass.connectors.mysql import MySQL

TRIGGER = "/*!50003 CREATE TRIGGER a BEFORE INSERT ON b FOR EACH ROW BEGIN SET @c = 1; SET @d = 2; END */"
PARTITIONED = "CREATE TABLE t (a INT) /*!50100 PARTITION BY KEY (a) */"


@pytest.mark.parametrize(
    ("cell", "statements"),
    [
        ("/*!40101 SET a = 1 */", ["/*!40101 SET a = 1 */"]),
        ("/*!40101 SET a = 1 */;\nSELECT 2;", ["/*!40101 SET a = 1 */", "SELECT 2"]),
        (f"{PARTITIONED}; SELECT 2", [PARTITIONED, "SELECT 2"]),
        (f"{TRIGGER}; SELECT 2", [TRIGGER, "SELECT 2"]),
        ("SELECT 1 /*M! + 1 */; SELECT 2 # /*! not this */", ["SELECT 1 /*M! + 1 */", "SELECT 2"]),
        (
            "SELECT 1; -- /*! nor this */\nSELECT 2 /* nor /*! this */",
            ["SELECT 1", "-- /*! nor this */\nSELECT 2"],
        ),
        (
            "SELECT '/*! text */;'; SELECT {{ x }} /*! + 1 */",
            ["SELECT '/*! text */;'", "SELECT ? /*! + 1 */"],
        ),
    ],
)
def test_comments_that_the_server_executes_belong_to_statements(cell: str, statements: list[str]) -> None:
    found = [statement.sql for statement in MySQL.statements(cell, lambda _: 1)]
    assert found == statements


def test_mindsdb_takes_them_for_comments() -> None:
    found = [statement.sql for statement in MindsDB.statements("/*! a */; SELECT 1 /*! b */; ", lambda _: 1)]
    assert found == ["SELECT 1"]
