"""A driver that is not there is said with the line that installs it, and that line works."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.driverless import KERNEL, make_kernel
from tests.kernel import Kernel
from tests.workspace import Workspace

OFFER = "application/vnd.underpass.failure+json"


def test_the_line_of_the_error_installs_the_driver_and_the_cell_runs(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_kernel(tmp_path)
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    query = '%%sql "My DB" -o df\nSELECT 6 * 7 AS answer'
    with Kernel(workspace, KERNEL) as kernel:
        cell = kernel.run(query)
        assert cell.error == "UnderpassError"
        assert "driver-missing" in cell.text
        # What a front end offers to do for the person.
        (failure,) = [shown[OFFER] for shown in cell.shown if OFFER in shown]
        assert failure["detail"]["requirement"] == "underpass[postgresql]"

        (line,) = set(re.findall(r"%pip install '[^']+'", cell.text))
        installed = kernel.run(line, seconds=120)
        assert installed.error is None
        assert "Successfully installed adbc-driver-postgresql" in installed.text
        again = kernel.run(query)
        assert again.error is None, again.text
        assert kernel.run("print(df.answer[0])").text.strip() == "42"


def test_other_failures_offer_nothing(workspace: Workspace) -> None:
    with Kernel(workspace) as kernel:
        cell = kernel.run('%%sql "No such DB"\nSELECT 1')
    assert cell.error == "UnderpassError"
    assert not [shown for shown in cell.shown if OFFER in shown]
