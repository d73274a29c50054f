"""The service's log after a whole story: what happened, and nothing that is nobody's business."""

from __future__ import annotations

import os

import pytest

from tests.kernel import Kernel
from tests.servers import PrivateNetwork
from tests.workspace import Workspace


def test_the_log_tells_the_story_and_no_secret_and_no_sql(
    network: PrivateNetwork, workspace: Workspace
) -> None:
    password = network.postgresql.description["password"]
    with Kernel(workspace) as kernel:
        # The kernel joins these, so that what is searched for is nowhere else.
        cell = kernel.run("%%sql \"My DB\" -o df\nSELECT 'distinctive' || 'statement' AS one")
        assert cell.error is None, cell.text
        assert "distinctivestatement" in kernel.run("print(df)").text
        network.bastion.kill_sessions()
        again = kernel.run('%%sql "My DB"\nSELECT 2')
        assert again.error is None, again.text
    workspace.result("integration", "rename", "My DB", "Other DB")
    workspace.result("integration", "remove", "Other DB", "--yes")
    bastion = network.bastion.description
    workspace.result("hostkey", "remove", f"{bastion['host']}:{bastion['port']}")

    events = [line["event"] for line in workspace.log()]
    for event in (
        *("listening", "client-came", "client-left"),
        *("session-dialling", "session-up", "session-lost", "forward-bound", "forward-closed"),
        *("host-key-approved", "host-key-removed"),
        *("integration-added", "integration-changed", "integration-removed"),
    ):
        assert event in events, event
    (bound,) = [line for line in workspace.log() if line["event"] == "forward-bound"]
    assert (bound["integration"], bound["remote"]) == ("My DB", "db.internal:5432")
    up = next(line for line in workspace.log() if line["event"] == "session-up")
    assert up["bastion"] == f"{bastion['host']}:{bastion['port']}"
    assert up["hostKey"] == bastion["hostKeyFingerprint"]
    assert all({"time", "level", "event"} <= line.keys() for line in workspace.log())

    for log in workspace.runtime.glob("*.log*"):
        text = log.read_text()
        for secret in (password, "distinctive", "PRIVATE KEY", network.postgresql.description["database"]):
            assert secret not in text.replace("My DB", "")


@pytest.mark.parametrize("harm", ["deleted", "a folder"])
def test_a_service_whose_log_is_gone_serves_on(empty_workspace: Workspace, harm: str) -> None:
    empty_workspace.result("key", "show")
    pid = empty_workspace.service()
    (log,) = empty_workspace.runtime.glob("*.log")
    os.remove(log)
    if harm == "a folder":
        log.mkdir()
    empty_workspace.result("key", "show")
    assert empty_workspace.service() == pid
    if harm == "deleted":
        assert [line["event"] for line in empty_workspace.log()] == ["client-came", "client-left"]
