"""What a press of Tab waits for in an SQL cell, beside pgcli's completer; both have read the catalog before.

Ours is asked through the service's socket, as JupyterLab's server does; pgcli's is called in this process.
"""

# Peers are installed by `make bench` alone.
# pyright: reportMissingImports=false

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.servers import in_turn
from tests.clients import INITIALIZE, Shim
from tests.editor import Editor
from tests.servers import PrivateNetwork
from tests.workspace import Workspace

TABLES = 10_000
ROUNDS = 100
WARM_UP = 5
OURS = "SQL cell"
PEER = "pgcli"
#: What is typed, and what has to be offered at ``|``.
QUESTIONS = {
    "SELECT 1 AS one WHER|": "WHERE",
    "SELECT * FROM m_12|": "m_1208",
    "SELECT o.| FROM orders AS o": "customer_name",
}
PREPARATION = (
    "CREATE TABLE orders (id int, customer_name text, total numeric);"
    f"DO $$ BEGIN FOR n IN 1..{TABLES} LOOP"
    " EXECUTE format('CREATE TABLE %s_%s (one int, two text)', chr(97 + n % 26), n);"
    " IF n % 1000 = 0 THEN COMMIT; END IF; END LOOP; END $$"
)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="underpass-bench-") as name:
        state, folder = Path(name) / "servers", Path(name) / "workspace"
        state.mkdir()
        folder.mkdir()
        with PrivateNetwork(state, ["bastion", "postgresql"]) as network:
            database = str(network.postgresql.description["database"])
            network.postgresql.run(PREPARATION, database=database)
            workspace = Workspace(folder)
            try:
                measure(workspace, network)
            finally:
                workspace.close()


def measure(workspace: Workspace, network: PrivateNetwork) -> None:
    workspace.authorize(network)
    workspace.approve_host_key(network)
    workspace.add_database(network)
    print(f"Completion, {TABLES:,} tables, everything read before, median of {ROUNDS} each, in turn")
    with workspace.forward("My DB") as port, Shim(workspace) as shim:
        shim.ask(*INITIALIZE)
        editor, peer = Editor(workspace, shim), pgcli(network, port)
        for question, expected in QUESTIONS.items():
            cell = f'%%sql "My DB"\n{question}'
            editor.offered(cell, expected)
            assert expected in peer(question), peer(question)
            seconds = in_turn(
                {OURS: timed(editor.ask, cell), PEER: timed(peer, question)},
                ROUNDS,
                WARM_UP,
            )
            ours, theirs = (statistics.median(seconds[way]) * 1000 for way in (OURS, PEER))
            slowest = statistics.quantiles(seconds[OURS], n=20)[-1] * 1000
            print(f"  {question:32} {ours:7.2f} ms (95 %: {slowest:.2f} ms)   {ours / theirs:.2f} x {PEER}")


def timed(ask: Callable[[str], Any], question: str) -> Callable[[], float]:
    def measure() -> float:
        begin = time.perf_counter()
        ask(question)
        return time.perf_counter() - begin

    return measure


def pgcli(network: PrivateNetwork, port: int) -> Callable[[str], list[str]]:
    """Its completer, with the catalog read as its command does."""
    from pgcli.completion_refresher import CompletionRefresher
    from pgcli.pgcompleter import PGCompleter
    from pgcli.pgexecute import PGExecute
    from pgspecial.main import PGSpecial
    from prompt_toolkit.document import Document

    database = network.postgresql.description
    execute = PGExecute(database["database"], database["user"], database["password"], "127.0.0.1", port)
    completer = PGCompleter(smart_completion=True, pgspecial=PGSpecial())
    for refresh in CompletionRefresher.refreshers.values():
        refresh(completer, execute)

    def complete(question: str) -> list[str]:
        text = question.replace("|", "")
        return [item.text for item in completer.get_completions(Document(text, question.index("|")), None)]

    return complete


if __name__ == "__main__":
    main()
