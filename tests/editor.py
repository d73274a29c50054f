"""An editor that asks for completions, without one."""

from __future__ import annotations

import os
import sys
import time
from typing import Any

from tests.clients import Shim
from tests.workspace import Workspace


class Editor:
    """Asks as an editor does."""

    def __init__(self, workspace: Workspace, shim: Shim) -> None:
        self._workspace = workspace
        self._shim = shim

    def ask(self, cell: str) -> dict[str, Any]:
        """What is offered at ``|`` now."""
        before = cell[: cell.index("|")]
        params = {
            "folder": str(self._workspace.project),
            "text": cell.replace("|", ""),
            "line": before.count("\n"),
            "character": len(before.rpartition("\n")[2]),
            "python": {"program": sys.executable, "path": os.environ.get("PYTHONPATH", "")},
        }
        answer = self._shim.ask("underpass/language/complete", params)
        assert "result" in answer, answer
        return answer["result"]

    def offered(self, cell: str, expected: str | None = None) -> list[str]:
        """What is offered once all has been read, or once there is ``expected``."""
        deadline = time.monotonic() + 30
        while True:
            answer = self.ask(cell)
            texts = [item["text"] for item in answer["items"]]
            if expected in texts or (expected is None and not answer["isReading"]):
                return texts
            assert time.monotonic() < deadline, (answer, self._workspace.log()[-3:])
