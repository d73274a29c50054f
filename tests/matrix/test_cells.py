"""``%%sql`` on every system, in a real kernel, through the tunnel and in the mode strict."""

from __future__ import annotations

import secrets
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.kernel import Kernel
from tests.person import Person, fields_of
from tests.servers import PrivateNetwork
from tests.servers.databases import SYSTEMS, Database
from tests.workspace import Workspace

NAME = "My DB"
#: Seconds within which a statement must have ended on the server after Stop.
STOPPED = 1.0


@pytest.fixture(scope="module", params=SYSTEMS)
def system(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def database(system: str, network: PrivateNetwork) -> Database:
    return network.database(system)


@pytest.fixture(scope="module")
def kernel(system: str, database: Database, network: PrivateNetwork) -> Iterator[Kernel]:
    with (
        tempfile.TemporaryDirectory(prefix="underpass-") as folder,
        pytest.MonkeyPatch.context() as patch,
    ):
        workspace = Workspace(Path(folder))
        workspace.authorize(network)
        workspace.approve_host_key(network)
        for name in ("UNDERPASS_HOME", "UNDERPASS_RUNTIME_DIR", "PATH"):
            patch.setenv(name, workspace.environment[name])
        situation = "demanded" if "offered" in database.impossible else "offered"
        fields, passwords = fields_of(database, network, situation, mode="strict")
        with Person(workspace.project) as person:
            person.add(system, NAME, fields, passwords)
        with Kernel(workspace) as kernel:
            yield kernel
        workspace.close()


@pytest.mark.parametrize(
    ("frame", "family"), [("pandas", "pandas"), ("polars", "polars"), ("arrow", "pyarrow")]
)
def test_a_cell_gives_its_rows_to_a_variable(
    kernel: Kernel, database: Database, frame: str, family: str
) -> None:
    marker = f"marker{secrets.token_hex(8)}"
    cell = kernel.run(f'%%sql "{NAME}" -o rows --frame {frame}\n{database.marked(marker)}')
    assert cell.error is None, cell.text
    shown = kernel.run("print(type(rows).__module__.split('.')[0], rows.shape[0], rows)")
    assert shown.text.startswith(f"{family} 1 ")
    assert marker in kernel.run("print(rows.to_pandas() if hasattr(rows, 'to_pandas') else rows)").text


def test_no_rows_are_fetched_with_a_limit_of_none(kernel: Kernel, database: Database) -> None:
    cell = kernel.run(f'%%sql "{NAME}" -o rows --limit 0\n{database.marked("marker")}')
    assert cell.error is None, cell.text
    assert kernel.run("print(len(rows))").text.strip() == "0"


def test_stop_ends_the_statement_on_the_server(kernel: Kernel, database: Database) -> None:
    marker = f"marker{secrets.token_hex(8)}"
    request = kernel.start(f'%%sql "{NAME}"\n{database.slow(marker)}')
    _until(lambda: database.running(marker), 30, "the statement did not start")
    kernel.interrupt()
    if database.unstoppable is None:
        _until(lambda: not database.running(marker), STOPPED, "the statement still runs on the server")
    cell = kernel.finish(request, seconds=15)
    assert cell.error == "KeyboardInterrupt"
    again = kernel.run(f'%%sql "{NAME}" -o rows\n{database.marked(marker)}')
    assert again.error is None, again.text


def _until(reached: Callable[[], bool], seconds: float, otherwise: str) -> None:
    deadline = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < deadline, otherwise
