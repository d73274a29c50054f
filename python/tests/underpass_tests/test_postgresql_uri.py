"""TLS modes, with evidence from the server's side."""

from __future__ import annotations

import glob
import tempfile
from pathlib import Path

import pytest

from underpass.connectors.base import Rows
from underpass.connectors.postgresql import PostgreSQL
from underpass.failure import Failure, UnderpassError
from underpass.ready import Endpoint, Ready

from .conftest import MakeReady, Server, make_certificates

ENCRYPTED = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"


def encrypted(ready: Ready) -> bool:
    """Whether the server sees TLS on a new connection."""
    connector = PostgreSQL.open(ready)
    try:
        answer = connector.run(ENCRYPTED, [])
        assert isinstance(answer, Rows)
        return answer.take().column(0)[0].as_py()
    finally:
        connector.close()


def refused(ready: Ready) -> Failure:
    with pytest.raises(UnderpassError) as error:
        PostgreSQL.open(ready)
    return error.value.failure


@pytest.mark.parametrize(
    ("mode", "user", "tls"),
    [
        ("preferred", "analyst", True),
        ("preferred", "plain_only", False),
        ("required", "analyst", True),
        ("required", "tls_only", True),
    ],
)
def test_a_mode_gives_the_encryption_that_it_promises(
    make_ready: MakeReady, mode: str, user: str, tls: bool
) -> None:
    assert encrypted(make_ready({"sslMode": mode, "user": user})) is tls


def test_required_never_falls_back_to_plain(make_ready: MakeReady) -> None:
    assert refused(make_ready({"sslMode": "required", "user": "plain_only"}))["stage"] == "login"


def test_strict_checks_the_servers_own_name_through_a_tunnel(make_ready: MakeReady, server: Server) -> None:
    assert encrypted(make_ready({"sslMode": "strict", "caCertificate": server.authority}))


def test_strict_refuses_the_right_authority_with_the_wrong_name(
    make_ready: MakeReady, server: Server
) -> None:
    fields = {"sslMode": "strict", "caCertificate": server.authority}
    failure = refused(make_ready(fields, server=Endpoint("other.test", 5432)))
    assert failure["stage"] == "tls"
    assert "another name" in failure["message"]


def test_strict_refuses_another_authority(make_ready: MakeReady, tmp_path: Path) -> None:
    other = make_certificates(tmp_path)
    assert refused(make_ready({"sslMode": "strict", "caCertificate": other}))["stage"] == "tls"


def test_strict_without_an_authority_takes_the_systems(
    make_ready: MakeReady, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert refused(make_ready({"sslMode": "strict"}))["stage"] == "tls"
    (tmp_path / "ca.crt").write_text(server.authority)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.crt"))
    assert encrypted(make_ready({"sslMode": "strict"}))


def test_no_certificate_is_left_behind(
    make_ready: MakeReady, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert encrypted(make_ready({"sslMode": "strict", "caCertificate": server.authority}))
    assert glob.glob(f"{tmp_path}/*") == []


@pytest.mark.parametrize(
    ("host", "code", "stage"),
    [("127.0.0.1", "connection-refused", "tcp"), ("no-such-host.invalid", "name-not-found", "resolve")],
)
def test_a_server_that_is_not_there_is_named_by_stage(
    make_ready: MakeReady, host: str, code: str, stage: str
) -> None:
    nobody = Endpoint(host, 1)
    failure = refused(make_ready(endpoint=nobody, server=nobody, tunnelled=False))
    assert (failure["code"], failure["stage"]) == (code, stage)


def test_behind_a_tunnel_the_forward_is_to_blame(make_ready: MakeReady) -> None:
    failure = refused(make_ready(endpoint=Endpoint("127.0.0.1", 1)))
    assert failure["stage"] == "forward"
    assert "db.test:5432" in failure["message"]


def test_required_checks_no_certificate_whatever_the_environment_says(
    make_ready: MakeReady, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_certificates(tmp_path)
    monkeypatch.setenv("PGSSLROOTCERT", str(tmp_path / "ca.crt"))
    assert encrypted(make_ready({"sslMode": "required"}))
