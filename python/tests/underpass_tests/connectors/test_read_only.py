"""What is looked at before a statement goes to an integration that is marked "Read-only"."""

from __future__ import annotations

import functools
import random
from dataclasses import replace
from typing import Any

import pytest

from underpass.connectors import connector_types, find_connector
from underpass.connectors.read_only import Guard
from underpass.failure import UnderpassError
from underpass.ready import Endpoint, Ready

#: Where the look is all there is.
ALONE = ("bigquery", "dremio", "mindsdb", "redshift", "snowflake", "sqlserver", "trino")
LOOKING = (*ALONE, "mysql", "mariadb", "postgresql")

WRITES = (
    "INSERT INTO t VALUES (1)",
    "UPDATE t SET a = 1",
    "DELETE FROM t",
    "MERGE INTO t USING u ON t.a = u.a WHEN MATCHED THEN DELETE",
    "CREATE TABLE t (a int)",
    "DROP TABLE t",
    "ALTER TABLE t ADD a int",
    "TRUNCATE TABLE t",
    "GRANT SELECT ON t TO me",
    "EXPLAIN ANALYZE DELETE FROM t",
)
READS = (
    "SELECT 1",
    "select * from t where a = 'DELETE FROM t; INSERT INTO u'",
    'SELECT "update" FROM t',
    "-- DROP TABLE t\nSELECT 1 /* INSERT INTO t */",
    "WITH a AS (SELECT 1 AS b) SELECT * FROM a",
    "(SELECT 1) UNION ALL (SELECT 2)",
    "SELECT updated_at, inserted, deleted_by, into_it FROM t",
    "SELECT 1;",
    "SELECT 'it''s' AS a, 'naïve 𝄞' AS b, 1.5e-3 AS größe",
)
#: Put before, behind and between words; none of it changes what a statement does.
FILLING = (" ", "\n", "\t", " /* x */ ", " -- '\n", " /* ' \" ` */ ", "\r\n", "/*;*/", " --\t$$\n", "\f")
#: A character in a statement becomes one of these.
NOISE = [
    *"'\"`;-/*$#\\()[]@.\r\n\0 ",
    "''",
    "--",
    "/*",
    "*/",
    "$$",
    "$a$",
    "\\'",
    "'''",
    "\u00a0",
    "\u2028",
    "\u017f",
    "\u0130",
]


@functools.cache
def guard_of(system: str) -> Guard:
    return Guard("Prod", find_connector(system).rules)


def verdict(system: str, sql: str) -> str:
    """``sent``, or why not."""
    try:
        guard_of(system).permit(sql)
    except UnderpassError as error:
        return f"{error.failure['code']}: {error.failure['message']}"
    return "sent"


def is_refused(said: str) -> bool:
    return said.startswith('read-only: "Prod" is read-only: ') and "Nothing was sent" in said


@pytest.mark.parametrize("system", ALONE)
@pytest.mark.parametrize("sql", WRITES)
def test_what_writes_is_not_sent(system: str, sql: str) -> None:
    assert is_refused(verdict(system, sql))


@pytest.mark.parametrize("system", LOOKING)
@pytest.mark.parametrize("sql", READS)
def test_what_reads_is_sent(system: str, sql: str) -> None:
    assert verdict(system, sql) == "sent"


@pytest.mark.parametrize("system", ALONE)
@pytest.mark.parametrize(
    "sql",
    [
        "WITH a AS (DELETE FROM t RETURNING *) SELECT * FROM a",
        "WITH a AS (SELECT 1) INSERT INTO t SELECT * FROM a",
        "SELECT * INTO u FROM t",
        "SELECT 1INTO u FROM t",
        "SELECT 1.INTO u FROM t",
        "((DELETE FROM t))",
        "/* SELECT */ DELETE FROM t",
        "-- SELECT\nDELETE FROM t",
        "BEGIN DELETE FROM t END",
        "EXECUTE IMMEDIATE 'DELETE FROM t'",
        "CALL p()",
        "SELECT '\\\\' INTO u --'",
        "SELECT 1 /* /* */ INTO u FROM t -- */",
        "\u017felect 1",
        "SELECT 1 -- x\u2028 INTO u",
        "SELECT 1 -- x\r INTO u FROM t",
        "SELECT 'open",
        "SELECT 1 /* open",
        "SELECT\0 1",
        "SELECT\u200b 1",
    ],
)
def test_what_is_hidden_or_not_understood_is_not_sent(system: str, sql: str) -> None:
    assert is_refused(verdict(system, sql))


