"""What a TLS mode makes of a server, against real sockets."""

from __future__ import annotations

import os
import socket
import ssl
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from underpass.connectors.tls import Tls, private_file, speaks_tls
from underpass.failure import UnderpassError
from underpass_tests.conftest import SERVER_NAME, make_certificates


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With ``server.crt``, ``server.key`` and their authority."""
    folder = tmp_path_factory.mktemp("certificates")
    make_certificates(folder)
    return folder


@pytest.fixture
def authority(folder: Path) -> str:
    return (folder / "ca.crt").read_text()


@contextmanager
def listening(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """Port of a server that treats its one client like this."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            client, _ = listener.accept()
            with client:
                serve(client)

        thread = threading.Thread(target=accept)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(10)
        assert not thread.is_alive()


def server_context(folder: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.crt", folder / "server.key")
    return context


def tls_server(context: ssl.SSLContext) -> Callable[[socket.socket], None]:
    def serve(client: socket.socket) -> None:
        try:
            with context.wrap_socket(client, server_side=True) as encrypted:
                encrypted.sendall(b"hello")
        except OSError:
            # The client refused; it says so itself.
            pass

    return serve


def answering(words: bytes) -> Callable[[socket.socket], None]:
    def serve(client: socket.socket) -> None:
        client.recv(65536)
        client.sendall(words)

    return serve


def greeting(tls: Tls, port: int) -> bytes:
    """What the server says behind TLS; the name given here is the forward's, as drivers do it."""
    with (
        socket.create_connection(("127.0.0.1", port), 10) as plain,
        tls.context().wrap_socket(plain, server_hostname="127.0.0.1") as encrypted,
    ):
        return encrypted.recv(5)


def test_strict_checks_the_databases_own_name(folder: Path, authority: str) -> None:
    with listening(tls_server(server_context(folder))) as port:
        assert greeting(Tls("strict", SERVER_NAME, authority), port) == b"hello"


def test_an_authority_may_have_remarks_in_any_language(folder: Path, authority: str) -> None:
    tls = Tls("strict", SERVER_NAME, f"# Bürger-CA № 1\n{authority}")
    with listening(tls_server(server_context(folder))) as port:
        assert greeting(tls, port) == b"hello"
    with tls.authority_file() as path:
        assert ssl.create_default_context(cafile=path).cert_store_stats()["x509_ca"] == 1


@pytest.mark.parametrize("name", ["other.test", "127.0.0.1", "localhost"])
def test_strict_refuses_another_name(folder: Path, authority: str, name: str) -> None:
    with listening(tls_server(server_context(folder))) as port, pytest.raises(ssl.SSLCertVerificationError):
        greeting(Tls("strict", name, authority), port)


def test_strict_refuses_another_authority(folder: Path) -> None:
    with listening(tls_server(server_context(folder))) as port, pytest.raises(ssl.SSLCertVerificationError):
        greeting(Tls("strict", SERVER_NAME), port)


@pytest.mark.parametrize("mode", ["preferred", "required"])
def test_other_modes_check_no_certificate(folder: Path, mode: str) -> None:
    with listening(tls_server(server_context(folder))) as port:
        assert greeting(Tls(mode, "other.test"), port) == b"hello"  # pyright: ignore[reportArgumentType]


def test_the_server_is_told_the_databases_name(folder: Path) -> None:
    names: list[str | None] = []
    context = server_context(folder)
    context.sni_callback = lambda _, name, __: names.append(name)
    with listening(tls_server(context)) as port:
        greeting(Tls("required", SERVER_NAME), port)
    assert names == [SERVER_NAME]


def test_a_client_certificate_and_a_key_that_is_not_its_own_are_refused(folder: Path) -> None:
    certificate, key = (folder / "server.crt").read_text(), (folder / "ca.key").read_text()
    with pytest.raises(UnderpassError) as error:
        Tls("required", SERVER_NAME, None, certificate, key).context()
    assert error.value.failure.get("detail") == {"field": "clientKey"}
    assert "PRIVATE KEY" not in str(error.value.failure)


def test_tls_is_recognised_whatever_its_certificate(folder: Path) -> None:
    with listening(tls_server(server_context(folder))) as port:
        assert speaks_tls("127.0.0.1", port, Tls("preferred", "other.test"))


def test_tls_that_asks_for_a_certificate_is_recognised(folder: Path) -> None:
    context = server_context(folder)
    context.verify_mode = ssl.CERT_REQUIRED
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with listening(tls_server(context)) as port:
        assert speaks_tls("127.0.0.1", port, Tls("preferred", SERVER_NAME))


@pytest.mark.parametrize(
    "words",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"",
        b"\x00\x00\x12\x04\x00\x00\x00\x00\x00",
        b"-ERR Protocol error\r\n",
        b"J\x00\x00\x00\n8.0.36",
    ],
)
def test_a_server_without_tls_is_recognised(words: bytes) -> None:
    with listening(answering(words)) as port:
        assert not speaks_tls("127.0.0.1", port, Tls("preferred", SERVER_NAME))


def test_nobody_listening_is_no_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(ConnectionRefusedError):
        speaks_tls("127.0.0.1", port, Tls("preferred", SERVER_NAME))


def test_private_files_are_for_this_user_and_do_not_stay() -> None:
    with private_file("secret", ".pem") as path:
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
        assert Path(path).read_text() == "secret"
    assert not Path(path).exists()


def test_a_client_key_is_on_no_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    tls = Tls("required", SERVER_NAME, certificate="certificate", key="key")
    with tls.client_file() as path:
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
        assert Path(path).read_text() == "certificate\nkey\n"
        assert os.stat(path).st_nlink == 0
        assert list(tmp_path.iterdir()) == []
    assert not Path(path).exists()
