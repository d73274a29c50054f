"""Browsers and servers for the tests of how Underpass gets along with others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser

from tests.compat.environments import PYTHONS, enter
from tests.compat.page import NotebookPage
from tests.jupyterlab import JupyterLab
from tests.workspace import Workspace

Application = Literal["lab", "notebook"]
OpenNotebook = Callable[..., NotebookPage]


@pytest.fixture
def python() -> Path:
    """Of the environment with the other extensions."""
    return PYTHONS["beside others"]


@pytest.fixture
def open_notebook(workspace: Workspace, chromium: Browser, python: Path) -> Iterator[OpenNotebook]:
    """Opens a notebook of the workspace in a browser: each time as another person, on the same server."""
    enter(workspace, python)
    with ExitStack() as stack:
        servers: dict[str, JupyterLab] = {}

        def open_notebook(path: Path, application: Application = "lab") -> NotebookPage:
            if application not in servers:
                exposed = {"lab": "LabApp", "notebook": "JupyterNotebookApp"}[application]
                arguments = (f"--{exposed}.expose_app_in_browser=True",)
                servers[application] = stack.enter_context(
                    JupyterLab(workspace, arguments, python=python, application=application)
                )
            context = chromium.new_context(viewport={"width": 1280, "height": 800})
            stack.callback(context.close)
            page = NotebookPage(context.new_page(), application)
            page.open(servers[application], path.relative_to(workspace.project))
            return page

        yield open_notebook
