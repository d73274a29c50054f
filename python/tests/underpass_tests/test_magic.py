"""SQL cells in a real kernel, with the real service and a real server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.manager import start_new_kernel
from jupyter_core.utils import ensure_event_loop

from .conftest import Server, wait_until


@dataclass
class Cell:
    """What a cell shows."""

    results: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    printed: str = ""
    error: tuple[str, str] | None = None

    def receive(self, message: dict[str, Any]) -> None:
        content = message["content"]
        match message["msg_type"]:
            case "execute_result":
                self.results.append(content["data"]["text/plain"])
            case "display_data" | "update_display_data":
                self.shown.append(content["data"]["text/plain"])
            case "stream":
                self.printed += content["text"]
            case "error":
                self.error = (content["ename"], "\n".join(content["traceback"]))


class Kernel:
    def __init__(self, folder: Path) -> None:
        self.manager, self.client = start_new_kernel(cwd=str(folder))
        assert self.run("%load_ext underpass").error is None

    def run(self, source: str) -> Cell:
        return self.finish(self.client.execute(source, allow_stdin=False))

    def finish(self, request: str) -> Cell:
        cell = Cell()
        while True:
            message = self.client.get_iopub_msg(timeout=60)
            if message["parent_header"].get("msg_id") != request:
                continue
            cell.receive(message)
            if message["content"].get("execution_state") == "idle":
                return cell

    def close(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)
        # The blocking client made one for this thread.
        ensure_event_loop().close()


@pytest.fixture
def kernel(workspace: Path, database: str) -> Iterator[Kernel]:
    kernel = Kernel(workspace)
    yield kernel
    kernel.close()


def test_a_cell_shows_its_rows_and_gives_them_to_a_variable(kernel: Kernel) -> None:
    kernel.run('wanted, label = [1, 3], "it\'s"')
    cell = kernel.run(
        '%%sql "My DB" -o df\n'
        "SELECT i, {{ label }} AS label FROM generate_series(1, 4) i WHERE i IN {{ wanted }}"
    )
    assert cell.error is None
    assert "it's" in cell.results[0]
    assert cell.shown[-1].startswith("2 rows × 2 columns · ")  # noqa: RUF001
    assert cell.shown[-1].endswith(" s · My DB")
    assert kernel.run("print(df.i.tolist(), type(df).__name__)").printed == "[1, 3] DataFrame\n"


def test_a_statement_without_rows_says_how_many_it_changed(kernel: Kernel) -> None:
    cell = kernel.run(
        '%%sql "My DB" -o df\nCREATE TEMP TABLE t (a int); INSERT INTO t SELECT generate_series(1, 3)'
    )
    assert cell.results == []
    created, inserted, remark = cell.shown[-1].splitlines()
    assert created.startswith("OK · ")
    assert inserted.startswith("OK, 3 rows affected · ")
    assert '"df" is as it was' in remark


def test_a_transaction_lives_across_cells(kernel: Kernel) -> None:
    kernel.run('%%sql "My DB"\nCREATE TEMP TABLE t (a int); BEGIN; INSERT INTO t VALUES (1)')
    kernel.run('%%underpass "My DB"\nROLLBACK')
    assert "0" in kernel.run('%%sql "My DB"\nSELECT count(*) FROM t').results[0]


def test_a_refused_statement_shows_where_and_no_stack(kernel: Kernel) -> None:
    cell = kernel.run('%%sql "My DB"\nSELECT 1;\nSELECT *\n  FRM t')
    assert cell.error is not None
    name, text = cell.error
    assert name == "UnderpassError"
    assert "query-failed" in text
    assert "Statement 2 of 2" in text
    assert "4 |   FRM t\n  |   ^" in text
    assert "Traceback" not in text


def test_a_value_in_place_of_a_name_is_explained(kernel: Kernel) -> None:
    cell = kernel.run('%%sql "My DB"\nSELECT * FROM {{ "t" }}')
    assert cell.error is not None
    assert "can not stand for a name" in cell.error[1]
    assert '2 | SELECT * FROM {{ "t" }}\n  |               ^' in cell.error[1]


def test_stop_cancels_on_the_server_and_the_next_cell_works(kernel: Kernel, server: Server) -> None:
    kernel.run('%%sql "My DB"\nCREATE TEMP TABLE kept (a int)')
    running = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep(47)%'"
    others = f"{running} AND pid <> pg_backend_pid()"
    request = kernel.client.execute('%%sql "My DB"\nSELECT pg_sleep(47)', allow_stdin=False)
    wait_until(server, others, "1")
    kernel.manager.interrupt_kernel()
    cell = kernel.finish(request)
    assert cell.error == ("KeyboardInterrupt", "Stopped; nothing of this cell runs on the server any more.")
    assert server.run(others) == "0"
    again = kernel.run('%%sql "My DB"\nSELECT count(*) FROM kept')
    assert again.error is None


def test_decimals_are_floats_on_request(kernel: Kernel) -> None:
    kernel.run('%%sql "My DB" -o df --decimals float\nSELECT 1.5 AS x')
    assert kernel.run("print(df.dtypes['x'])").printed == "float64\n"


def test_another_packages_sql_magic_stays(kernel: Kernel) -> None:
    kernel.run("from IPython.core.magic import register_cell_magic")
    kernel.run("@register_cell_magic\ndef sql(line, cell): print('mine')")
    kernel.run("%reload_ext underpass")
    assert kernel.run("%%sql x\ny").printed == "mine\n"
    assert kernel.run('%%underpass "My DB"\nSELECT 1 AS one').error is None


def test_a_warm_cell_costs_at_most_five_milliseconds_more_than_the_driver(
    kernel: Kernel, server: Server
) -> None:
    uri = f"postgresql://analyst:{server.password}@127.0.0.1:{server.port}/postgres"
    cell = kernel.run(
        f"""
import statistics, time
import adbc_driver_postgresql.dbapi as adbc
connection = adbc.connect({uri!r}, autocommit=True)
def bare():
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetch_arrow_table().to_pandas()
def cell():
    get_ipython().run_cell_magic("sql", '"My DB"', "SELECT 1")
def milliseconds(run):
    def once():
        start = time.perf_counter()
        run()
        return (time.perf_counter() - start) * 1000
    [once() for _ in range(5)]
    return min(statistics.median(once() for _ in range(20)) for _ in range(3))
print("cost", milliseconds(cell) - milliseconds(bare))
connection.close()
"""
    )
    assert cell.error is None
    cost = float(cell.printed.split("cost ")[1])
    assert cost < 5