@pytest.mark.parametrize("system", [name for name in ALONE if name != "sqlserver"])
def test_one_statement_at_a_time_is_sent(system: str) -> None:
    for sql in ("SELECT 1; DELETE FROM t", "SELECT 1; SELECT 2", "SELECT 1;; DROP TABLE t;"):
        assert is_refused(verdict(system, sql))
    assert verdict(system, ";SELECT 1;;") == "sent"


@pytest.mark.parametrize(
    ("system", "sql"),
    [
        ("postgresql", "BEGIN READ WRITE"),
        ("postgresql", "START TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ\nWRITE"),
        ("postgresql", "SET SESSION CHARACTERISTICS AS TRANSACTION READ/**/WRITE"),
        ("postgresql", "SELECT set_config('Default_Transaction_Read_Only', 'off', false)"),
        ("postgresql", "ALTER SYSTEM SET work_mem = '1GB'"),
        ("postgresql", "COPY t TO PROGRAM 'sh'"),
        ("postgresql", "COMMIT PREPARED 'x'"),
        ("postgresql", "SELECT $a$ ' $a$; SET transaction_read_only = off; SELECT $a$ ' $a$"),
        ("mysql", "SET SESSION TRANSACTION READ WRITE"),
        ("mysql", "SET STATEMENT tx_read_only = 0 FOR DELETE FROM t"),
        ("mysql", "/*!50000 SET autocommit = 0 */"),
        ("mysql", "/*M! SET autocommit = 0 */"),
        ("mysql", "SELECT 1 --1 INTO OUTFILE '/tmp/x'\n"),
        ("mysql", "SELECT a FROM t INTO DUMPFILE '/tmp/x'"),
        ("mysql", "SET GLOBAL max_connections = 1"),
        ("mysql", "SET PASSWORD = 'x'"),
        ("sqlserver", "SELECT 1 DELETE FROM t"),
        ("sqlserver", "DECLARE @a int = 1 IF @a = 1 UPDATE t SET a = 1"),
        ("sqlserver", "sp_rename 'a', 'b'"),
        ("sqlserver", "SELECT [a]]b] INTO t"),
        ("sqlserver", "SELECT NEXT VALUE FOR s"),
        ("sqlserver", "SELECT * FROM OPENQUERY(other, 'DELETE FROM t')"),
        ("snowflake", "SELECT 'a\\'' , '' DELETE FROM t --'"),
        ("snowflake", "SHOW TABLES ->> DELETE FROM t"),
        ("snowflake", "WITH p AS PROCEDURE () RETURNS int AS $$ x $$ CALL p()"),
        ("snowflake", "SELECT 1 // '\n INTO t // '"),
        ("snowflake", "SELECT s.nextval"),
        ("snowflake", "BEGIN INSERT INTO t VALUES (1); END"),
        ("bigquery", "SELECT '''a'b''' '' INTO '"),
        ("bigquery", "FROM t |> INSERT INTO u"),
        ("bigquery", "EXPORT DATA OPTIONS () AS SELECT 1"),
        ("bigquery", "SELECT 1 # '\n INTO u # '"),
        ("trino", "SELECT * FROM TABLE(pg.system.query(query => 'DELETE FROM t'))"),
        ("trino", "SELECT $$ ' $$ INTO '"),
        ("dremio", "SELECT * FROM TABLE(pg.external_query('DELETE FROM t'))"),
        ("mindsdb", "SELECT * FROM pg (DELETE FROM t RETURNING a)"),
        ("mindsdb", "SELECT 1 #'\n DELETE FROM t #'"),
    ],
)
def test_the_doors_of_each_system_are_shut(system: str, sql: str) -> None:
    assert is_refused(verdict(system, sql))


