"""``%%sql duckdb`` over real DataFrames, with the real DuckDB."""

from __future__ import annotations

import datetime
import threading
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from underpass.arguments import Arguments
from underpass.cell import CellResult, run_over_dataframes
from underpass.dataframes import DataFrames
from underpass.failure import UnderpassError


class Notebook:
    """Variables, and cells over them."""

    def __init__(self, **variables: Any) -> None:
        self.variables = variables
        self.database = DataFrames.over(self.variables)

    def cell(self, text: str, **options: Any) -> CellResult:
        arguments = Arguments("duckdb", **options)
        return run_over_dataframes(text, self.database, lambda code: eval(code, self.variables), arguments)

    def rows(self, text: str, **options: Any) -> list[dict[str, Any]]:
        frame: Any = self.cell(text, frame="arrow", **options).frame
        assert isinstance(frame, pa.Table)
        return frame.to_pylist()

    def failure(self, text: str, **options: Any) -> dict[str, Any]:
        with pytest.raises(UnderpassError) as refused:
            self.cell(text, **options)
        return {**refused.value.failure, **refused.value.failure.get("detail", {})}


ORDERS = {"id": [1, 2, 3], "customer": ["ada", "bob", "ada"]}


@pytest.mark.parametrize(
    "orders",
    [pd.DataFrame(ORDERS), pl.DataFrame(ORDERS), pl.DataFrame(ORDERS).lazy(), pa.table(ORDERS)],
    ids=["pandas", "polars", "lazy", "arrow"],
)
def test_variables_that_hold_tables_are_tables(orders: Any) -> None:
    found = Notebook(orders=orders).rows("SELECT customer, sum(id) AS ids FROM orders GROUP BY 1 ORDER BY 1")
    assert found == [{"customer": "ada", "ids": 4}, {"customer": "bob", "ids": 2}]


def test_frames_of_different_kinds_are_joined_with_bound_values() -> None:
    notebook = Notebook(
        orders=pd.DataFrame(ORDERS), people=pl.DataFrame({"name": ["ada"], "born": [1815]}), wanted=[1, 3]
    )
    found = notebook.rows(
        "SELECT id, born FROM orders JOIN people ON name = customer\n"
        "WHERE id IN {{ wanted }} AND born > {{ wanted[0] + 1000 }} ORDER BY id"
    )
    assert found == [{"id": 1, "born": 1815}, {"id": 3, "born": 1815}]


def test_what_cells_give_keeps_its_types_on_the_way_through() -> None:
    moment = datetime.datetime(2024, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)
    frame = pd.DataFrame(
        {
            "i": pd.array([1, None], "Int64"),
            "b": pd.array([True, None], "boolean"),
            "d": pd.Series([Decimal("1.50"), None], dtype=pd.ArrowDtype(pa.decimal128(10, 2))),
            "t": pd.to_datetime([moment, None], utc=True).as_unit("us"),
            "s": ["x", None],
        }
    )
    result = Notebook(frame=frame).cell("SELECT * FROM frame").frame
    assert isinstance(result, pd.DataFrame)
    pd.testing.assert_frame_equal(result, frame)


def test_sums_of_whole_numbers_are_whole_numbers_as_long_as_they_fit() -> None:
    notebook = Notebook()
    result = notebook.cell(
        "SELECT sum(i) AS s, 170141183460469231731687303715884105727 AS h FROM range(4) t(i)"
    )
    assert isinstance(result.frame, pd.DataFrame)
    assert result.frame.dtypes["s"] == "int64"
    assert result.frame["h"][0] == Decimal(2**127 - 1)
    assert notebook.rows("SELECT sum(i) AS s FROM range(0) t(i)") == [{"s": None}]


def test_tables_of_a_cell_stay_and_come_before_variables() -> None:
    notebook = Notebook(t=pd.DataFrame({"a": [1]}), x=[])
    result = notebook.cell("CREATE TABLE kept AS SELECT a + 1 AS a FROM t; INSERT INTO kept VALUES (7)")
    assert [line.split(" · ")[0] for line in result.lines] == ["OK, 1 row affected", "OK, 1 row affected"]
    assert notebook.rows("SELECT a FROM kept ORDER BY a") == [{"a": 2}, {"a": 7}]
    notebook.variables["t"] = pa.table({"a": [5]})
    assert notebook.rows("FROM t") == [{"a": 5}]
    notebook.cell("CREATE TABLE t AS SELECT 9 AS a")
    assert notebook.rows("FROM t") == [{"a": 9}]


