from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from underpass.arguments import Arguments
from underpass.cell import run_cell
from underpass.client import ServiceClient
from underpass.connectors.base import Rows
from underpass.failure import UnderpassError
from underpass.integration import Integration
from underpass.interrupt import Abandoned
from underpass.pool import RESTED, Pool
from underpass.ready import Ready

from .conftest import Server, stop, wait_until


class Session:
    """Runs statements on an integration's pooled connection, as cells do."""

    def __init__(self, integration: Integration) -> None:
        self.pool, self.integration = Pool(), integration

    def run(self, sql: str, ready: Ready | None = None) -> Any:
        with self.pool.connection(self.integration, ready or self.integration.ensure()) as pooled:
            answer = pooled.connector.run(sql, [])
        return answer.take().column(0)[0].as_py() if isinstance(answer, Rows) else None

    def backend(self) -> int:
        return self.run("SELECT pg_backend_pid()")


@pytest.fixture
def session(client: ServiceClient, workspace: Path, database: str) -> Iterator[Session]:
    session = Session(Integration(client, database, str(workspace)))
    yield session
    session.pool.close()


def terminate(server: Server, backend: int) -> None:
    server.run(f"SELECT pg_terminate_backend({backend}, 5000)")


def test_cells_share_one_connection(session: Session) -> None:
    assert session.backend() == session.backend()


def test_a_dead_connection_is_replaced_before_anything_is_sent(session: Session, server: Server) -> None:
    backend = session.backend()
    terminate(server, backend)
    assert session.backend() != backend


def test_another_generation_means_another_connection(session: Session) -> None:
    backend = session.backend()
    ready = replace(session.integration.ensure(), generation=7)
    assert session.run("SELECT pg_backend_pid()", ready) != backend


def test_a_lost_transaction_is_an_error_once(session: Session, server: Server) -> None:
    session.run("BEGIN")
    terminate(server, session.backend())
    with pytest.raises(UnderpassError) as error:
        session.run("SELECT 1")
    assert error.value.failure["code"] == "connection-lost"
    assert "rolled back" in error.value.failure["message"]
    assert session.run("SELECT 1") == 1


def test_a_cell_that_loses_its_own_transaction_says_so(session: Session) -> None:
    cell = "BEGIN; CREATE TEMP TABLE kept (a int); SELECT pg_terminate_backend(pg_backend_pid())"
    with pytest.raises(UnderpassError) as error:
        run_cell(cell, session.integration, session.pool, eval, Arguments("My DB"))
    assert error.value.failure["code"] == "connection-lost"
    assert "rolled back" in error.value.failure["message"]


def test_a_cell_with_half_a_character_is_refused(session: Session) -> None:
    with pytest.raises(UnderpassError) as error:
        run_cell("SELECT '\ud800'", session.integration, session.pool, eval, Arguments("My DB"))
    assert error.value.failure["code"] == "invalid-request"


def test_a_transaction_of_an_older_generation_is_an_error_once(session: Session) -> None:
    session.run("BEGIN")
    ready = replace(session.integration.ensure(), generation=7)
    with pytest.raises(UnderpassError, match="connected anew"):
        session.run("SELECT 1", ready)
    assert session.run("SELECT 1", ready) == 1


def test_a_connection_lost_within_a_statement_is_not_tried_again(session: Session) -> None:
    session.run("CREATE TABLE IF NOT EXISTS tries (a int)")
    session.run("TRUNCATE tries")
    with pytest.raises(UnderpassError) as error:
        session.run("WITH dying AS (SELECT pg_terminate_backend(pg_backend_pid())) TABLE dying")
    assert error.value.failure["code"] == "connection-lost"
    assert session.run("SELECT count(*) FROM tries") == 0


def test_a_failed_statement_keeps_the_connection(session: Session) -> None:
    backend = session.backend()
    with pytest.raises(UnderpassError):
        session.run("SELECT nowhere")
    assert session.backend() == backend


@pytest.fixture
def frozen(session: Session, interruptible: None) -> Iterator[int]:
    """The backend of an open transaction, which stands still while the pool asks whether it is there."""
    session.run("BEGIN")
    session.run("CREATE TEMP TABLE kept ON COMMIT DROP AS SELECT 1 AS a")
    backend = session.backend()
    os.kill(backend, signal.SIGSTOP)
    time.sleep(2 * RESTED)
    yield backend
    with suppress(ProcessLookupError):
        os.kill(backend, signal.SIGCONT)


def test_stop_while_the_pool_asks_spares_the_transaction(session: Session, frozen: int) -> None:
    timers = [threading.Timer(0.3, stop), threading.Timer(0.9, os.kill, (frozen, signal.SIGCONT))]
    for timer in timers:
        timer.start()
    with pytest.raises(KeyboardInterrupt) as stopped:
        session.run("SELECT 1")
    assert not isinstance(stopped.value, Abandoned)
    assert session.run("SELECT a FROM kept") == 1


@pytest.mark.parametrize("times", [1, 2])
def test_a_connection_that_does_not_answer_is_given_up_with_stop(
    session: Session, server: Server, frozen: int, times: int
) -> None:
    for number in range(times):
        threading.Timer(0.3 * (number + 1), stop).start()
    with pytest.raises(Abandoned):
        session.run("SELECT 1")
    assert session.backend() != frozen
    os.kill(frozen, signal.SIGCONT)
    wait_until(server, f"SELECT count(*) FROM pg_stat_activity WHERE pid = {frozen}", "0")


def test_stop_is_heard_while_another_thread_has_the_connection(
    session: Session, server: Server, interruptible: None
) -> None:
    # As polars installs its handler, which the driver imports.
    signal.siginterrupt(signal.SIGINT, False)
    backend = session.backend()
    other = threading.Thread(target=session.run, args=["SELECT pg_sleep(4)"])
    other.start()
    asleep = f"pid = {backend} AND wait_event = 'PgSleep'"
    wait_until(server, f"SELECT count(*) FROM pg_stat_activity WHERE {asleep}", "1")
    threading.Timer(0.3, stop).start()
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        session.run("SELECT 1")
    assert time.monotonic() - start < 2
    other.join()
    assert session.run("SELECT 1") == 1


_FORKING = """
import atexit, os, sys
from underpass.client import ServiceClient
from underpass.integration import Integration
from underpass.pool import Pool

pool, integration = Pool(), Integration(ServiceClient("a test"), sys.argv[1], sys.argv[2])
atexit.register(pool.close)

def run(sql):
    with pool.connection(integration, integration.ensure()) as pooled:
        return pooled.connector.run(sql, [])

run("BEGIN")
run("CREATE TEMP TABLE kept (a int)")
child = os.fork()
if child == 0:
    sys.exit()
os.waitpid(child, 0)
print(run("SELECT count(*) AS rows FROM kept").take().to_pylist())
"""


def test_a_fork_that_ends_leaves_its_parents_transaction(
    client: ServiceClient, workspace: Path, database: str
) -> None:
    finished = subprocess.run(
        [sys.executable, "-c", _FORKING, database, str(workspace)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (finished.stdout, finished.returncode) == ("[{'rows': 0}]\n", 0), finished.stderr
