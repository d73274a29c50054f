"""Build hook: a wheel without the front end or the list of methods would install, and fail when used."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BUILT = ("jupyterlab_underpass/labextension/package.json", "jupyterlab_underpass/methods.json")


class RequireBuilt(BuildHookInterface):
    """Nothing is built here: that takes Node.js and a network, and ``npm run build`` does it."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Refuse to build without what the build made; an editable install may do without."""
        missing = [path for path in BUILT if not Path(self.root, path).is_file()]
        if missing and version != "editable":
            raise RuntimeError(f"{' and '.join(missing)} is missing. Build it first: npm run build")
