"""Build hook: a wheel without the tunnel service would install and then fail at its first use."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class RequireService(BuildHookInterface):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Refuse to build without the bundled service; an editable install may do without."""
        bundle = Path(self.root, "underpass", "_service", "underpass.cjs")
        if version != "editable" and not bundle.is_file():
            raise RuntimeError(
                f"{bundle} is missing. Build it first, in the root folder of the repository: "
                "npx tsc --build && npm run bundle --workspace @underpass/service"
            )
