"""Each thing that can be wrong with TLS has a code of its own."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from underpass.connectors.failures import not_reached, wrong_certificate
from underpass.connectors.tls import Tls
from underpass.failure import Failure
from underpass.ready import Endpoint, Ready

NAME = "db.internal"
READY = Ready("1", "It", "trino", 0, Endpoint("127.0.0.1", 1), Endpoint(NAME, 1), False, {}, {})
PAST = ["-not_before", "20200101000000Z", "-not_after", "20200201000000Z"]
FUTURE = ["-not_before", "21200101000000Z", "-not_after", "21200201000000Z"]


def openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With their keys: ``root`` signs ``middle``, which signs ``good``; ``alone`` signs itself."""
    folder = tmp_path_factory.mktemp("certificates")
    (folder / "ca.txt").write_text("basicConstraints=critical,CA:TRUE\n")
    (folder / "name.txt").write_text(f"subjectAltName=DNS:{NAME}\n")
    (folder / "other.txt").write_text("subjectAltName=DNS:elsewhere.internal\n")
    for name, extension in (("root", "ca.txt"), ("alone", "name.txt")):
        openssl(
            folder,
            *f"req -newkey rsa:2048 -nodes -keyout {name}.key -out {name}.csr -subj /CN={name}".split(),
        )
        openssl(
            folder,
            *f"x509 -req -in {name}.csr -signkey {name}.key -days 2 -out {name}.crt".split(),
            *("-extfile", extension),
        )
    _sign(folder, "middle", "root", "ca.txt")
    _sign(folder, "good", "middle", "name.txt")
    _sign(folder, "other", "root", "other.txt")
    for name, days in (("expired", PAST), ("early", FUTURE)):
        openssl(
            folder,
            *f"req -newkey rsa:2048 -nodes -keyout {name}.key -out {name}.csr -subj /CN={name}".split(),
        )
        (folder / "index.txt").write_text("")
        (folder / "serial").write_text("01")
        (folder / "ca.cnf").write_text(
            "[ca]\ndefault_ca=own\n[own]\ndatabase=index.txt\nserial=serial\nnew_certs_dir=.\n"
            "default_md=sha256\npolicy=any\n[any]\ncommonName=supplied\n"
        )
        # Of its commands only this one takes dates.
        ca = f"ca -batch -config ca.cnf -in {name}.csr -cert root.crt -keyfile root.key -extfile name.txt"
        openssl(folder, *ca.split(), *_dates(days), "-out", f"{name}.crt")
    return folder


def _dates(days: list[str]) -> list[str]:
    return ["-startdate", days[1], "-enddate", days[3]]


def _sign(folder: Path, name: str, by: str, extension: str) -> None:
    openssl(
        folder, *f"req -newkey rsa:2048 -nodes -keyout {name}.key -out {name}.csr -subj /CN={name}".split()
    )
    signing = f"x509 -req -in {name}.csr -CA {by}.crt -CAkey {by}.key -CAcreateserial -days 2"
    openssl(folder, *f"{signing} -extfile {extension} -out {name}.crt".split())


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


def failure_of(listener: socket.socket, server: ssl.SSLContext, authority: str | None) -> Failure:
    """Why a strict handshake with this server fails; TLS 1.3 servers refuse a client only afterwards."""

    def serve() -> None:
        client, _ = listener.accept()
        with client:
            try:
                server.wrap_socket(client, server_side=True).close()
            except OSError:
                # The client says why.
                return

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with (
            socket.create_connection(listener.getsockname()) as plain,
            Tls("strict", NAME, authority).context().wrap_socket(plain) as secured,
        ):
            secured.recv(1)
    except OSError as error:
        return not_reached(READY, error).failure
    finally:
        thread.join(10)
    raise AssertionError("it worked")


def serving(folder: Path, *names: str, key: str) -> ssl.SSLContext:
    (folder / "served.crt").write_text("".join((folder / f"{name}.crt").read_text() for name in names))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "served.crt", folder / f"{key}.key")
    return context


@pytest.mark.parametrize(
    ("served", "code", "chain"),
    [
        (["alone"], "tls-untrusted", "self-signed"),
        (["good"], "tls-untrusted", "incomplete"),
        (["other"], "tls-name-mismatch", None),
        (["expired"], "tls-expired", None),
        (["early"], "tls-not-yet-valid", None),
    ],
)
def test_what_is_wrong_with_a_certificate_is_told_apart(
    folder: Path, listener: socket.socket, served: list[str], code: str, chain: str | None
) -> None:
    authority = (folder / "root.crt").read_text()
    failure = failure_of(listener, serving(folder, *served, key=served[0]), authority)
    assert (failure["code"], failure["stage"]) == (code, "tls")
    assert failure.get("detail", {}).get("chain") == chain


def test_an_authority_that_is_not_trusted_is_told_from_a_certificate_that_signs_itself(
    folder: Path, listener: socket.socket
) -> None:
    server = serving(folder, "good", "middle", "root", key="good")
    failure = failure_of(listener, server, (folder / "alone.crt").read_text())
    assert failure.get("detail", {})["chain"] == "unknown-authority"


def test_a_server_that_wants_a_client_certificate(folder: Path, listener: socket.socket) -> None:
    server = serving(folder, "good", "middle", key="good")
    server.verify_mode = ssl.CERT_REQUIRED
    server.load_verify_locations(folder / "root.crt")
    failure = failure_of(listener, server, (folder / "root.crt").read_text())
    assert failure["code"] == "tls-client-certificate"
    assert "wants a client certificate" in failure["message"]


def test_a_server_of_old_versions_alone(folder: Path, listener: socket.socket) -> None:
    server = serving(folder, "good", "middle", key="good")
    server.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        # That they are old is the point.
        warnings.simplefilter("ignore", DeprecationWarning)
        server.minimum_version = ssl.TLSVersion.TLSv1
        server.maximum_version = ssl.TLSVersion.TLSv1_1
    failure = failure_of(listener, server, (folder / "root.crt").read_text())
    assert failure["code"] == "tls-version"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        # Go's.
        ("x509: certificate signed by unknown authority", "tls-untrusted"),
        ("x509: certificate is valid for other.internal, not db.internal", "tls-name-mismatch"),
        (
            "x509: certificate has expired or is not yet valid: current time 2026-11-23 is after 2026-01-01",
            "tls-expired",
        ),
        (
            "x509: certificate has expired or is not yet valid: current time 2026-11-23 is before 2027-01-01",
            "tls-not-yet-valid",
        ),
        # rustls'.
        ("invalid peer certificate: NotValidForName: hostname mismatch", "tls-name-mismatch"),
        ("invalid peer certificate: UnknownIssuer", "tls-untrusted"),
        ("invalid peer certificate: Expired", "tls-expired"),
    ],
)
def test_the_words_of_other_libraries_are_read(words: str, code: str) -> None:
    assert wrong_certificate(READY, words).failure["code"] == code
