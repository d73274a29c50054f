"""Where the servers of MySQL's family lay traps for values and sessions; both test modules inherit this."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from tests.person import Person
from underpass.connectors.base import Connector, Rows

from .conftest import Connect
from .mysql_family import failure_of, rows, value

SYSTEMS = {"MySQL": "mysql", "MariaDB": "mariadb"}


class MySQLFamilyTraps:
    """Tests of both."""

    def test_a_float_says_when_the_server_rounded_it(self, connector: Connector) -> None:
        whole = "SELECT CAST(16777217 AS FLOAT) AS f"
        answer = connector.run(whole, [])
        assert isinstance(answer, Rows)
        assert answer.take().to_pylist() == [{"f": 16777200.0}]
        assert answer.remarks == [
            'Column "f" is rounded to six digits by the server; CAST(… AS DOUBLE) gives all.'
        ]
        for sql, params, expected in (
            (f"{whole} FROM DUAL WHERE 1 = ?", [1], 16777216.0),
            ("SELECT CAST(CAST(16777217 AS FLOAT) AS DOUBLE) AS f", [], 16777216.0),
            ("SELECT CAST(-0.0000125 AS FLOAT) AS f", [], pytest.approx(-0.0000125)),
        ):
            answer = connector.run(sql, params)
            assert isinstance(answer, Rows)
            assert (answer.take().to_pylist(), answer.remarks) == ([{"f": expected}], [])

    @pytest.mark.parametrize(
        "digits",
        ["9" * 38, "9" * 39, "1" * 46, "9" * 65, "-18446744073709551616." + "1" * 30, "-" + "5" * 60],
    )
    def test_decimals_of_many_digits_are_never_other_numbers(self, connector: Connector, digits: str) -> None:
        for sql, params in (
            (f"SELECT {digits} AS n", []),
            (f"SELECT {digits} AS n FROM DUAL WHERE 1 = ?", [1]),
            (f"SELECT SUM(n) AS n FROM (SELECT {digits} AS n) AS t", []),
            (f"SELECT {connector.dialect.placeholder(1, Decimal(digits))} AS n", [Decimal(digits)]),
        ):
            assert Decimal(value(connector, sql, *params)) == Decimal(digits), sql

    @pytest.mark.parametrize("number", [2**64, -(2**63) - 1, -(2**64), 10**37])
    def test_large_whole_numbers_stay_numbers(self, connector: Connector, number: int) -> None:
        assert value(connector, f"SELECT {connector.dialect.placeholder(1, number)} AS n", number) == number

    @pytest.mark.parametrize("param", [timedelta(days=40), -timedelta(days=40), 10**65, Decimal("-1e65")])
    def test_what_the_server_would_cut_off_is_refused(self, connector: Connector, param: Any) -> None:
        place = connector.dialect.placeholder(1, param)
        failure = failure_of(lambda: connector.run(f"SELECT {place}", [param]))
        assert failure["code"] == "invalid-request"

    @pytest.mark.parametrize(
        "number", [5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 0.1 + 0.2, -1 / 3, 2.0**53 + 2]
    )
    def test_doubles_are_exact(self, connector: Connector, number: float) -> None:
        assert value(connector, "SELECT ?", number) == number
        assert value(connector, f"SELECT CAST('{number!r}' AS DOUBLE)") == number

    def test_a_routine_that_changes_the_time_zone_changes_no_moment(self, connect: Connect) -> None:
        connector = connect()
        connector.run("CREATE TEMPORARY TABLE moments (t TIMESTAMP)", [])
        connector.run("INSERT INTO moments VALUES ('2024-01-02 03:04:05')", [])
        connector.run("DROP PROCEDURE IF EXISTS elsewhere", [])
        connector.run("CREATE PROCEDURE elsewhere() SET time_zone = '+05:00'", [])
        try:
            connector.run("CALL elsewhere()", [])
            moment = datetime(2024, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
            assert value(connector, "SELECT t FROM moments") == moment
            place = connector.dialect.placeholder(1, moment)
            assert value(connector, f"SELECT t = {place} FROM moments", moment) == 1
        finally:
            connector.run("DROP PROCEDURE elsewhere", [])

    def test_a_transaction_that_a_failed_procedure_began_is_one(self, connect: Connect) -> None:
        connector = connect()
        connector.run("DROP PROCEDURE IF EXISTS half", [])
        connector.run("CREATE PROCEDURE half() BEGIN START TRANSACTION; SELECT * FROM nowhere; END", [])
        try:
            failure_of(lambda: connector.run("CALL half()", []))
            assert connector.in_transaction
        finally:
            connector.run("ROLLBACK", [])
            connector.run("DROP PROCEDURE half", [])

    def test_a_value_that_stands_twice_is_explained_where_groups_need_it_once(self, connect: Connect) -> None:
        connector = connect(options={"sql_mode": "ONLY_FULL_GROUP_BY"})
        connector.run("CREATE TEMPORARY TABLE days (d DATE)", [])
        sql = "SELECT DATE_FORMAT(d, ?) AS day, COUNT(*) FROM days GROUP BY"
        failure = failure_of(lambda: connector.run(f"{sql} DATE_FORMAT(d, ?)", ["%Y", "%Y"]))
        assert "AS, and group by that name" in failure["fix"]
        assert rows(connector, f"{sql} day", "%Y") == []

    @pytest.mark.parametrize(
        "sql",
        [
            "SET NAMES latin1",
            "/*!40101 SET NAMES 'latin1' */",
            "set character set cp1251",
            "SET SESSION character_set_client = latin1",
            "SET @@character_set_results = NULL",
        ],
    )
    def test_a_session_stays_in_utf_8(self, connect: Connect, sql: str) -> None:
        connector = connect()
        assert failure_of(lambda: connector.run(sql, []))["code"] == "invalid-request"
        assert value(connector, "SELECT HEX('é')") == "C3A9"
        failure = failure_of(lambda: connect(options={"init_command": sql}))
        assert (failure["code"], failure.get("detail", {})["field"]) == ("invalid-field", "options")

    def test_a_session_may_be_told_that_it_is_in_utf_8(self, connect: Connect) -> None:
        connector = connect()
        for sql in (
            "SET NAMES utf8mb4 COLLATE utf8mb4_bin",
            "/*!40101 SET @saved = @@character_set_client */",
            "/*!50503 SET character_set_client = utf8mb4 */",
            "/*!40101 SET character_set_client = @saved */",
        ):
            connector.run(sql, [])
        assert value(connector, "SELECT HEX('é')") == "C3A9"

    def test_a_late_kill_ends_no_later_statement(self, connect: Connect) -> None:
        connector, other = connect(), connect()
        number = value(connector, "SELECT CONNECTION_ID()")
        for _ in range(20):
            other.run(f"KILL QUERY {number}", [])
            assert value(connector, "SELECT 1") == 1

    def test_comments_that_the_server_executes_are_sent(self, person: Person, connector: Connector) -> None:
        cell = "/*!40101 SET @noted = 5 */; SELECT @noted /*!40101 + 1 */ + {{ n }} /*! + 10 */ AS x;"
        frame: Any = person.cell(f"{SYSTEMS[connector.label]} shared", cell, n=100).frame
        assert frame.iloc[0, 0] == 116
