"""What the administrator of the server decides, in a real server with a real tunnel service."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from underpass.client import ServiceClient

from .conftest import SSH_TUNNEL, Browser, end_service
from .test_events import next_hint

DATABASE = {
    "type": "postgresql",
    "name": "My DB",
    "fields": {"host": "db.internal", "user": "me", "database": "shop"},
}


def configured(**traits: object) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        "jp_server_config",
        [
            {
                "ServerApp": {"jpserver_extensions": {"jupyterlab_underpass": True}},
                "UnderpassExtension": traits,
            }
        ],
    )


async def refusal(browser: Browser, method: str, params: dict[str, Any]) -> dict[str, Any]:
    answer = await browser.post({"method": method, "params": params, "path": ""})
    return answer["failure"]


async def test_without_configuration_all_is_allowed(browser: Browser) -> None:
    policy = await browser.call("underpass/policy/show")
    assert policy == {
        "sshTunnels": True,
        "genericTunnel": True,
        "caUpload": True,
        "egress": True,
        "from": [],
        "problems": [],
    }


@configured(ssh_tunnels=False, egress_addresses=["198.18.0.7", "1.1.1.0/24"])
async def test_what_is_configured_is_so_for_browsers_and_for_everybody_else(
    browser: Browser, jp_serverapp: Any
) -> None:
    failure = await refusal(browser, "underpass/integrations/add", SSH_TUNNEL)
    assert failure["code"] == "switched-off"
    assert jp_serverapp.root_dir in failure["message"]
    shown = await browser.call("underpass/egress/show")
    assert shown["source"] == "admin"
    assert shown["addresses"] == ["198.18.0.7", "1.1.1.0/24"]
    failure = await refusal(browser, "underpass/egress/set", {"addresses": ["9.9.9.9"]})
    assert failure["code"] == "switched-off"

    def other() -> Any:
        client = ServiceClient("test")
        try:
            return client.request("underpass/policy/show", {})
        finally:
            client.close()

    assert (await asyncio.to_thread(other))["sshTunnels"] is False
    await jp_serverapp.cleanup_extensions()
    assert (await asyncio.to_thread(other))["sshTunnels"] is True


@configured(generic_tunnel=False)
async def test_it_is_said_again_to_the_service_that_comes_after_one_that_was_killed(
    browser: Browser, jp_ws_fetch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    socket = await jp_ws_fetch("api", "events", "subscribe")
    await browser.call("underpass/policy/show")
    # A service that lived for a moment only is not started again before somebody asks.
    monkeypatch.setattr("jupyterlab_underpass.service.STABLE", 0)
    first = await asyncio.to_thread(end_service, signal.SIGKILL)
    # Nobody but the server itself asks.
    await next_hint(socket, "policy")
    while True:
        hint = await next_hint(socket, "policy")
        if hint["revision"] > 0:
            break
    policy = await browser.call("underpass/policy/show")
    assert policy["genericTunnel"] is False
    assert (await browser.call("underpass/status"))["pid"] != first


@configured(ssh_tunnels="no", ca_upload=None, egress_addresses=["9.9.9.9", "proxy.example.org", 7])
async def test_values_without_sense_do_not_stop_the_server_and_switch_off(
    browser: Browser, jp_serverapp: Any, caplog: pytest.LogCaptureFixture
) -> None:
    policy = await browser.call("underpass/policy/show")
    assert (policy["sshTunnels"], policy["caUpload"], policy["egress"]) == (False, False, True)
    assert len(policy["problems"]) == 4
    assert (await browser.call("underpass/egress/show"))["addresses"] == ["9.9.9.9"]


def test_what_makes_no_sense_is_said_when_the_server_starts(tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.mkdir()
    (config / "jupyter_server_config.py").write_text(
        "c.UnderpassExtension.ssh_tunnels = 'no'\n"
        "c.UnderpassExtension.egress_addresses = ['9.9.9.9', 'proxy.example.org']\n"
        "c.UnderpassExtension.egress_addresses.append('10.0.0.1/33')\n"
    )
    log = start_and_stop(tmp_path, config, "--UnderpassExtension.ca_upload=perhaps")
    assert "c.UnderpassExtension.ssh_tunnels must be True or False, not 'no'" in log
    assert "c.UnderpassExtension.ca_upload must be True or False, not 'perhaps'" in log
    assert "'proxy.example.org' is no IP address" in log
    assert "'10.0.0.1/33' is no IP address" in log
    assert "9.9.9.9" not in log


def test_a_configuration_that_can_not_be_read_to_its_end_switches_everything_off(tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.mkdir()
    (config / "jupyter_server_config.py").write_text("c.UnderpassExtension.local_provisioners = 7\n")
    log = start_and_stop(tmp_path, config)
    assert "all that it may switch off is switched off" in log


def start_and_stop(tmp_path: Path, config: Path, *arguments: str) -> str:
    """Start a server of its own, and give what it logs until it listens."""
    root = tmp_path / "root"
    root.mkdir()
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root"),
            *("--ServerApp.port=0", f"--ServerApp.root_dir={root}"),
            "--ServerApp.jpserver_extensions={'jupyterlab_underpass': True}",
            *arguments,
        ],
        env={
            **os.environ,
            "JUPYTER_CONFIG_DIR": str(config),
            "JUPYTER_RUNTIME_DIR": str(tmp_path / "jupyter-runtime"),
            "JUPYTER_PLATFORM_DIRS": "0",
        },
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    with server:
        assert server.stderr is not None
        log = ""
        try:
            for line in server.stderr:
                log += line
                if "is running at" in line:
                    return log
        finally:
            server.send_signal(signal.SIGTERM)
            server.stderr.read()
    raise AssertionError(log)
