"""What Trino's connector does when a server, or who stands in for it, does not behave."""

from __future__ import annotations

import gzip
import json
import socket
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, TypeAlias

import pytest

from underpass.connectors.base import Rows
from underpass.connectors.trino import Trino, encoding
from underpass.connectors.trino.encoding import Encodings
from underpass.failure import Failure, UnderpassError
from underpass.ready import Endpoint, Ready

NAME = "trino.example"
COLUMN = {"name": "n", "type": "bigint", "typeSignature": {"rawType": "bigint", "arguments": []}}

#: Status, headers, body; None hangs up.
Reply: TypeAlias = "tuple[int, dict[str, str], bytes] | None"


class Coordinator:
    """Answers each request with what ``replies`` has for its method, in order; the last one stays."""

    def __init__(self) -> None:
        self.replies: dict[str, list[Reply | Callable[[Any], Reply]]] = {"HEAD": [(200, {}, b"")]}
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        coordinator = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                coordinator.requests.append((self.command, self.path, dict(self.headers)))
                replies = coordinator.replies[self.command]
                reply = replies.pop(0) if len(replies) > 1 else replies[0]
                if callable(reply):
                    reply = reply(self.headers)
                if reply is None:
                    self.close_connection = True
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                status, headers, body = reply
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            do_HEAD = do_GET = do_POST = do_DELETE = answer

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def page(self, following: str | None = "same", **page: Any) -> Reply:
        """An answer of the protocol; ``following`` is where the next one is."""
        uri = f"http://{NAME}:{self.port}/next" if following == "same" else following
        answer = {"id": "1", "stats": {}, "columns": [COLUMN], **page, **({"nextUri": uri} if uri else {})}
        return 200, {"Content-Type": "application/json"}, json.dumps(answer).encode()

    def count(self, method: str) -> int:
        return sum(asked == method for asked, _, _ in self.requests)

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def coordinator() -> Iterator[Coordinator]:
    coordinator = Coordinator()
    yield coordinator
    coordinator.close()


@pytest.fixture
def connect(coordinator: Coordinator) -> Iterator[Callable[[], Trino]]:
    opened: list[Trino] = []

    def connect() -> Trino:
        ready = Ready(
            *("id", "name", "trino", 1),
            Endpoint("127.0.0.1", coordinator.port),
            Endpoint(NAME, coordinator.port),
            True,
            {"user": "me", "sslMode": "preferred"},
            {"password": "correct horse"},
        )
        opened.append(Trino.open(ready))
        return opened[-1]

    yield connect
    for connector in opened:
        connector.close()


Connect: TypeAlias = Callable[[], Trino]


def failure(connector: Trino) -> Failure:
    with pytest.raises(UnderpassError) as refused:
        connector.run("SELECT 1", [])
    return refused.value.failure


def numbers(connector: Trino) -> list[int]:
    answer = connector.run("SELECT 1", [])
    assert isinstance(answer, Rows)
    return answer.take()["n"].to_pylist()


