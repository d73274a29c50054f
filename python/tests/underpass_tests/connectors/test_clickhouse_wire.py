"""ClickHouse's connector on connections that break, lead elsewhere, or end at something else."""

from __future__ import annotations

import io
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any, final

import pyarrow as pa
import pytest

from underpass.connectors.base import Rows
from underpass.connectors.clickhouse import ClickHouse
from underpass.failure import Failure, UnderpassError
from underpass.ready import Endpoint, Ready

OK = "HTTP/1.1 200 OK\r\nX-ClickHouse-Timezone: UTC\r\nKeep-Alive: timeout=30\r\n"
STREAM = f"{OK}X-ClickHouse-Format: ArrowStream\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
EXCEPTION = b"Code: 241. DB::Exception: too much. (MEMORY_LIMIT_EXCEEDED)"


def plain(text: str, head: str = OK) -> bytes:
    """An answer that says how long it is."""
    return f"{head}Content-Length: {len(text.encode())}\r\n\r\n{text}".encode()


def chunked(*parts: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + end


def arrow(batches: int) -> list[bytes]:
    """A stream of Arrow's in pieces: schema, batches, end."""
    written, pieces, start = io.BytesIO(), [], 0
    batch = pa.record_batch({"n": pa.array(range(1000), pa.uint64())})
    writer = pa.ipc.new_stream(written, batch.schema)
    for _ in range(batches):
        writer.write_batch(batch)
        pieces.append(written.getvalue()[start:])
        start = len(written.getvalue())
    writer.close()
    return [*pieces, written.getvalue()[start:]]


@final
class Scripted:
    """Lets everybody log in, then gives its ``answers`` one by one; hangs up where one is None."""

    def __init__(self) -> None:
        self.answers: list[list[bytes | None]] = []
        self.login: Callable[[str, str], bytes | None] = lambda path, body: None
        self.statements: list[str] = []
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connected, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connected,), daemon=True).start()

    def _serve(self, connected: socket.socket) -> None:
        with connected, connected.makefile("rb") as file:
            if file.peek(1)[:1] == b"\x16":
                connected.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                return
            self.connections += 1
            while request := file.readline():
                length = 0
                while header := file.readline().strip():
                    name, _, value = header.partition(b":")
                    length = int(value) if name.lower() == b"content-length" else length
                for answer in self._answer(request.decode(), file.read(length).decode()):
                    if answer is None:
                        return
                    connected.sendall(answer)

    def _answer(self, path: str, body: str) -> list[bytes | None]:
        if special := self.login(path, body):
            return [special]
        if body == "SELECT 1":
            return [plain("1\n")]
        if "system.settings" in body:
            return [plain("")]
        self.statements.append(body)
        return self.answers.pop(0)


@pytest.fixture
def server() -> Iterator[Scripted]:
    server = Scripted()
    yield server
    server.close()


@pytest.fixture
def connect(server: Scripted) -> Iterator[Callable[[], ClickHouse]]:
    opened: list[ClickHouse] = []

    def connect() -> ClickHouse:
        opened.append(ClickHouse.open(ready(server)))
        return opened[-1]

    yield connect
    for connector in opened:
        connector.close()


def ready(server: Scripted) -> Ready:
    return Ready(
        id="i",
        name="Web",
        type="clickhouse",
        generation=1,
        endpoint=Endpoint("127.0.0.1", server.port),
        server=Endpoint("ch.internal", 8123),
        tunnelled=True,
        fields={"user": "me", "sslMode": "preferred"},
        secrets={"password": "hunter2"},
    )


def failure(run: Callable[[], object]) -> Failure:
    with pytest.raises(UnderpassError) as raised:
        run()
    assert "hunter2" not in str(raised.value.failure)
    return raised.value.failure


Connect = Callable[[], ClickHouse]


def test_all_rows_of_a_whole_answer_arrive(server: Scripted, connect: Connect) -> None:
    server.answers = [[STREAM + chunked(*arrow(3))]]
    answer = connect().run("SELECT n", [])
    assert isinstance(answer, Rows)
    assert answer.take().num_rows == 3000


@pytest.mark.parametrize(
    "body",
    [
        chunked(*arrow(3)[:2], end=b""),
        chunked(*arrow(3)[:2]),
        chunked(*arrow(3)[:-1], end=b""),
        chunked(*arrow(3), end=b""),
        chunked(arrow(3)[0][:500], end=b""),
        chunked(*arrow(3)[:2], end=b"fff\r\nabc"),
    ],
    ids=[
        "between batches",
        "between batches, with an end",
        "before the end",
        "at the end",
        "in a batch",
        "in a chunk",
    ],
)
def test_a_part_of_the_rows_is_not_taken_for_all_of_them(
    server: Scripted, connect: Connect, body: bytes
) -> None:
    server.answers = [[STREAM + body, None]]
    connector = connect()
    found = failure(lambda: connector.run("SELECT n", []))
    assert (found["code"], found["stage"]) == ("connection-lost", "query")
    assert not connector.ping()
    assert len(server.statements) == 1


