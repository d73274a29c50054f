"""Who Trino lets in, and with what: through the bastion, on a real server."""

from __future__ import annotations

from typing import Any

import pytest

from tests.servers import PrivateNetwork
from tests.servers.databases.trino import USER, Trino
from underpass.connectors.base import Connector, Rows
from underpass.failure import UnderpassError

from .conftest import Connect

SYSTEM = "trino"


def rows(connector: Connector, sql: str) -> list[dict[str, Any]]:
    answer = connector.run(sql, [])
    assert isinstance(answer, Rows)
    return answer.take().to_pylist()


def test_a_token_logs_in_without_a_password(database: Trino, connect: Connect) -> None:
    connector = connect(secrets={"password": "", "token": database.token()})
    assert rows(connector, "SELECT current_user AS u") == [{"u": USER}]


def test_a_client_certificate_logs_in_without_a_password(connect: Connect, network: PrivateNetwork) -> None:
    made = network.authority.client(USER)
    connector = connect(
        clientCertificate=made.certificate.read_text(),
        secrets={"password": "", "clientKey": made.key.read_text()},
    )
    assert rows(connector, "SELECT current_user AS u") == [{"u": USER}]


@pytest.mark.parametrize(
    "secrets", [{"password": "not-the-password"}, {"token": "not-a-token"}, {"password": ""}]
)
def test_who_is_not_known_is_refused_without_repeating_the_secret(
    connect: Connect, secrets: dict[str, str]
) -> None:
    with pytest.raises(UnderpassError) as refused:
        connect(secrets=secrets)
    assert (refused.value.failure["code"], refused.value.failure["stage"]) == ("login-refused", "login")
    assert not any(secret and secret in repr(refused.value.failure) for secret in secrets.values())


def test_what_is_no_token_is_refused_without_repeating_it(connect: Connect) -> None:
    with pytest.raises(UnderpassError) as refused:
        connect(secrets={"token": "two words\nand a line"})
    assert refused.value.failure.get("detail", {})["field"] == "token"
    assert "words" not in repr(refused.value.failure)


def test_a_token_that_has_expired_is_refused(database: Trino, connect: Connect) -> None:
    with pytest.raises(UnderpassError) as refused:
        connect(secrets={"token": database.token(seconds=-3600)})
    assert refused.value.failure["code"] == "login-refused"


def test_a_password_is_not_sent_without_tls(
    database: Trino, network: PrivateNetwork, connect: Connect
) -> None:
    tap = database.tap("refused")
    tap.forget()
    connector = connect("refused", mode="preferred", port=database.tapped_port("refused"))
    assert rows(connector, "SELECT current_user AS u") == [{"u": USER}]
    password = database.login(0).secrets["password"]
    assert tap.wires()
    assert not any(wire.shows(password) or b"Authorization" in wire.up for wire in tap.wires())


def test_options_are_session_properties_and_words_of_the_client(connect: Connect) -> None:
    options = {
        "query_max_run_time": "11m",
        "timezone": "Asia/Kathmandu",
        "source": "Größe",
        "clientTags": "a,b",
    }
    connector = connect(options=options)
    assert rows(connector, "SELECT current_timezone() AS z") == [{"z": "Asia/Kathmandu"}]
    shown = rows(connector, "SHOW SESSION LIKE 'query_max_run_time'")
    assert shown[0]["Value"] == "11m"


@pytest.mark.parametrize("name", ["SSLTrustStore", "socks_Proxy", "nonesuch option"])
def test_an_option_that_there_is_not_is_refused(connect: Connect, name: str) -> None:
    with pytest.raises(UnderpassError) as refused:
        connect(options={name: "x"})
    assert refused.value.failure.get("detail", {})["field"] == "options"
