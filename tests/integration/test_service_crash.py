"""A service in which something happens that nobody foresaw, and what its clients have of it."""

from __future__ import annotations

import base64
import os
import signal
import subprocess
from collections.abc import Iterator

import pytest

from tests.clients import await_gone
from tests.workspace import Workspace, forward_port, until_line
from underpass.node import find_node, find_service
from underpass.service_environment import service_environment

#: Loaded into the process beside the service; makes it fail from within when it is told to.
FAULTS = """
process.on('SIGUSR2', () => { throw new TypeError('nobody caught this') });
process.on('SIGWINCH', () => { Promise.reject(new TypeError('nobody waited for this')) });
"""


@pytest.fixture
def faulty(workspace: Workspace) -> Iterator[int]:
    """Process id of a service of the workspace that can be made to fail."""
    workspace.result("stop")
    module = "data:text/javascript;base64," + base64.b64encode(FAULTS.encode()).decode()
    with subprocess.Popen(
        [find_node(), "--import", module, str(find_service()), "serve"],
        env=service_environment(workspace.environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdout is not None
        # Somebody listens now.
        assert process.stdout.readline()
        yield process.pid
        process.kill()


def test_after_an_exception_that_nobody_caught_it_ends_in_order_and_forwards_come_back(
    workspace: Workspace, faulty: int
) -> None:
    with workspace.running("forward", "My DB") as process:
        port = forward_port(process)
        assert workspace.service() == faulty
        os.kill(faulty, signal.SIGUSR2)
        assert process.stderr is not None
        until_line(process.stderr, "The tunnel service is back.")
        assert workspace.service() not in (None, faulty)
        (forward,) = workspace.result("status")["forwards"]
        assert forward["localPort"] == port
    (error,) = [line for line in workspace.log() if line["level"] == "error"]
    assert (error["event"], error["message"]) == ("uncaught-exception", "nobody caught this")
    assert error["stack"]
    assert [line["why"] for line in workspace.log() if line["event"] == "ended"][-1] == "an unforeseen error"


def test_a_promise_that_nobody_waited_for_is_written_down_and_the_service_goes_on(
    workspace: Workspace, faulty: int
) -> None:
    with workspace.forward("My DB"):
        os.kill(faulty, signal.SIGWINCH)
        # It has seen the signal once it has answered after it.
        (forward,) = workspace.result("status")["forwards"]
        assert forward["state"]["kind"] == "up"
        assert workspace.service() == faulty
    (error,) = [line for line in workspace.log() if line["level"] == "error"]
    assert (error["event"], error["message"]) == ("unhandled-rejection", "nobody waited for this")


def test_forwards_move_to_the_service_that_has_taken_the_place_of_theirs(workspace: Workspace) -> None:
    with workspace.running("forward", "My DB") as process:
        forward_port(process)
        former = workspace.service()
        assert former is not None
        for path in [*workspace.runtime.glob("*.sock"), *workspace.runtime.glob("*.pid")]:
            path.unlink()
        workspace.result("key", "show")
        await_gone(former, seconds=20)
        assert process.stderr is not None
        until_line(process.stderr, "The tunnel service is back.")
        (forward,) = workspace.result("status")["forwards"]
        assert len(forward["heldBy"]) == 1
