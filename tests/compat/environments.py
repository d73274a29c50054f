"""Where Underpass is installed: alone, and beside what people have."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tests.servers.process import PROJECT_FOLDER
from tests.workspace import Workspace

#: The Python of each environment. The second one has jupyter-collaboration, jupyterlab-lsp and jupysql;
#: ``scripts/install-compat.sh`` makes it.
PYTHONS = {"alone": Path(sys.executable), "beside others": PROJECT_FOLDER / ".build/compat/bin/python"}


def enter(workspace: Workspace, python: Path) -> None:
    """Have what runs in the workspace find the programs of an environment, and only its packages."""
    environment = workspace.environment
    environment["PATH"] = f"{python.parent}{os.pathsep}{environment['PATH']}"
    if python != PYTHONS["alone"]:
        environment.pop("PYTHONPATH", None)
        environment.pop("VIRTUAL_ENV", None)