@pytest.mark.parametrize(
    "words",
    [
        b"\r\n__exception__\r\nabcdefgh\r\n" + EXCEPTION + b"\n\r\n68 abcdefgh\r\n__exception__\r\n",
        EXCEPTION + b" (version 22.8.1.1 (official build))\n",
    ],
    ids=["marked", "as older servers write it"],
)
@pytest.mark.parametrize("end", [b"", b"0\r\n\r\n"], ids=["cut off", "ended"])
def test_an_exception_behind_some_rows_is_told(
    server: Scripted, connect: Connect, words: bytes, end: bytes
) -> None:
    server.answers = [[STREAM + chunked(*arrow(3)[:2], words, end=end), None], [plain("")]]
    connector = connect()
    found = failure(lambda: connector.run("SELECT n", []))
    assert (found["code"], found["message"]) == ("query-failed", "too much (MEMORY_LIMIT_EXCEEDED 241)")
    connector.run("CREATE TABLE t", [])


def test_a_statement_is_sent_once_though_the_server_hangs_up(server: Scripted, connect: Connect) -> None:
    server.answers = [[None], [None]]
    connector = connect()
    assert failure(lambda: connector.run("INSERT INTO t SELECT 1", []))["code"] == "connection-lost"
    assert server.statements == ["INSERT INTO t SELECT 1"]


def test_a_connection_that_the_server_closed_is_dialled_again_before_a_statement(
    server: Scripted, connect: Connect
) -> None:
    server.answers = [[plain(""), None], [plain("")]]
    connector = connect()
    connector.run("first", [])
    connections = server.connections
    while not connector._session._link.is_stale:
        pass
    connector.run("second", [])
    assert server.statements == ["first", "second"]
    assert server.connections == connections + 1


def test_a_redirect_is_named_and_not_followed(server: Scripted, connect: Connect) -> None:
    with socket.create_server(("127.0.0.1", 0)) as elsewhere:
        where = f"127.0.0.1:{elsewhere.getsockname()[1]}"
        moved = f"HTTP/1.1 307 Temporary Redirect\r\nLocation: http://{where}/?x\r\nContent-Length: 0\r\n\r\n"
        server.answers = [[moved.encode()]]
        connector = connect()
        found = failure(lambda: connector.run("SELECT 1 + 1", []))
        assert (found["code"], found["stage"]) == ("forward-refused", "forward")
        assert found.get("detail", {})["address"] == where
        server.login = lambda path, body: moved.encode()
        assert failure(connect)["code"] == "forward-refused"
        elsewhere.settimeout(0.1)
        with pytest.raises(TimeoutError):
            elsewhere.accept()


def test_a_proxy_of_the_environment_is_not_used(
    server: Scripted, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
        monkeypatch.setenv(name.upper(), "http://127.0.0.1:9")
    assert connect().ping()


@pytest.mark.parametrize(
    "answer",
    [
        plain("Port 9000 is for clickhouse-client program\n", "HTTP/1.0 400 Bad Request\r\n"),
        plain("<html>not found</html>", "HTTP/1.1 404 Not Found\r\nServer: nginx\r\n"),
        plain("welcome"),
        b"SSH-2.0-OpenSSH_9.2\r\n",
    ],
)
def test_another_server_is_not_taken_for_clickhouse(
    server: Scripted, connect: Connect, answer: bytes
) -> None:
    server.login = lambda path, body: answer
    found = failure(connect)
    assert (found["code"], found["stage"]) == ("connection-lost", "login")
    assert "8443" in found["fix"]


def test_a_gateway_that_gives_up_leaves_open_whether_the_statement_ran(
    server: Scripted, connect: Connect
) -> None:
    server.answers = [[plain("<html>\n504</html>", "HTTP/1.1 504 Gateway Time-out\r\n")]]
    connector = connect()
    found = failure(lambda: connector.run("INSERT INTO t SELECT 1", []))
    assert found["code"] == "connection-lost"
    assert "504" in found["message"]


def test_a_server_that_keeps_sessions_for_less_time_is_asked_for_its_own(
    server: Scripted, connect: Connect
) -> None:
    head = "HTTP/1.1 500 x\r\nX-ClickHouse-Exception-Code: 374\r\n"

    def login(path: str, body: str) -> bytes | None:
        return plain("Code: 374. DB::Exception: too large", head) if "session_timeout" in path else None

    server.login = login
    assert connect().ping()


def test_strict_sends_nothing_to_a_server_without_tls(server: Scripted) -> None:
    asked: list[Any] = []
    server.login = lambda path, body: asked.append(body)
    strict = ready(server)
    found = failure(
        lambda: ClickHouse.open(Ready(**{**vars(strict), "fields": {"user": "me", "sslMode": "strict"}}))
    )
    assert (found["code"], found["stage"]) == ("tls-not-offered", "tls")
    assert "does not offer TLS" in found["message"]
    assert asked == []
