"""Tests of servers that could not be installed are not run: one failure says it instead of hundreds.

``scripts/install-servers.sh`` leaves ``.build/servers/NAME.failed``; ``scripts/run_suites.py`` counts each as
a failure. A test needs the server of its parameter ``system``, of its module's ``SYSTEM``, and those that
``@pytest.mark.server(NAME)`` names.
"""

from __future__ import annotations

import pytest

from tests.servers.process import PROJECT_FOLDER

#: Servers that are installed together by one script.
SCRIPT_OF = {"mlflow": "ml", "feast": "ml"}


def missing_servers() -> set[str]:
    """Names of scripts in ``scripts/servers`` that failed."""
    return {path.stem for path in (PROJECT_FOLDER / ".build" / "servers").glob("*.failed")}


def servers_of(item: pytest.Item) -> set[str]:
    """What a test needs, as names of those scripts; also names without one."""
    if not isinstance(item, pytest.Function):
        return set()
    parameters = item.callspec.params if hasattr(item, "callspec") else {}
    names = {parameters.get("system"), getattr(item.module, "SYSTEM", None)}
    names |= {name for marker in item.iter_markers("server") for name in marker.args}
    return {SCRIPT_OF.get(name, name) for name in names if isinstance(name, str)}


def deselect(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take the tests of missing servers out of ``items``."""
    missing = missing_servers()
    dropped = [item for item in items if servers_of(item) & missing]
    if dropped:
        config.hook.pytest_deselected(items=dropped)
        items[:] = [item for item in items if not servers_of(item) & missing]
