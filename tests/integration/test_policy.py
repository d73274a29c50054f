"""What an administrator decides on a machine, as users meet it; and that the documentation of it is right."""

from __future__ import annotations

import json
import re
import shlex
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from traitlets.config import Config

from jupyterlab_underpass import UnderpassExtension
from tests.kernel import Kernel
from tests.servers import PrivateNetwork
from tests.workspace import Workspace

DOCS = Path(__file__).parents[2] / "docs"


class Administrator:
    """Writes the policy file of a machine."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.path = workspace.home.parent / "policy.json"
        workspace.environment["UNDERPASS_POLICY_FILE"] = str(self.path)
        self.path.write_text("{}")

    def decide(self, policy: object) -> None:
        """Wait until the running service knows it, as a person would: by asking."""
        before = self._workspace.result("policy", "show")
        self.path.write_text(policy if isinstance(policy, str) else json.dumps(policy))
        deadline = time.monotonic() + 30
        while self._workspace.result("policy", "show") == before:
            assert time.monotonic() < deadline, "the service does not notice the policy"


@pytest.fixture
def administrator(empty_workspace: Workspace) -> Administrator:
    return Administrator(empty_workspace)


def test_a_tunnel_that_is_forbidden_while_it_is_used_is_closed_and_comes_back(
    administrator: Administrator, workspace: Workspace
) -> None:
    with Kernel(workspace) as kernel:
        kernel.run("%load_ext underpass")
        assert kernel.run('%%sql "My DB"\nSELECT 1').error is None
        with workspace.forward("My DB") as port:
            administrator.decide({"sshTunnels": False})
            with socket.socket() as probe:
                assert probe.connect_ex(("127.0.0.1", port)) != 0
        refused = kernel.run('%%sql "My DB"\nSELECT 1')
        assert "switched-off" in refused.text
        assert "administrator" in refused.text
        assert str(administrator.path) in refused.text
        for command in (["forward", "My DB"], ["connect", "My DB"], ["run", "My DB", "--", "true"]):
            assert workspace.failure(*command)["code"] == "switched-off"
        listed = workspace.result("integration", "list")
        assert [entry["unusable"]["code"] for entry in listed] == ["switched-off"]
        administrator.decide({})
        with workspace.forward("My DB") as again:
            assert again == port
        assert kernel.run('%%sql "My DB"\nSELECT 1').error is None


def test_a_policy_file_that_is_damaged_forbids_and_is_reported(
    administrator: Administrator, workspace: Workspace
) -> None:
    administrator.decide('{"sshTunnels": tr')
    shown = workspace.result("policy", "show")
    assert not any(shown[feature] for feature in ("sshTunnels", "genericTunnel", "caUpload", "egress"))
    assert str(administrator.path) in shown["problems"][0]
    assert "is not JSON" in workspace.underpass("policy", "show").stdout
    assert "policy" in workspace.underpass("doctor").stdout
    assert "policy-problem" in workspace.underpass("logs").stdout
    assert workspace.failure("egress", "show", "--guide", "x")["code"] == "switched-off"
    assert workspace.failure("egress", "set", "9.9.9.9")["code"] == "switched-off"


def test_the_commands_of_the_guides_are_printed_as_they_are_to_be_copied(
    administrator: Administrator, empty_workspace: Workspace
) -> None:
    empty_workspace.result("egress", "set", "107.22.50.0", "18.214.47.38", "2620:fe::fe")
    printed = empty_workspace.underpass("egress", "show", "--guide", "aws-security-group").stdout
    command = printed[printed.index("aws ec2") : printed.index("\n\nhttps://")]
    words = shlex.split(command)
    assert words[:3] == ["aws", "ec2", "authorize-security-group-ingress"]
    (permission,) = json.loads(words[-1])
    assert [entry["CidrIp"] for entry in permission["IpRanges"]] == ["107.22.50.0/32", "18.214.47.38/32"]
    assert [entry["CidrIpv6"] for entry in permission["Ipv6Ranges"]] == ["2620:fe::fe/128"]


def blocks(page: str, language: str) -> Iterator[str]:
    text = (DOCS / page).read_text()
    for block in re.finditer(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        yield block[1]


def test_the_commands_of_the_documentation_work(administrator: Administrator, workspace: Workspace) -> None:
    lines = [line for block in blocks("egress.md", "shell") for line in block.splitlines()]
    assert len(lines) >= 7
    for line in lines:
        program, *arguments = shlex.split(line)
        assert program == "underpass"
        finished = workspace.underpass(*arguments)
        assert finished.returncode == 0, f"{line}: {finished.stderr}"


def test_the_policy_file_of_the_documentation_works(
    administrator: Administrator, empty_workspace: Workspace
) -> None:
    (block,) = blocks("policy.md", "json")
    administrator.decide(block)
    shown = empty_workspace.result("policy", "show")
    assert shown["problems"] == []
    assert {name: shown[name] for name in ("sshTunnels", "genericTunnel", "caUpload", "egress")} == {
        "sshTunnels": True,
        "genericTunnel": False,
        "caUpload": False,
        "egress": True,
    }
    assert empty_workspace.result("egress", "show")["source"] == "admin"


def test_the_configuration_of_the_documentation_names_traits_that_there_are() -> None:
    code = [*blocks("egress.md", "python"), *blocks("policy.md", "python")]
    assert len(code) == 2
    config = Config()
    exec("\n".join(code), {"c": config})
    extension = UnderpassExtension(config=config)
    given: dict[str, Any] = config["UnderpassExtension"]
    assert set(given) <= set(extension.trait_names(config=True))
    assert {name: getattr(extension, name) for name in given} == dict(given)


def test_a_workspace_behind_a_policy_can_still_use_what_is_allowed(
    administrator: Administrator, workspace: Workspace, network: PrivateNetwork
) -> None:
    administrator.decide({"genericTunnel": False, "caUpload": False})
    assert workspace.underpass("run", "My DB", "--", "true").returncode == 0
    types = [entry["id"] for entry in workspace.result("integration", "types")]
    assert "ssh-tunnel" not in types
    failure = workspace.failure(
        *("integration", "add", "--type", "ssh-tunnel", "--name", "Any"),
        *("--set", "sshHost=b", "--set", "sshUser=me", "--set", "remoteHost=db", "--set", "remotePort=1"),
    )
    assert failure["code"] == "switched-off"