def test_a_next_page_at_another_host_is_refused_and_nobody_dials_it(
    coordinator: Coordinator, connect: Connect
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as elsewhere:
        address = f"127.0.0.1:{elsewhere.getsockname()[1]}"
        coordinator.replies["POST"] = [coordinator.page(f"http://{address}/v1/statement/1")]
        refused = failure(connect())
        elsewhere.settimeout(0.1)
        with pytest.raises(TimeoutError):
            elsewhere.accept()
    assert refused["code"] == "forward-refused"
    assert refused.get("detail", {})["address"] == address


def test_a_next_page_at_another_port_is_refused(coordinator: Coordinator, connect: Connect) -> None:
    coordinator.replies["POST"] = [coordinator.page(f"http://{NAME}:1/next")]
    assert failure(connect())["code"] == "forward-refused"


@pytest.mark.parametrize("uri", ["https://{}:{}/next?a=b", "http://TRINO.example/next?a=b"])
def test_a_next_page_by_another_of_its_names_comes_on_the_connection_that_there_is(
    coordinator: Coordinator, connect: Connect, uri: str
) -> None:
    coordinator.replies["POST"] = [coordinator.page(uri.format(NAME, coordinator.port))]
    coordinator.replies["GET"] = [coordinator.page(None, data=[[7]])]
    assert numbers(connect()) == [7]
    method, path, headers = coordinator.requests[-1]
    assert (method, path, headers["Host"]) == ("GET", "/next?a=b", f"{NAME}:{coordinator.port}")


def test_rows_that_were_put_elsewhere_are_refused(coordinator: Coordinator, connect: Connect) -> None:
    segments = {"encoding": "json", "segments": [{"type": "spooled", "uri": "http://store.example:9000/1"}]}
    coordinator.replies["POST"] = [coordinator.page(None, data=segments)]
    refused = failure(connect())
    assert refused["code"] == "forward-refused"
    assert refused.get("detail", {})["address"] == "store.example:9000"


def test_a_redirect_is_not_followed(coordinator: Coordinator, connect: Connect) -> None:
    coordinator.replies["HEAD"] = [(301, {"Location": "https://login.example/?next=1"}, b"")]
    with pytest.raises(UnderpassError, match=r"login\.example") as refused:
        connect()
    assert refused.value.failure["code"] == "forward-refused"
    assert coordinator.count("HEAD") == 1


def test_a_busy_server_is_asked_for_the_same_page_again(coordinator: Coordinator, connect: Connect) -> None:
    coordinator.replies["POST"] = [coordinator.page()]
    coordinator.replies["GET"] = [(503, {}, b""), (429, {}, b""), coordinator.page(None, data=[[1], [2]])]
    assert numbers(connect()) == [1, 2]


def test_a_statement_that_was_not_accepted_is_not_sent_again(
    coordinator: Coordinator, connect: Connect
) -> None:
    coordinator.replies["POST"] = [(503, {"Content-Type": "text/plain"}, b"Too many queries")]
    refused = failure(connect())
    assert (refused["code"], "Too many queries" in refused["message"]) == ("query-failed", True)
    assert coordinator.count("POST") == 1


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_a_connection_that_breaks_is_lost_and_nothing_is_sent_again(
    coordinator: Coordinator, connect: Connect, method: str
) -> None:
    coordinator.replies["POST"] = [coordinator.page()]
    coordinator.replies["GET"] = [coordinator.page(data=[[1]])]
    coordinator.replies[method].append(None)
    if method == "POST":
        coordinator.replies["POST"] = [None]
    assert failure(connect())["code"] == "connection-lost"
    assert coordinator.count("POST") == 1
    assert coordinator.count("DELETE") == 0


def test_what_is_no_trino_is_lost_without_its_words(coordinator: Coordinator, connect: Connect) -> None:
    coordinator.replies["POST"] = [(200, {"Content-Type": "text/html"}, b"<html>log in</html>")]
    assert "not Trino" in failure(connect())["message"]


def test_a_connection_that_was_closed_at_rest_is_dialled_again(
    coordinator: Coordinator, connect: Connect
) -> None:
    coordinator.replies["HEAD"] = [(200, {"Connection": "close"}, b"")]
    coordinator.replies["POST"] = [coordinator.page(None, data=[[1]])]
    coordinator.replies["GET"] = [(200, {}, b"{}")]
    connector = connect()
    assert numbers(connector) == [1]
    assert connector.ping()


def test_an_older_server_is_asked_by_a_statement(coordinator: Coordinator, connect: Connect) -> None:
    coordinator.replies["HEAD"] = [(405, {}, b"")]
    coordinator.replies["POST"] = [coordinator.page(None, data=[[1]])]
    connect()
    assert coordinator.count("POST") == 1


def test_a_server_that_wants_a_password_without_tls_does_not_get_it(
    coordinator: Coordinator, connect: Connect
) -> None:
    coordinator.replies["HEAD"] = [(401, {}, b"")]
    with pytest.raises(UnderpassError, match="without TLS neither passwords") as refused:
        connect()
    assert (refused.value.failure["code"], refused.value.failure["stage"]) == ("login-refused", "login")
    assert all("Authorization" not in headers for _, _, headers in coordinator.requests)


def test_on_a_slow_link_the_server_is_asked_to_compress(
    coordinator: Coordinator, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("SMALL", 1), ("ENOUGH", 1), ("FAST", 1e18)):
        monkeypatch.setattr(encoding, name, value)

    def compressed(headers: Any) -> Reply:
        assert headers["Accept-Encoding"] == "gzip"
        reply = coordinator.page(None, data=[[2]])
        assert reply is not None
        return 200, {"Content-Encoding": "gzip"}, gzip.compress(reply[2])

    coordinator.replies["POST"] = [coordinator.page(data=[[1]])]
    coordinator.replies["GET"] = [compressed]
    assert numbers(connect()) == [1, 2]
    assert coordinator.requests[-2][2]["Accept-Encoding"] == "identity"


@pytest.mark.parametrize(
    ("plain", "packed", "taken"), [(50e6, 10e6, "identity"), (20e6, 10e6, "identity"), (2e6, 10e6, "gzip")]
)
def test_the_encoding_that_brings_more_rows_a_second_is_taken(
    plain: float, packed: float, taken: encoding.Encoding
) -> None:
    encodings = Encodings(compress=True)
    used: dict[encoding.Encoding, int] = {"identity": 0, "gzip": 0}
    for _ in range(200):
        chosen = encodings.current
        used[chosen] += 1
        encodings.measured(chosen, 1_000_000, 1e6 / (plain if chosen == "identity" else packed))
    assert used[taken] > 180
    if plain > encoding.FAST:
        assert used["gzip"] == 0
