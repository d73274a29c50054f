"""Kernels on another machine than their server's."""

from __future__ import annotations

import pytest

from underpass.client import ServiceClient
from underpass.elsewhere import NOTICE
from underpass.failure import UnderpassError
from underpass.paths import find_paths


def test_a_kernel_elsewhere_starts_no_service_and_says_why(
    client: ServiceClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(NOTICE, "a gateway")
    with pytest.raises(UnderpassError) as refusal:
        client.request("underpass/status", {})
    assert refusal.value.failure["code"] == "kernel-elsewhere"
    assert "started by a gateway" in refusal.value.failure["message"]
    assert not find_paths().socket.exists()


def test_who_has_integrations_there_can_use_them(
    client: ServiceClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(NOTICE, "")
    assert client.request("underpass/status", {})["pid"] > 0
