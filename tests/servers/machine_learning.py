"""MLflow's tracking server and Feast's feature server. Both real, from an environment of their own.

Importing them takes a while: they come up side by side, and ``ready`` waits for both.
"""

from __future__ import annotations

from pathlib import Path
from typing import TypedDict, final

from .namespace import HOSTS, Namespace
from .process import PROJECT_FOLDER, ServerProcess

PROGRAMS = PROJECT_FOLDER / ".build" / "servers" / "ml" / "bin"
MLFLOW_HOST, MLFLOW_PORT = "mlflow.internal", 5000
FEAST_HOST, FEAST_PORT = "feast.internal", 6566


class ServiceDescription(TypedDict):
    """What a client inside the network needs."""

    host: str
    port: int


@final
class MachineLearning:
    """Both servers, with a store each below ``folder``; a context manager."""

    def __init__(self, namespace: Namespace, folder: Path) -> None:
        folder.mkdir()
        self._folder = folder
        self._mlflow = self._start_mlflow(namespace)
        self._feast = self._start_feast(namespace)
        for process, log in (self._mlflow, self._feast):
            process.wait_until(lambda log=log: "Application startup complete" in log.read_text(), seconds=150)

    def _start_mlflow(self, namespace: Namespace) -> tuple[ServerProcess, Path]:
        folder = self._folder / "mlflow"
        folder.mkdir()
        log = folder / "mlflow.log"
        argv = [
            *(str(PROGRAMS / "python"), "-m", "mlflow", "server", "--workers", "1"),
            *("--host", HOSTS[MLFLOW_HOST], "--port", str(MLFLOW_PORT)),
            *("--backend-store-uri", f"sqlite:///{folder}/store.db"),
            *("--artifacts-destination", str(folder / "artifacts")),
        ]
        environment = {
            "HOME": str(folder),
            "MLFLOW_DISABLE_TELEMETRY": "true",
            # Jobs would be a second process as large as the first.
            "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        }
        return namespace.start(argv, log, environment=environment), log

    def _start_feast(self, namespace: Namespace) -> tuple[ServerProcess, Path]:
        folder = self._folder / "feast"
        folder.mkdir()
        log = folder / "feast.log"
        program = Path(__file__).parent / "programs" / "feature_store.py"
        argv = [str(PROGRAMS / "python"), str(program), str(folder), HOSTS[FEAST_HOST], str(FEAST_PORT)]
        environment = {"HOME": str(folder), "FEAST_USAGE": "False"}
        return namespace.start(argv, log, environment=environment), log

    @property
    def mlflow(self) -> ServiceDescription:
        return {"host": MLFLOW_HOST, "port": MLFLOW_PORT}

    @property
    def feast(self) -> ServiceDescription:
        return {"host": FEAST_HOST, "port": FEAST_PORT}

    def __enter__(self) -> MachineLearning:
        return self

    def __exit__(self, *exception: object) -> None:
        for process, _ in (self._mlflow, self._feast):
            process.stop()