def test_only_tables_are_seen_and_none_of_ours() -> None:
    notebook = Notebook(orders=pd.DataFrame(ORDERS), number=3, tables=1)
    failure = notebook.failure("SELECT 'é', *\nFROM number")
    assert failure["code"] == "query-failed"
    assert failure["line"] == 3
    assert failure["column"] == 6
    assert "DataFrames of this notebook: orders." in failure["fix"]
    assert "orders" in notebook.failure("FROM self")["fix"]


def test_an_error_says_where_it_is() -> None:
    notebook = Notebook(x="é")
    failure = notebook.failure("SELECT {{ x }},\n  'é' || nonsense FROM range(3)")
    assert failure["line"] == 3
    assert failure["column"] == 10
    assert failure["excerpt"] == "3 |   'é' || nonsense FROM range(3)\n  |          ^"
    failure = notebook.failure("SELECT 1;\nSELECT FRM x")
    assert failure["message"].startswith("Statement 2 of 2: ")
    assert "{" not in failure["message"]


def test_the_options_of_cells_work_here_too() -> None:
    notebook = Notebook()
    endless = "SELECT i, repeat('x', 100) AS t FROM range(1_000_000_000_000) r(i)"
    assert len(notebook.rows(endless, limit=70_000)) == 70_000
    failure = notebook.failure(endless, max_memory="50MB")
    assert failure["code"] == "result-too-large"
    assert notebook.rows("SELECT 1 AS one") == [{"one": 1}]
    frame = notebook.cell("SELECT 1.50::DECIMAL(5, 2) AS d", frame="polars").frame
    assert isinstance(frame, pl.DataFrame)
    assert frame.schema["d"] == pl.Decimal(5, 2)


def test_a_statement_is_interrupted_and_the_next_one_works() -> None:
    notebook = Notebook()
    timer = threading.Timer(0.3, notebook.database.cancel)
    timer.start()
    failure = notebook.failure("SELECT count(*) FROM range(1_000_000_000_000) a(i) WHERE hash(i) = 7")
    timer.join()
    assert failure["code"] == "cancelled"
    assert notebook.rows("SELECT 1 AS one") == [{"one": 1}]


def test_files_are_read_where_they_are_named_and_nothing_is_fetched_or_left_behind(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("people.csv").write_text("name,born\nada,1815\n")
    notebook = Notebook()
    assert notebook.rows("FROM 'people.csv'") == [{"name": "ada", "born": 1815}]
    assert "INSTALL httpfs" in notebook.failure("FROM 'https://localhost/x.parquet'")["message"]
    assert [path.name for path in tmp_path.iterdir()] == ["people.csv"]


def test_names_of_columns_may_repeat_in_a_frame() -> None:
    twice = pd.DataFrame([[1, 2]], columns=["a", "a"])
    assert notebook_values(Notebook(twice=twice), "FROM twice") == [[1, 2]]


def notebook_values(notebook: Notebook, text: str) -> list[list[Any]]:
    return [list(row.values()) for row in notebook.rows(text)]


def test_running_out_of_memory_is_told_as_that() -> None:
    notebook = Notebook()
    notebook.cell("SET memory_limit = '60MB'")
    failure = notebook.failure(
        "SELECT count(DISTINCT (i::VARCHAR || 'xxxxxxxxxxxxxxxxxx')) FROM range(9000000) t(i)"
    )
    assert failure["code"] == "result-too-large"
    assert "memory_limit" in failure["fix"]


def test_a_cell_without_duckdb_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(UnderpassError) as refused:
        DataFrames.over({})
    failure = refused.value.failure
    assert failure["code"] == "driver-missing"
    assert "%pip install 'underpass[duckdb]'" in failure["fix"]
    assert duckdb.__version__
