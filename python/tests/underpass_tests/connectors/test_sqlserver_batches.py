"""How cells of T-SQL are cut, and which batches are a single query."""

from __future__ import annotations

import pytest

from underpass.connectors.sqlserver import SQLServer
from underpass.connectors.sqlserver.batches import is_one_query
from underpass.failure import UnderpassError


def texts(cell: str, **values: object) -> list[str]:
    return [one.sql for one in SQLServer.statements(cell, lambda source: eval(source, dict(values)))]


@pytest.mark.parametrize(
    "cell",
    [
        "DECLARE @x int = 1; SELECT @x",
        "MERGE a USING b ON a.i = b.i WHEN MATCHED THEN DELETE;",
        "SELECT 'it''s; GO'",
        "SELECT [GO] FROM [a;b]",
        "SELECT 1 AS GO",
    ],
)
def test_a_cell_is_one_batch_with_its_semicolons(cell: str) -> None:
    assert texts(cell) == [cell]


def test_the_semicolon_that_merge_needs_stays_where_there_are_expressions() -> None:
    cell = "MERGE a USING b ON a.i = {{ i }} WHEN MATCHED THEN DELETE;"
    assert texts(cell, i=1) == [cell.replace("{{ i }}", "@underpass1")]


def test_go_cuts_where_it_stands_alone_on_its_line() -> None:
    cell = "SELECT 1\nGO\n\n  go -- again\nSELECT 'a\nGO\n'\n/*\nGO\n*/\nGO 2\nSELECT 3\n"
    assert texts(cell) == ["SELECT 1", "-- again\nSELECT 'a\nGO\n'", "-- again\nSELECT 'a\nGO\n'", "SELECT 3"]


def test_each_batch_has_parameters_of_its_own() -> None:
    cell = "SELECT {{ a }}, {{ b }}\nGO\nSELECT {{ b }}"
    assert texts(cell, a=1, b=2) == ["SELECT @underpass1, @underpass2", "SELECT @underpass1"]


def test_more_repetitions_than_anybody_means_are_refused() -> None:
    with pytest.raises(UnderpassError):
        texts("SELECT 1\nGO 1000000")


def test_comments_alone_are_no_batch() -> None:
    assert texts("-- nothing\n/* at all */") == []


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM t",
        "-- first\nSELECT CASE WHEN a = 1 THEN 2 END FROM t;",
        "WITH a AS (SELECT 1 AS x) SELECT * FROM a UNION ALL SELECT 2 ORDER BY 1",
        "SELECT 'INSERT', [DELETE], (SELECT 1) FROM \"EXEC\" /* DROP */ -- SET",
        "select a from t where b in (select c from u)",
    ],
)
def test_a_single_query_is_seen_as_one(sql: str) -> None:
    assert is_one_query(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1 SELECT 2",
        "SELECT 1; DELETE FROM t",
        "SELECT * INTO #t FROM u",
        "SELECT 1 EXEC p",
        "p 1, 2",
        "DECLARE @x int = 1 SELECT @x",
        "SELECT 1 /* /* */ DELETE t */",
        "SELECT 1 /* /* */ ' */ DELETE FROM t WHERE a = 'x'",
        "WITH a AS (SELECT 1 AS x) DELETE FROM a",
        "SET ROWCOUNT 5",
        "",
    ],
)
def test_what_may_do_more_is_not_taken_for_a_query(sql: str) -> None:
    assert not is_one_query(sql)
