"""``--with NAME``: statements of earlier cells in front, for every dialect, and run on a real server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from underpass.arguments import Arguments
from underpass.cell import CellResult, run_cell
from underpass.chaining import Results, chain, query_of
from underpass.client import ServiceClient
from underpass.connectors import connector_types, find_connector
from underpass.connectors.base import Connector
from underpass.failure import UnderpassError
from underpass.integration import Integration
from underpass.pool import Pool
from underpass.template import Dialect

ORDERS = "SELECT i AS id, i % 3 AS kind FROM generate_series(1, {{ most }}) AS i WHERE i IN {{ wanted }}"
SQL = sorted(kind for kind in connector_types() if find_connector(kind).dialect.tokenizer)


class Notebook:
    """Cells that follow each other."""

    def __init__(self, integration: Integration, pool: Pool) -> None:
        self._integration, self._pool = integration, pool
        self.variables: dict[str, Any] = {"most": 10, "wanted": [1, 2, 4, 8, 16]}
        self.results = Results(self.variables)

    def cell(self, text: str, *earlier: str, output: str = "orders", **options: Any) -> CellResult:
        arguments = Arguments("My DB", output, earlier=earlier, **options)
        result = run_cell(
            text,
            self._integration,
            self._pool,
            lambda code: eval(code, dict(self.variables)),
            arguments,
            results=self.results,
        )
        if result.frame is not None and result.remembered and arguments.variable:
            self.variables[arguments.variable] = result.frame
            self.results.remember(arguments.variable, result.remembered, result.frame)
        return result

    def values(self, text: str, *earlier: str, output: str = "_") -> list[Any]:
        frame = self.cell(text, *earlier, output=output).frame
        assert isinstance(frame, pd.DataFrame)
        return frame.to_numpy().tolist()

    def refused(self, text: str, *earlier: str) -> str:
        with pytest.raises(UnderpassError) as refusal:
            self.cell(text, *earlier, output="_")
        assert refusal.value.failure["code"] == "invalid-request"
        return str(refusal.value)


@pytest.fixture
def notebook(client: ServiceClient, workspace: Path, database: str) -> Iterator[Notebook]:
    pool = Pool()
    notebook = Notebook(Integration(client, database, str(workspace)), pool)
    notebook.cell(ORDERS)
    yield notebook
    pool.close()


def test_an_earlier_result_is_a_table_with_the_values_of_its_time(notebook: Notebook) -> None:
    notebook.variables |= {"most": 2, "wanted": [1], "kind": 2}
    text = "SELECT id, {{ most }}::int FROM orders WHERE kind = {{ kind }} ORDER BY id"
    assert notebook.values(text, "orders") == [[2, 2], [8, 2]]


def test_it_stands_in_front_of_the_cells_own_tables(notebook: Notebook) -> None:
    own = "-- mine\nWITH twice AS (SELECT id * {{ 2 }} AS id FROM orders) SELECT sum(id)::int FROM twice"
    assert notebook.values(own, "orders") == [[30]]
    numbers = (
        "WITH RECURSIVE n(i) AS (SELECT min(id) FROM orders UNION ALL SELECT i + 1 FROM n"
        " WHERE i < {{ most }}) SELECT count(*)::int FROM n"
    )
    assert notebook.values(numbers, "orders") == [[10]]


def test_results_of_results_are_tables_as_well(notebook: Notebook) -> None:
    notebook.variables["factor"] = 10
    notebook.cell("SELECT id * {{ factor }} AS id FROM orders", "orders", output="more")
    # The first one is another by now.
    notebook.cell("WITH o AS (SELECT 1 AS id) SELECT id FROM o", output="orders")
    notebook.variables["factor"] = 1
    text = "SELECT sum(more.id)::int, (SELECT sum(id)::int FROM orders) + {{ factor }} FROM more"
    assert notebook.values(text, "more", "orders") == [[150, 2]]


def test_an_error_points_into_the_cell_that_was_written(notebook: Notebook) -> None:
    with pytest.raises(UnderpassError) as refused:
        notebook.cell("SELECT {{ most }},\n  nonsense FROM orders", "orders")
    detail = refused.value.failure.get("detail", {})
    assert (detail["line"], detail["column"]) == (3, 3)
    assert "3 |   nonsense FROM orders\n  |   ^" in str(detail["excerpt"])


def test_an_error_within_the_earlier_statement_is_told_as_that(notebook: Notebook) -> None:
    notebook.cell("CREATE TEMP TABLE gone AS SELECT 1 AS a", output="_")
    notebook.cell("SELECT a FROM gone", output="kept")
    notebook.cell("DROP TABLE gone", output="_")
    with pytest.raises(UnderpassError) as refused:
        notebook.cell("SELECT * FROM kept", "kept")
    assert refused.value.failure["message"].startswith("In the SQL that --with puts in front (kept): ")
    assert "line" not in refused.value.failure.get("detail", {})


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("INSERT INTO t SELECT * FROM orders", "one SELECT"),
        ("CREATE TABLE t AS SELECT * FROM orders", "one SELECT"),
        ("SELECT * INTO t FROM orders", "one SELECT"),
        ("WITH gone AS (DELETE FROM t RETURNING *) SELECT * FROM gone", "one SELECT"),
        ("SELECT 1; SELECT * FROM orders", "one SELECT"),
        ("", "one SELECT"),
        ("WITH Orders AS (SELECT 1) SELECT * FROM orders", "defined twice"),
    ],
)
def test_only_one_select_takes_earlier_results(notebook: Notebook, text: str, why: str) -> None:
    assert why in notebook.refused(text, "orders")


def test_what_can_not_stand_in_front_is_refused_with_the_fix(notebook: Notebook) -> None:
    assert "no SQL cell of this kernel gave" in notebook.refused("SELECT 1", "nothing")
    assert "there is: orders" in notebook.refused("SELECT 1", "nothing")
    notebook.variables["mine"] = pd.DataFrame({"a": [1]})
    assert "%%sql duckdb" in notebook.refused("SELECT 1", "mine")
    notebook.cell("CREATE TEMP TABLE t AS SELECT 1 AS a; SELECT * FROM t", output="several")
    assert "several statements" in notebook.refused("SELECT * FROM several", "several")
    notebook.cell("SELECT * FROM t", output="t")
    assert "Give its rows another name" in notebook.refused("SELECT * FROM t", "t")
    notebook.variables["orders"] = notebook.variables["orders"].head(1)
    assert "another value" in notebook.refused("SELECT * FROM orders", "orders")


def test_a_variable_that_was_deleted_can_still_be_used(notebook: Notebook) -> None:
    del notebook.variables["orders"]
    assert notebook.values("SELECT count(*)::int FROM orders", "orders") == [[4]]


def test_another_integration_has_other_tables(notebook: Notebook) -> None:
    with pytest.raises(UnderpassError, match='its rows are from "My DB"'):
        notebook.results.find("orders", "another id")


def composed(kind: str, earlier: str, text: str) -> tuple[type[Connector], Any]:
    """The statement that a system of this type would get, and its values, as a list."""
    connector = find_connector(kind)
    values = {"a": 1, "b": "two", "c": 3}
    query = query_of("x", connector.statements(earlier, values.__getitem__), connector.dialect)
    assert not isinstance(query, UnderpassError)
    chained = chain(text, {"x": query}, connector.dialect)
    (statement,) = connector.statements(chained.text, chained.evaluate(values.__getitem__))
    return connector, chained.in_cell(statement)


@pytest.mark.parametrize("kind", SQL)
def test_placeholders_are_in_order_in_every_dialect(kind: str) -> None:
    text = "SELECT {{ c }}, x.n FROM x WHERE n = {{ a }}"
    connector, statement = composed(kind, "SELECT {{ b }} AS t, {{ a }} AS n", text)
    assert statement.cell == text
    sent = list(statement.params)
    if sent:
        assert sent[:2] == ["two", 1]
        assert sent[2] == 3
        marks = [connector.dialect.placeholder(number, value) for number, value in enumerate(sent, start=1)]
        found = [statement.sql.find(mark) for mark in dict.fromkeys(marks)]
        assert found == sorted(found)
    assert statement.sql.startswith("WITH x AS (\nSELECT ")
    # The way back: to the same words of the cell.
    for words in ("x.n FROM", "WHERE"):
        assert text[statement.offset_in_cell(statement.sql.rindex(words)) :].startswith(words)
    assert statement.offset_in_cell(statement.sql.index("WITH x")) == 0


@pytest.mark.parametrize("kind", SQL)
def test_a_with_within_a_with_is_written_as_the_system_knows_it(kind: str) -> None:
    connector, statement = composed(
        kind,
        "WITH a AS (SELECT 1 AS n), b AS (SELECT n FROM a) SELECT n FROM b",
        "WITH c AS (SELECT 2 AS m) SELECT n, m FROM x, c",
    )
    flat = "WITH a AS (SELECT 1 AS n), b AS (SELECT n FROM a) ,\nx AS (\n SELECT n FROM b\n), c AS"
    deep = "WITH x AS (\nWITH a AS (SELECT 1 AS n), b AS (SELECT n FROM a) SELECT n FROM b\n), c AS"
    expected = flat if connector.dialect.flat_with else deep
    assert " ".join(statement.sql.split()).startswith(" ".join(expected.replace(") ,", "),").split()))


def test_systems_without_sql_refuse_it() -> None:
    with pytest.raises(UnderpassError, match="no SQL"):
        chain("db.people.find()", {"x": object()}, Dialect("", lambda *_: ""))  # type: ignore[dict-item]
