"""A real JupyterLab server in a workspace's project, used over its REST and websocket interfaces."""

from __future__ import annotations

import contextlib
import json
import re
import secrets
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, final

import requests
import websocket

from tests.outcome import Outcome
from tests.workspace import Workspace


@final
class JupyterLab:
    """The server process; a context manager."""

    def __init__(
        self,
        workspace: Workspace,
        arguments: Sequence[str] = (),
        prefix: Sequence[str] = (),
        python: str | Path = sys.executable,
        application: Literal["lab", "notebook"] = "lab",
    ) -> None:
        """Start it, and wait until it answers.

        Args:
            workspace: It has the workspace's environment.
            arguments: More of them.
            prefix: A command that runs it.
            python: Of the environment that it is installed in.
            application: Notebook 7 is a JupyterLab with another front page.
        """
        token = secrets.token_hex(16)
        self.log = workspace.runtime / "jupyterlab.log"
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [
                    *prefix,
                    *(str(python), "-m", "jupyter", application, "--no-browser", "--allow-root", *arguments),
                    f"--ServerApp.root_dir={workspace.project}",
                    f"--IdentityProvider.token={token}",
                    "--ServerApp.ip=127.0.0.1",
                    f"--ServerApp.port={_free_port()}",
                ],
                env=workspace.environment,
                cwd=workspace.project,
                stdin=subprocess.DEVNULL,
                stderr=log,
            )
        self.address = self._wait_for_address()
        self._http = requests.Session()
        self._http.trust_env = False
        self._http.headers["Authorization"] = f"token {token}"
        self.token = token

    def __enter__(self) -> JupyterLab:
        return self

    def __exit__(self, *exception: object) -> None:
        self._process.terminate()
        self._process.wait(timeout=30)

    @property
    def pid(self) -> int:
        """Of the server's process."""
        return self._process.pid

    def _wait_for_address(self) -> str:
        """The address that the log names, once somebody listens there: it is named a little earlier."""
        deadline = time.monotonic() + 60
        while self._process.poll() is None and time.monotonic() < deadline:
            if found := re.search(r"http://127\.0\.0\.1:(\d+)/", self.log.read_text()):
                with contextlib.suppress(ConnectionRefusedError):
                    socket.create_connection(("127.0.0.1", int(found[1]))).close()
                    return f"127.0.0.1:{found[1]}"
            time.sleep(0.05)
        raise RuntimeError(self.log.read_text())

    def post(self, path: str, body: Any) -> Any:
        """Send JSON, and parse the JSON of the answer, which must be a success."""
        answer = self._http.post(f"http://{self.address}/{path}", json=body, timeout=60)
        answer.raise_for_status()
        return answer.json()

    def delete(self, path: str) -> None:
        """Delete what there is."""
        self._http.delete(f"http://{self.address}/{path}", timeout=60).raise_for_status()

    def request(self, method: str, **params: object) -> Any:
        """Send a request to the tunnel service the way the browser does; gives its result."""
        answer = self.post("underpass/rpc", {"method": f"underpass/{method}", "params": params, "path": ""})
        assert "result" in answer, answer
        return answer["result"]

    @contextlib.contextmanager
    def kernel(self) -> Iterator[ServerKernel]:
        """A new kernel."""
        kernel = self.post("api/kernels", {"name": "python3"})["id"]
        url = f"ws://{self.address}/api/kernels/{kernel}/channels?token={self.token}"
        connection = websocket.create_connection(url, timeout=60, http_no_proxy=["127.0.0.1"])
        try:
            yield ServerKernel(connection)
        finally:
            connection.close()
            self.delete(f"api/kernels/{kernel}")


class ServerKernel:
    """A kernel of the server, spoken to over a websocket."""

    def __init__(self, connection: websocket.WebSocket) -> None:
        self._connection = connection

    def run(self, source: str) -> Outcome:
        """Run a cell to its end, which may be an error."""
        request = uuid.uuid4().hex
        header = {
            "msg_id": request,
            "msg_type": "execute_request",
            "session": "",
            "username": "",
            "version": "5.3",
        }
        content = {"code": source, "silent": False, "store_history": True, "allow_stdin": False}
        message = {
            "header": header,
            "parent_header": {},
            "metadata": {},
            "content": content,
            "channel": "shell",
        }
        self._connection.send(json.dumps(message))
        outcome = Outcome()
        while True:
            answer = json.loads(self._connection.recv())
            if answer["parent_header"].get("msg_id") != request or answer["channel"] != "iopub":
                continue
            outcome.receive(answer)
            if answer["content"].get("execution_state") == "idle":
                return outcome


def _free_port() -> int:
    """Where it is taken meanwhile, the server takes the next one and says so."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
