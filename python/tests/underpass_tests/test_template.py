from __future__ import annotations

import pytest

from underpass.failure import UnderpassError
from underpass.statement import Statement
from underpass.template import Dialect, statements_of

POSTGRESQL = Dialect("postgres", lambda number, _: f"${number}", ("= ANY({})", "<> ALL({})"))
NAMES = {"x": 1, "name": "O'Neill'; DROP TABLE t; --", "ids": [1, 2], "row": {"a": {"b": 2}}}


def cut(cell: str) -> list[Statement]:
    return statements_of(cell, POSTGRESQL, lambda source: eval(source, dict(NAMES)))


def cut_one(cell: str) -> tuple[str, list[object]]:
    (statement,) = cut(cell)
    return statement.sql, list(statement.params)


@pytest.mark.parametrize(
    ("cell", "sql", "params"),
    [
        ("SELECT {{ x }}", "SELECT $1", [1]),
        ("SELECT {{name}} || '%'", "SELECT $1 || '%'", [NAMES["name"]]),
        ("SELECT {{ row['a']['b'] }}::int", "SELECT $1::int", [2]),
        ("SELECT {{ {'a': {1: 2}}['a'][1] }}, {{ '}}' }}", "SELECT $1, $2", [2, "}}"]),
        ("SELECT {{\n  x +\n  1\n}} + 1", "SELECT $1 + 1", [2]),
        ("SELECT f({{ x }}) GROUP BY f({{ x }}), {{ x+1 }}", "SELECT f($1) GROUP BY f($1), $2", [1, 2]),
        ("CALL p({{ x }}, 1)", "CALL p($1, 1)", [1]),
        ("EXPLAIN SELECT {{ x }}::int", "EXPLAIN SELECT $1::int", [1]),
        ("EXECUTE s({{ x }}, 2) -- {{ missing }}", "EXECUTE s($1, 2)", [1]),
    ],
)
def test_an_expression_is_always_a_parameter(cell: str, sql: str, params: list[object]) -> None:
    assert cut_one(cell) == (sql, params)


@pytest.mark.parametrize(
    ("cell", "sql"),
    [
        ("SELECT 1 WHERE a IN {{ ids }}", "SELECT 1 WHERE a = ANY($1)"),
        ("SELECT 1 WHERE a in ({{ ids }})", "SELECT 1 WHERE a = ANY($1)"),
        ("SELECT 1 WHERE a NOT IN {{ ids }} AND b", "SELECT 1 WHERE a <> ALL($1) AND b"),
        ("SELECT 1 WHERE a = ANY({{ ids }})", "SELECT 1 WHERE a = ANY($1)"),
        ("SELECT 1 WHERE a IN ({{ x }}, {{ x + 1 }})", "SELECT 1 WHERE a IN ($1, $2)"),
    ],
)
def test_a_list_goes_where_a_list_of_values_may_stand(cell: str, sql: str) -> None:
    assert cut_one(cell)[0] == sql


@pytest.mark.parametrize(
    "cell",
    [
        "SELECT '{{1,2},{3,4}}'::int[]",
        "SELECT '{{1,2}}'::int[]",
        "SELECT '{{a,b}}'::text[]",
        "SELECT 'ab{{' || '}}'",
        "SELECT $${{ no python }}$$",
        "SELECT 1 -- {{ no python\n+ 1",
        "SELECT 1 /* {{ missing }} */ + 1",
        "EXPLAIN /* {{ missing }} */ SELECT '--' -- AND y = {{ missing }}\n, 1",
        "SELECT 1 -- AND y = {{ missing }}\n+ 1",
    ],
)
def test_braces_that_are_commented_out_or_no_expression_in_quotes_stay_text(cell: str) -> None:
    assert cut_one(cell) == (cell, [])


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("SELECT '{{ x }}'", "stands in quotes"),
        ("SELECT E'it\\'s {{ x }}'", "stands in quotes"),
        ("CALL p('{{ x }}', 1)", "stands in quotes"),
        ("EXPLAIN SELECT '{{ x }}' || 1", "stands in quotes"),
        ('SELECT * FROM "{{ name }}"', "stands in quotes"),
        ("DO $$ BEGIN PERFORM {{ x }}; END $$", "stands in quotes"),
        ("SELECT * FROM t_{{ x }}", "part of a name"),
        ("SELECT {{ x }}{{ x }}", "part of a name"),
        ("SELECT 1 -- {{ [\nx] }}", "begins in a comment"),
        ("SELECT {{ x + }}", "not a Python expression"),
        ("SELECT {{ x", "not a Python expression"),
        ("SELECT {{ missing }}", "NameError"),
        ("SELECT $1, {{ x }}", "parameters of its own"),
        ("SELECT {{ object() }}", "can not be sent"),
        ("SELECT 'a; {{ x }}", "not closed"),
    ],
)
def test_a_cell_is_refused_where_no_value_can_stand(cell: str, reason: str) -> None:
    with pytest.raises(UnderpassError) as refusal:
        cut(cell)
    assert reason in refusal.value.failure["message"]
    assert refusal.value.failure["fix"]


