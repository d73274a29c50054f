"""Which statements get LIMIT at their end, and which may be cancelled instead."""

from __future__ import annotations

import pytest

from underpass.connectors.redshift.limits import limited, only_reads


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1",
        "select n from t -- limit 5",
        "/* top */ WITH a AS (SELECT 1 LIMIT 1) SELECT * FROM a",
        "SELECT 'limit', \"limit\" FROM t",
        "SELECT n FROM (SELECT n FROM t LIMIT 9) UNION ALL SELECT 2 ORDER BY n",
    ],
)
def test_a_query_without_a_limit_of_its_own_gets_one(sql: str) -> None:
    assert limited(sql, 7) == f"{sql}\nLIMIT 7"


@pytest.mark.parametrize(
    ("sql", "reads"),
    [
        ("SELECT n FROM t LIMIT 9", True),
        ("SELECT TOP 5 n FROM t", True),
        ("SELECT n FROM t ORDER BY n OFFSET 3", True),
        ("SELECT n FROM t FOR UPDATE", True),
        ("SELECT n INTO u FROM t", True),
        ("WITH a AS (SELECT 1) INSERT INTO t SELECT * FROM a", True),
        ("(SELECT 1) UNION ALL (SELECT 2)", False),
        ("SHOW search_path", False),
        ("CALL p()", False),
        ("SELECT 'not closed", False),
    ],
)
def test_other_statements_stay_as_they_are(sql: str, reads: bool) -> None:
    assert limited(sql, 7) is None
    assert only_reads(sql) is reads