@pytest.mark.parametrize(
    ("system", "sql"),
    [
        ("postgresql", "SELECT $tag$ DELETE $tag$, E'a\\nb', '{\"a\": 1}'::jsonb ->> 'a', 1 # 2"),
        ("postgresql", "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"),
        ("postgresql", "SHOW transaction_read_only"),
        ("mysql", "SELECT 'it\\'s', \"a\\\"b\", `delete` FROM t # INSERT\nWHERE a = 1 -- x"),
        (
            "sqlserver",
            'SET NOCOUNT ON; DECLARE @updated int = 1 SELECT [delete], "drop" FROM #t WHERE @updated = 1',
        ),
        ("snowflake", "SELECT 'it\\'s', $$ DELETE ' $$, a:b::int FROM @stage/x // INSERT"),
        ("bigquery", "SELECT r'\\d', '''it's''', \"it's\", `my-project.d.t`.a FROM `x` # INSERT"),
        ("bigquery", "FROM shop.orders |> WHERE a > 1 |> AGGREGATE COUNT(*)"),
        ("trino", "EXPLAIN DELETE FROM t"),
        ("trino", "SELECT transform(a, x -> x + 1) FROM t"),
        ("dremio", 'SELECT * FROM "a.b".t AT BRANCH main'),
        ("redshift", "SELECT * FROM t WHERE a ~ '^\\d+$'"),
    ],
)
def test_each_systems_own_way_to_read_is_sent(system: str, sql: str) -> None:
    assert verdict(system, sql) == "sent"


@pytest.mark.parametrize("system", ALONE)
def test_filling_between_words_hides_nothing(system: str) -> None:
    chance = random.Random(61)
    for sql in (*WRITES, "SELECT a INTO u FROM t", "WITH a AS ( DELETE FROM t ) SELECT 1"):
        for _ in range(20):
            words = sql.split(" ")
            text = "".join(word + chance.choice(FILLING) * chance.randint(1, 2) for word in words)
            text = chance.choice(FILLING) + "".join(
                letter.lower() if chance.random() < 0.5 else letter for letter in text
            )
            assert verdict(system, text) != "sent", text


@pytest.mark.parametrize("system", ALONE)
def test_noise_around_a_write_does_not_get_it_sent(system: str) -> None:
    """A write that is sent stands in quotes or in a comment: what is before it ends in the middle of one."""
    chance = random.Random(62)
    sent = 0
    for _ in range(1000):
        before = "SELECT 1 " + "".join(
            chance.choice(NOISE) if chance.random() < 0.5 else chance.choice("a1 ,")
            for _ in range(chance.randint(0, 8))
        )
        behind = "".join(chance.choice(NOISE) for _ in range(chance.randint(0, 3)))
        if verdict(system, f"{before} INTO u {behind}") != "sent":
            continue
        sent += 1
        assert verdict(system, before) != "sent" or "--" in before or "//" in before or "#" in before, (
            before,
            behind,
        )
    # Otherwise nothing was tried.
    assert sent > 0


@pytest.mark.parametrize("system", LOOKING)
def test_any_text_gets_an_answer(system: str) -> None:
    chance = random.Random(63)
    parts = [
        *NOISE,
        "SELECT",
        "WITH",
        "delete",
        "into",
        "begin",
        "E",
        "r",
        "b",
        "U&",
        "(",
        ")",
        "1",
        "ü",
        "𝄞",
        "\ud800",
    ]
    for _ in range(1000):
        verdict(system, "".join(chance.choice(parts) for _ in range(chance.randint(0, 20))))


def test_the_place_is_said() -> None:
    with pytest.raises(UnderpassError) as error:
        guard_of("trino").permit("SELECT 1\nINTO t")
    assert error.value.failure.get("detail") == {"position": 10}
    assert error.value.failure["message"].startswith('"Prod" is read-only: INTO was refused.')


class Passed(Exception):
    """The statement went on to the driver."""


@pytest.mark.parametrize("system", connector_types())
def test_every_connector_asks_its_guard_before_anything_else(
    monkeypatch: pytest.MonkeyPatch, system: str
) -> None:
    def refuse(self: Any, sql: str) -> None:
        raise UnderpassError({"code": "read-only", "stage": "query", "message": sql, "fix": ""})

    connector_class = find_connector(system)
    ready = Ready("1", "Prod", system, 0, Endpoint("", 0), Endpoint("", 0), False, {}, {}, read_only=True)
    # Without a connection: whatever it did would fail in another way.
    connector = object.__new__(connector_class).kept_from_writing(ready)
    assert connector.guard is not None
    monkeypatch.setattr(Guard, "permit", refuse)
    with pytest.raises(UnderpassError) as error:
        connector.run("anything", ())
    assert error.value.failure["message"] == "anything"
    assert connector.kept_from_writing(replace(ready, read_only=False)).guard is None
