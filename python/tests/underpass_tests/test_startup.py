"""The file that IPython runs at its start."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

STARTUP = Path(__file__).parents[2] / "etc" / "ipython" / "startup" / "00-underpass.py"


def run_ipython(folder: Path, code: str) -> str:
    """Output of IPython with the startup file in its profile."""
    startup = folder / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / STARTUP.name).write_text(STARTUP.read_text())
    finished = subprocess.run(
        [sys.executable, "-m", "IPython", "--colors=NoColor", "--HistoryManager.enabled=False", "-c", code],
        env={**os.environ, "IPYTHONDIR": str(folder)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def test_the_cells_are_announced_without_an_import(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "manager = get_ipython().magics_manager\n"
        "print({'sql', 'underpass'} <= {*manager.lazy_magics}, 'underpass' in sys.modules)\n"
        "print('_announce' in globals())"
    )
    assert run_ipython(tmp_path, code) == "True False\nFalse\n"


def test_the_first_cell_loads_them(tmp_path: Path) -> None:
    code = (
        "try:\n"
        "    get_ipython().run_cell_magic('sql', '', 'SELECT 1')\n"
        "except Exception as error:\n"
        "    print(type(error).__name__)"
    )
    assert run_ipython(tmp_path, code) == "UnderpassError\n"


def test_it_never_raises_where_there_is_no_ipython() -> None:
    assert subprocess.run([sys.executable, STARTUP]).returncode == 0
