"""Somebody with a notebook, inside the private network or outside, who does as told.

``python -m tests.matrix.probe PROJECT`` reads one JSON object a line (``type``, ``fields``, ``secrets``,
``cell``): adds the integration, runs the cell, removes it, and prints ``{"text": …}`` (the rows) or
``{"failure": …}``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any, final

from tests.person import Person
from tests.servers import PrivateNetwork
from tests.servers.process import PROJECT_FOLDER
from tests.workspace import Workspace
from underpass.failure import Failure, UnderpassError

NAME = "Probe"


@final
class Probe:
    """Such a process; a context manager."""

    def __init__(self, workspace: Workspace, network: PrivateNetwork, *, inside: bool) -> None:
        argv = [sys.executable, "-m", "tests.matrix.probe", str(workspace.project)]
        path = f"{PROJECT_FOLDER}:{workspace.environment.get('PYTHONPATH', '')}".rstrip(":")
        self._process = Popen(
            network.namespace.command(argv) if inside else argv,
            env={**workspace.environment, "PYTHONPATH": path},
            stdin=PIPE,
            stdout=PIPE,
            text=True,
        )

    def __enter__(self) -> Probe:
        return self

    def __exit__(self, *exception: object) -> None:
        self._process.communicate()

    def run(
        self, type_id: str, fields: Mapping[str, Any], secrets: Mapping[str, str], cell: str
    ) -> str | Failure:
        """The rows of a cell as text, or why there are none."""
        request = {"type": type_id, "fields": fields, "secrets": secrets, "cell": cell}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        return answer["text"] if "text" in answer else answer["failure"]


def serve(project: Path) -> None:
    """Answer requests until the input ends."""
    with Person(project) as person:
        for line in sys.stdin:
            request = json.loads(line)
            person.add(request["type"], NAME, request["fields"], request["secrets"])
            try:
                frame = person.cell(NAME, request["cell"]).frame
                answer = {"text": "" if frame is None else str(frame.to_dict())}
            except UnderpassError as error:
                answer = {"failure": error.failure}
            finally:
                person.remove(NAME)
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