@pytest.mark.parametrize(
    ("cell", "statements"),
    [
        ("SELECT 1", ["SELECT 1"]),
        ("  SELECT 1 ;\n", ["SELECT 1"]),
        ("BEGIN; SELECT ';' ; COMMIT;", ["BEGIN", "SELECT ';'", "COMMIT"]),
        ("SELECT $a$ ; $a$; /*+ ; /* ; */ */ SELECT 2", ["SELECT $a$ ; $a$", "/*+ ; /* ; */ */ SELECT 2"]),
        ("SELECT 1; -- the end;", ["SELECT 1"]),
        ("SELECT 'it''s;', E'\\';'; SELECT 2", ["SELECT 'it''s;', E'\\';'", "SELECT 2"]),
        (
            "CREATE FUNCTION f() BEGIN ATOMIC SELECT CASE WHEN a THEN 1 END; SELECT 2; END; SELECT 3",
            [
                "CREATE FUNCTION f() BEGIN ATOMIC SELECT CASE WHEN a THEN 1 END; SELECT 2; END",
                "SELECT 3",
            ],
        ),
        (
            "CREATE PROCEDURE p() BEGIN IF b THEN SET a = CASE WHEN c THEN 1 END; END IF; END; CALL p()",
            [
                "CREATE PROCEDURE p() BEGIN IF b THEN SET a = CASE WHEN c THEN 1 END; END IF; END",
                "CALL p()",
            ],
        ),
        (
            "CREATE EVENT e BEGIN LOOP BEGIN SELECT 1; END; END LOOP; CASE a; END CASE; END; SELECT 1",
            [
                "CREATE EVENT e BEGIN LOOP BEGIN SELECT 1; END; END LOOP; CASE a; END CASE; END",
                "SELECT 1",
            ],
        ),
        (
            "BEGIN NOT ATOMIC SELECT 1; SELECT 2; END; SELECT 3",
            ["BEGIN NOT ATOMIC SELECT 1; SELECT 2; END", "SELECT 3"],
        ),
        ("BEGIN TRANSACTION; SELECT 1; END; SELECT 2", ["BEGIN TRANSACTION", "SELECT 1", "END", "SELECT 2"]),
        ("CREATE TABLE begin (a int); SELECT 1", ["CREATE TABLE begin (a int)", "SELECT 1"]),
        (
            "CREATE RULE r AS ON UPDATE TO t DO ALSO (INSERT INTO a VALUES (')'); TABLE b;); SELECT 1",
            [
                "CREATE RULE r AS ON UPDATE TO t DO ALSO (INSERT INTO a VALUES (')'); TABLE b;)",
                "SELECT 1",
            ],
        ),
        ("SELECT '(', \"(\" ; SELECT 1); SELECT 2", ["SELECT '(', \"(\"", "SELECT 1)", "SELECT 2"]),
        ("", []),
        ("-- nothing\n/* at all */ ;", []),
        ("-" * 2000 + "\nSELECT 1", ["-" * 2000 + "\nSELECT 1"]),
        ("-" * 2000, []),
    ],
)
def test_statements_end_at_semicolons_outside_of_quotes(cell: str, statements: list[str]) -> None:
    assert [statement.sql for statement in cut(cell)] == statements


def test_every_expression_is_evaluated_before_the_first_statement() -> None:
    with pytest.raises(UnderpassError, match="NameError"):
        cut("DELETE FROM t; SELECT {{ missing }}")


def test_an_expression_that_may_change_is_evaluated_for_each_of_its_places() -> None:
    numbers = iter(range(10))
    names = {"n": numbers, "row": {"a": 7}}
    evaluated: list[str] = []

    def evaluate(source: str) -> object:
        evaluated.append(source)
        return eval(source, dict(names))

    first, second = statements_of(
        "SELECT {{ next(n) }}, {{ row['a'] }}, {{ next(n) }}; SELECT {{ next(n) }}, {{ row['a'] }}",
        POSTGRESQL,
        evaluate,
    )
    assert (first.sql, first.params) == ("SELECT $1, $2, $3", [0, 7, 1])
    assert (second.sql, second.params) == ("SELECT $1, $2", [2, 7])
    assert evaluated.count("row['a']") == 1


def test_a_place_in_a_statement_is_found_in_the_cell() -> None:
    cell = "SELECT 1;\nSELECT {{ ids[0] }}, {{ x }},\n  nowhere"
    statement = cut(cell)[1]
    for word in ("SELECT", "nowhere"):
        assert statement.offset_in_cell(statement.sql.index(word)) == cell.rindex(word)
    assert statement.offset_in_cell(statement.sql.index("$2")) == cell.index("{{ x }}")


@pytest.mark.parametrize(
    ("cell", "sql"),
    [
        ("SELECT 1 WHERE a IN {{ [] }}", "SELECT 1 WHERE a IS NULL IS NULL"),
        ("SELECT 1 WHERE a NOT IN ({{ [] }}) AND b", "SELECT 1 WHERE a IS NULL IS NOT NULL AND b"),
        ("SELECT 1 WHERE a NOT IN ({{ ids }})", "SELECT 1 WHERE a NOT IN ($1, $2)"),
    ],
)
def test_a_dialect_may_say_what_a_list_without_items_means(cell: str, sql: str) -> None:
    dialect = Dialect(
        "redshift", lambda number, _: f"${number}", empty_in=("IS NULL IS NULL", "IS NULL IS NOT NULL")
    )
    (statement,) = statements_of(cell, dialect, lambda source: eval(source, dict(NAMES)))
    assert statement.sql == sql
