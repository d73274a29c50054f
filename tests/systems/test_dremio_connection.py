"""How Dremio's connector logs in, and that it speaks to nobody else."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import grpc
import pytest

from tests.servers import PrivateNetwork
from tests.servers.databases.dremio import Dremio
from underpass.connectors import find_connector
from underpass.connectors.base import Connector, Rows
from underpass.connectors.dremio import opening
from underpass.failure import UnderpassError
from underpass.ready import Endpoint, Ready

from .conftest import Connect

SYSTEM = "dremio"

#: Away from the taps.
ADVERTISING_PORT = 32060


def rows(connector: Connector, sql: str, *params: object) -> list[dict[str, Any]]:
    answer = connector.run(sql, params)
    assert isinstance(answer, Rows)
    return answer.take().to_pylist()


def test_a_token_logs_in_without_a_user(database: Dremio, connect: Connect) -> None:
    connector = connect(user="", secrets={"password": "", "token": database.token})
    assert rows(connector, "SELECT 1 AS one") == [{"one": 1}]


@pytest.mark.parametrize("wrong", [{"token": "not-the-token-at-all"}, {"password": "not-the-password"}])
def test_who_is_not_known_is_refused_without_repeating_the_secret(
    connect: Connect, wrong: dict[str, str]
) -> None:
    with pytest.raises(UnderpassError) as refused:
        connect(secrets=wrong)
    assert (refused.value.failure["code"], refused.value.failure["stage"]) == ("login-refused", "login")
    assert not any(secret in repr(refused.value.failure) for secret in wrong.values())


def test_neither_token_nor_user_is_said_before_anything_is_sent(connect: Connect) -> None:
    with pytest.raises(UnderpassError, match="neither a token nor a user"):
        connect(user="", secrets={"password": ""})


def test_rows_at_another_host_are_refused_and_nobody_dials_it(database: Dremio, connect: Connect) -> None:
    with socket.create_server(("127.0.0.1", 0)) as elsewhere:
        address = f"127.0.0.1:{elsewhere.getsockname()[1]}"
        server = database.another(ADVERTISING_PORT, f"-advertise=grpc+tcp://{address}")
        connector = connect(port=ADVERTISING_PORT)
        with pytest.raises(UnderpassError) as refused:
            connector.run("SELECT 1", [])
        elsewhere.settimeout(0.2)
        with pytest.raises(TimeoutError):
            elsewhere.accept()
        server.stop()
    assert refused.value.failure["code"] == "forward-refused"
    assert refused.value.failure.get("detail", {})["address"] == address


@pytest.mark.parametrize(
    "location",
    ["arrow-flight-reuse-connection://?", "grpc+tls://dremio.internal:{}", "grpc+tcp://0.0.0.0:32010"],
)
def test_rows_at_the_server_itself_come_on_the_connection_that_there_is(
    database: Dremio, connect: Connect, location: str
) -> None:
    port = ADVERTISING_PORT + 1
    server = database.another(port, f"-advertise={location.format(port)}")
    assert rows(connect(port=port), "SELECT ? AS one", 1) == [{"one": 1}]
    server.stop()


def test_a_message_may_be_larger_than_the_drivers_own_limit(connector: Connector) -> None:
    (found,) = rows(connector, "SELECT printf('%.*c', 30000000, 'x') AS large")
    assert len(found["large"]) == 30_000_000


def test_the_drivers_options_are_passed_on(connect: Connect) -> None:
    small = connect(options={"adbc.flight.sql.client_option.with_max_msg_size": "100000"})
    with pytest.raises(UnderpassError, match="larger than max"):
        small.run("SELECT printf('%.*c', 200000, 'x') AS large", [])


def test_an_option_that_would_undo_a_field_is_refused(connect: Connect) -> None:
    for option in (
        "adbc.flight.sql.client_option.tls_skip_verify",
        "adbc.flight.sql.rpc.call_header.Authorization",
        "adbc.flight.sql.oauth.token_uri",
    ):
        with pytest.raises(UnderpassError) as refused:
            connect(options={option: "true"})
        assert refused.value.failure.get("detail", {})["field"] == "options"


def test_a_connection_answers_until_its_server_is_gone(database: Dremio, connect: Connect) -> None:
    server = database.another(ADVERTISING_PORT + 2)
    connector = connect(port=ADVERTISING_PORT + 2)
    assert connector.ping()
    server.stop()
    assert not connector.ping()
    with pytest.raises(UnderpassError) as lost:
        connector.run("SELECT 1", [])
    assert lost.value.failure["code"] == "connection-lost"


@pytest.mark.parametrize(
    "login", [({"user": "me"}, {"password": "secret"}), ({}, {"token": "secret"})], ids=["password", "token"]
)
def test_a_server_that_does_not_answer_a_login_is_given_up(
    network: PrivateNetwork, monkeypatch: pytest.MonkeyPatch, login: tuple[dict[str, str], dict[str, str]]
) -> None:
    monkeypatch.setattr(opening, "PATIENCE", 1)
    with silent_server(network) as port:
        end = Endpoint("localhost", port)
        fields, secrets = login
        ready = Ready("1", "Silent", "dremio", 1, end, end, False, {**fields, "sslMode": "required"}, secrets)
        with pytest.raises(UnderpassError) as refused:
            find_connector("dremio").open(ready)
    assert refused.value.failure["code"] == "connection-timed-out"


@contextmanager
def silent_server(network: PrivateNetwork) -> Iterator[int]:
    """Port of a server of gRPC that takes every call and answers none."""
    made = network.authority.server("localhost")
    over = threading.Event()

    class Silence(grpc.GenericRpcHandler):
        def service(self, handler_call_details: Any) -> Any:
            def wait(*_: object) -> Iterator[bytes]:
                over.wait(30)
                return iter(())

            return grpc.stream_stream_rpc_method_handler(wait)

    with ThreadPoolExecutor() as threads:
        server: Any = grpc.server(threads, [Silence()])
        files = [(made.key.read_bytes(), made.certificate.read_bytes())]
        port = server.add_secure_port("127.0.0.1:0", grpc.ssl_server_credentials(files))
        server.start()
        yield port
        over.set()
        server.stop(None).wait()


@pytest.mark.usefixtures("connector")
def test_a_proxy_of_the_environment_is_not_used_in_the_tunnel() -> None:
    # In a process of its own: the driver reads the environment when it is loaded.
    code = (
        "import sys; from tests.person import Person; from pathlib import Path\n"
        "with Person(Path(sys.argv[1])) as person:\n"
        "    print(person.cell('dremio shared', 'SELECT 42 AS answer').frame.to_dict())"
    )
    proxies = dict.fromkeys(("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "grpc_proxy"), "http://127.0.0.1:9")
    done = subprocess.run(
        [sys.executable, "-c", code, os.environ["UNDERPASS_PROJECT"]],
        env={**os.environ, **proxies, "NO_PROXY": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "{'answer': {0: 42}}" in done.stdout, done.stderr


def test_a_tunnel_that_breaks_while_rows_come_is_a_lost_connection(
    network: PrivateNetwork, database: Dremio, connect: Connect
) -> None:
    endless = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT n, 'come' AS t FROM c"
    connector = connect()
    failures: list[UnderpassError] = []

    def run() -> None:
        with pytest.raises(UnderpassError) as lost:
            connector.run(endless, [])
        failures.append(lost.value)

    thread = threading.Thread(target=run)
    thread.start()
    deadline = time.monotonic() + 10
    while not database.running("'come'"):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    # Some rows are on the way.
    rows(connect(), "SELECT 1 AS one")
    network.bastion.kill_sessions()
    thread.join(10)
    assert failures[0].failure["code"] == "connection-lost"
