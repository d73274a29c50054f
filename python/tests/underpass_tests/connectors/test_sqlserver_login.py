"""How the driver of SQL Server is told where to go, and what its refusals become."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import mssql_python
import pytest

from underpass.connectors.sqlserver.dsn import connection_string, login_name, only_authority
from underpass.connectors.sqlserver.errors import Diagnosis, login_failure, query_failure
from underpass.connectors.tls import Tls
from underpass.failure import UnderpassError
from underpass.ready import Endpoint, Ready


def ready(host: str = "db.internal", **fields: Any) -> Ready:
    return Ready(
        id="1",
        name="Shop",
        type="sqlserver",
        generation=1,
        endpoint=Endpoint("127.0.0.1", 5000),
        server=Endpoint(host, 1433),
        tunnelled=True,
        fields={"user": "me", "sslMode": "strict", **fields},
        secrets={"password": "a;b}=c"},
    )


def test_the_forward_is_dialled_and_the_database_checked() -> None:
    asked = ready(database="my shop")
    text = connection_string(asked, Tls.of(asked), encrypted=True)
    assert "Server={tcp:127.0.0.1,5000}" in text
    assert "HostnameInCertificate={db.internal}" in text
    assert "TrustServerCertificate={no}" in text
    assert "PWD={a;b}}=c}" in text
    assert "Database={my shop}" in text
    assert "ConnectRetryCount={0}" in text


def test_azure_is_told_its_server_behind_the_user() -> None:
    assert login_name(ready("shop.database.windows.net")) == "me@shop"
    assert login_name(ready("shop.database.windows.net", user="me@other")) == "me@other"
    assert login_name(ready()) == "me"


@pytest.mark.parametrize("option", ["Encrypt", "trustServerCertificate", " server ", "ConnectRetryCount"])
def test_options_that_undo_a_field_are_refused(option: str) -> None:
    asked = ready(options={option: "x"})
    with pytest.raises(UnderpassError) as caught:
        connection_string(asked, Tls.of(asked), encrypted=True)
    assert caught.value.failure.get("detail", {})["field"] == "options"


def test_the_authority_is_in_the_environment_only_while_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/before")
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    with only_authority("PEM"):
        path = Path(os.environ["SSL_CERT_FILE"])
        assert path.read_text() == "PEM"
        # Nor are the system's own trusted beside it.
        assert list(Path(os.environ["SSL_CERT_DIR"]).iterdir()) == []
    assert os.environ["SSL_CERT_FILE"] == "/before"
    assert "SSL_CERT_DIR" not in os.environ
    assert not path.exists()


def test_connections_that_need_an_authority_take_turns() -> None:
    inside: list[str] = []
    overlaps: list[str] = []

    def use(name: str) -> None:
        with only_authority(name):
            inside.append(name)
            overlaps.extend(inside[:-1])
            assert Path(os.environ["SSL_CERT_FILE"]).read_text() == name
            inside.remove(name)

    threads = [threading.Thread(target=use, args=(str(number),)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert overlaps == []


@pytest.mark.parametrize(
    ("words", "code", "stage"),
    [
        ("Failed to load the driver. Please read the documentation.", "driver-missing", "request"),
        (
            "[Microsoft][ODBC Driver 18 for SQL Server][SQL Server]Login failed for user 'me'.",
            "login-refused",
            "login",
        ),
        (
            '[Microsoft][ODBC Driver 18 for SQL Server][SQL Server]Cannot open database "x".',
            "database-not-found",
            "login",
        ),
        (
            "[Microsoft][ODBC Driver 18 for SQL Server][SQL Server]The password of 'me' has expired.",
            "login-expired",
            "login",
        ),
        (
            "[Microsoft][ODBC Driver 18 for SQL Server]Encryption not supported on SQL Server.",
            "tls-not-offered",
            "tls",
        ),
        (
            "[Microsoft][ODBC Driver 18 for SQL Server]SSL Provider: [certificate verify failed:expired]",
            "tls-expired",
            "tls",
        ),
        (
            "[Microsoft][ODBC Driver 18 for SQL Server]TCP Provider: Error code 0x2749",
            "forward-failed",
            "forward",
        ),
    ],
)
def test_the_driver_s_words_become_failures(words: str, code: str, stage: str) -> None:
    error = mssql_python.OperationalError("Client unable to establish connection", words)
    failure = login_failure(error, ready()).failure
    assert (failure["code"], failure["stage"]) == (code, stage)


def test_the_place_of_an_error_is_the_word_that_stands_once() -> None:
    def position(number: int, message: str, sql: str) -> int | None:
        records = [
            (f"[42000] ({number})", f"[Microsoft][ODBC Driver 18 for SQL Server][SQL Server]{message}")
        ]
        failure = query_failure(Diagnosis(Exception(), records), sql, (), lost=False, asked=False)
        return failure.failure.get("detail", {}).get("position")

    assert position(207, "Invalid column name 'nme'.", "SELECT 'nme x',\n  nme FROM t") == 19
    assert position(208, "Invalid object name 'dbo.Peple'.", "SELECT * FROM dbo.[peple]") == 19
    assert position(137, 'Must declare the scalar variable "@x".', "SELECT @x") == 9
    assert position(102, "Incorrect syntax near ','.", "SELECT a,, b FROM t") is None
    # What it quotes is data.
    assert (
        position(245, "Conversion failed when converting the varchar value 'x'.", "SELECT x FROM t") is None
    )
