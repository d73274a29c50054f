"""MySQL's protocol as no honest server speaks it, or seldom: what real ones do is tested in tests/systems."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Sequence
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from underpass.connectors.base import Rows
from underpass.connectors.mysql import MySQL
from underpass.connectors.mysql.errors import position_of
from underpass.connectors.mysql.params import packed, placeholder
from underpass.connectors.mysql.reading import ServerError
from underpass.connectors.mysql.session import Session, Unreadable
from underpass.connectors.mysql.wire import ProtocolError
from underpass.failure import UnderpassError
from underpass.ready import Endpoint, Ready

OK = b"\0\0\0\2\0\0\0"
END = b"\xfe\0\0\2\0"


def prefixed(text: bytes) -> bytes:
    return bytes([len(text)]) + text


def column(name: bytes, kind: int = 253, charset: int = 45, length: int = 80, decimals: int = 0) -> bytes:
    names = b"".join(map(prefixed, (b"def", b"", b"", b"", name, b"")))
    return names + struct.pack("<BHIBHBH", 12, charset, length, kind, 0, decimals, 0)


class Server:
    """Answers each command with packets that were written down before."""

    def __init__(self, *answers: Sequence[bytes]) -> None:
        self.heard = b""
        ours, theirs = socket.socketpair()
        self._login = SimpleNamespace(
            _sock=ours, server_status=2, thread_id=lambda: 7, _force_close=ours.close
        )
        self.session = Session(self._login)
        self._thread = threading.Thread(target=self._serve, args=(theirs, answers))
        self._thread.start()

    def _serve(self, connection: socket.socket, answers: Sequence[Sequence[bytes]]) -> None:
        with connection:
            for answer in answers:
                self.heard += connection.recv(1 << 16)
                for number, packet in enumerate(answer, start=1):
                    if packet == b"":
                        self.heard += connection.recv(1 << 16)
                    else:
                        connection.sendall(struct.pack("<I", len(packet) | number << 24) + packet)

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *exception: object) -> None:
        self.session.close()
        self._thread.join()


def ready() -> Ready:
    here = Endpoint("127.0.0.1", 3306)
    return Ready("id", "My DB", "mysql", 1, here, here, False, {"user": "me"}, {})


def rows(answer: Any) -> list[dict[str, Any]]:
    assert isinstance(answer, Rows)
    return answer.take().to_pylist()


def test_a_server_that_asks_for_a_file_gets_an_empty_one() -> None:
    with Server([b"\xfb/etc/passwd", b"", OK], [OK]) as server:
        with pytest.raises(UnderpassError, match="file of this machine"):
            server.session.ask("SELECT 1")
        server.session.ask("SELECT 2")
        assert server.heard == b"\x09\0\0\0\3SELECT 1" + b"\0\0\0\2" + b"\x09\0\0\0\3SELECT 2"


def test_rows_that_are_shorter_or_longer_than_their_columns_end_the_session() -> None:
    for row in (b"\1a\1b", b"\x05a"):
        with (
            Server([b"\1", column(b"a"), END, row, END]) as server,
            pytest.raises((Unreadable, ProtocolError)),
        ):
            server.session.ask("SELECT 1")


@pytest.mark.parametrize("charset", [45, 63])
@pytest.mark.parametrize("length", [50, 1 << 30, (1 << 31) + 50, (1 << 64) - 100])
def test_a_length_that_leads_out_of_its_row_is_not_followed(charset: int, length: int) -> None:
    row = b"\xfe" + struct.pack("<Q", length) + b"a"
    packets = [b"\1", column(b"a", charset=charset), END, b"\1x", row, b"\1y" * 90, b"\1z", END]
    with Server(packets, [OK]) as server:
        with pytest.raises(Unreadable):
            server.session.ask("SELECT 1")
        server.session.ask("SELECT 2")


@pytest.mark.parametrize("answer", [[b"\0"], [b"\1", b"\3def"], [b"\1", column(b"a")[:-3]], [b"\xfe\1"]])
def test_packets_that_are_too_short_end_the_session(answer: list[bytes]) -> None:
    with Server(answer) as server, pytest.raises((ProtocolError, OSError)):
        server.session.ask("SELECT 1")


@pytest.mark.parametrize("answer", [b"\0", b"\0\1\0\0\0\1\0"])
def test_a_statement_that_is_prepared_too_shortly_ends_the_session(answer: bytes) -> None:
    with Server([answer]) as server, pytest.raises((ProtocolError, OSError)):
        server.session.ask("SELECT ?", 1)


def test_a_limit_is_taken_back_though_a_late_kill_ends_the_statement_that_does_so() -> None:
    killed = b"\xff" + struct.pack("<H", 1317) + b"#70100interrupted"
    before = [b"\1", column(b"rows_before", kind=8), END, prefixed(b"99"), END]
    answers = (before, [OK], [b"\1", column(b"a"), END, b"\1x", END], [killed], [OK])
    with Server(*answers) as server:
        answer = MySQL(server.session, ready()).run("SELECT a", [], limit=1)
        assert rows(answer) == [{"a": "x"}]
        assert server.heard.count(b"sql_select_limit = 99") == 2


def test_text_that_is_not_utf_8_is_an_error_and_the_session_goes_on() -> None:
    with Server([b"\1", column(b"a"), END, b"\1\xff", END], [OK]) as server:
        with pytest.raises(Unreadable):
            server.session.ask("SELECT 1")
        server.session.ask("SELECT 2")


def test_an_error_among_the_rows_is_one() -> None:
    error = b"\xff" + struct.pack("<H", 1317) + b"#70100interrupted"
    with (
        Server([b"\1", column(b"a"), END, b"\1a", error]) as server,
        pytest.raises(ServerError, match="interrupted"),
    ):
        server.session.ask("SELECT 1")


def test_numbers_that_are_none_make_a_column_text() -> None:
    with Server([b"\1", column(b"a", kind=3), END, b"\0011", b"\003one", b"\xfb", END]) as server:
        answer = server.session.ask("SELECT 1")
        assert rows(answer) == [{"a": "1"}, {"a": "one"}, {"a": None}]


def test_times_are_not_cut_where_a_column_announces_fewer_digits() -> None:
    row = prefixed(b"2024-01-02 03:04:05.678")
    with Server([b"\1", column(b"a", kind=12), END, row, END]) as server:
        assert rows(server.session.ask("SELECT 1"))[0]["a"].microsecond == 678000


def test_a_connection_that_ends_is_an_os_error() -> None:
    with Server([b"\1", column(b"a")]) as server, pytest.raises(OSError, match="closed the connection"):
        server.session.ask("SELECT 1")


@pytest.mark.parametrize(
    ("value", "kind", "body"),
    [
        (None, 6, b""),
        (2**63, 0x8008, struct.pack("<Q", 2**63)),
        ("x" * 300, 253, b"\xfc" + struct.pack("<H", 300) + b"x" * 300),
        (b"y" * 70000, 252, b"\xfd" + (70000).to_bytes(3, "little") + b"y" * 70000),
        (-timedelta(hours=100, microseconds=5), 253, prefixed(b"-100:00:00.000005")),
    ],
)
def test_values_are_packed_with_their_type_and_length(value: Any, kind: int, body: bytes) -> None:
    missing = b"\1" if value is None else b"\0"
    assert packed([value], timedelta(0)) == missing + b"\1" + struct.pack("<H", kind) + body


def test_the_ninth_value_that_is_missing_is_in_the_second_byte() -> None:
    assert packed([1] * 8 + [None], None)[:2] == b"\0\1"


def test_placeholders_keep_the_type_of_what_stands_there() -> None:
    assert placeholder(b"") == "CAST(? AS BINARY)"
    assert placeholder("CAST") == "?"


@pytest.mark.parametrize(
    ("sql", "message", "position"),
    [
        ("SELECT 1 FORM x", "… to use near 'x' at line 1", 15),
        ("SELECT 1,\n'a' FORM\n'a' b c", "… to use near ''a' b c' at line 3", 20),
        ("SELECT 'it''s' x y", "… to use near 'y' at line 1", 18),
        ("SELECT (", "… to use near '' at line 1", 9),
        ("SELECT 1", "… to use near 'what is not there' at line 1", None),
    ],
)
def test_a_place_is_found_from_what_stands_near(sql: str, message: str, position: int | None) -> None:
    assert position_of(ServerError(1064, "42000", message), sql) == position


def test_a_name_that_stands_twice_has_no_place() -> None:
    error = ServerError(1054, "42S22", "Unknown column 'a' in 'field list'")
    assert position_of(error, "SELECT a, a") is None
    assert position_of(error, "SELECT 'aa', a") == 14
