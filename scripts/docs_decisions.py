"""A hook of mkdocs: every decision is in the navigation, without a line of its own there."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def on_config(config: Any) -> None:
    """Add the section to ``nav``, in the order of the numbers."""
    folder = Path(config.docs_dir) / "decisions"
    numbered = sorted(page.name for page in folder.glob("[0-9]*.md"))
    pages = [f"decisions/{name}" for name in ("README.md", *numbered)]
    config.nav = [*config.nav, {"Decisions": pages}]
