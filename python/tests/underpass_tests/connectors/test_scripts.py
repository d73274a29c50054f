"""Cells of BigQuery and Snowflake that hold blocks of statements."""

from __future__ import annotations

import pytest

from underpass.connectors.bigquery import BigQuery
from underpass.connectors.snowflake import Snowflake

SCRIPTS = [
    "BEGIN\n  INSERT INTO t VALUES (1);\n  SELECT CASE WHEN a THEN 1 ELSE 2 END AS x FROM t;\nEND",
    "BEGIN SELECT 1; EXCEPTION WHEN ERROR THEN SELECT 2; END",
    "BEGIN IF (a > 1) THEN SELECT 1; ELSEIF (b) THEN SELECT 2; ELSE SELECT 3; END IF; END",
    "BEGIN WHILE (i < 3) DO SELECT 1; END WHILE; FOR r IN c DO SELECT 2; END FOR; SELECT 3; END",
    "BEGIN LOOP SELECT 1; IF (x) THEN BREAK; END IF; END LOOP; END",
    "BEGIN CASE x WHEN 1 THEN SELECT 1; SELECT 2; ELSE SELECT 3; END CASE; SELECT 4; END",
    "BEGIN BEGIN TRANSACTION; SELECT 1; COMMIT; END",
    "BEGIN SELECT IF(a, 1, 2), CASE WHEN b THEN IF(c, 1, 2) ELSE IF(d, 3, 4) END; SELECT 5; END",
    "CREATE OR REPLACE PROCEDURE p() BEGIN SELECT 1; SELECT 2; END",
    "BEGIN\nEND",
]
BIGQUERY = [
    "IF a THEN SELECT 1; SELECT 2; END IF",
    "WHILE a DO SET a = a - 1; END WHILE",
    "REPEAT SET a = a - 1; UNTIL a = 0 END REPEAT",
    "FOR r IN (SELECT 1 AS n) DO SELECT r.n; SELECT 2; END FOR",
    "LOOP SELECT 1; LEAVE; END LOOP",
    "DECLARE x INT64",
    "CREATE PROCEDURE p(IN a INT64) OPTIONS(strict_mode=false) BEGIN SELECT 1; SELECT 2; END",
]
SNOWFLAKE = [
    "DECLARE\n  x INT DEFAULT 1;\n  y INT;\nBEGIN\n  y := x;\n  RETURN y;\nEND",
    "CREATE PROCEDURE p() RETURNS INT LANGUAGE SQL AS DECLARE x INT; BEGIN SELECT 1; RETURN 2; END",
    "CREATE TASK t SCHEDULE = '1 minute' AS BEGIN SELECT 1; SELECT 2; END",
    "EXECUTE IMMEDIATE $$ BEGIN SELECT 1; END; $$",
]
#: None of them is a block.
STATEMENTS = [
    "BEGIN",
    "BEGIN TRANSACTION",
    "CREATE TABLE IF NOT EXISTS t (`begin` INT, loop INT)",
    "SELECT CASE WHEN a THEN 1 END AS end_of_it",
    "SELECT REPEAT('x', 2), t.if, 'BEGIN; END' /* BEGIN; END */",
    "DROP TABLE IF EXISTS t",
    "COMMIT",
]


def texts(system: type[BigQuery | Snowflake], cell: str) -> list[str]:
    return [statement.sql for statement in system.statements(cell, lambda _: 7)]


@pytest.mark.parametrize("script", [*SCRIPTS, *BIGQUERY, *STATEMENTS])
def test_a_script_of_bigquery_is_one_statement(script: str) -> None:
    # Otherwise what is behind it shows whether its end is seen.
    last = "SELECT 'the END'"
    assert texts(BigQuery, f"SELECT 1;\n{script};\n{last};")[0::2] == ["SELECT 1", last]


@pytest.mark.parametrize("script", [*SCRIPTS, *SNOWFLAKE, *STATEMENTS])
def test_a_script_of_snowflake_is_one_statement(script: str) -> None:
    if "`" not in script:
        last = "SELECT 'the END'"
        assert texts(Snowflake, f"SELECT 1;\n{script};\n{last};")[0::2] == ["SELECT 1", last]


def test_values_are_bound_within_a_script() -> None:
    (found,) = BigQuery.statements("BEGIN SELECT {{ x }}; SELECT '{ {'; END;", lambda _: 7)
    assert (found.sql, found.params) == ("BEGIN SELECT @p1; SELECT '{ {'; END", [7])
