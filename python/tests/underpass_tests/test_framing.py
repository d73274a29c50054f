from __future__ import annotations

import pytest

from underpass.framing import Decoder, encode

MESSAGE = {"jsonrpc": "2.0", "method": "grüße", "params": {"text": "€"}}


def test_a_message_comes_out_as_it_went_in() -> None:
    assert Decoder().feed(encode(MESSAGE)) == [MESSAGE]


def test_a_stream_may_be_cut_anywhere() -> None:
    decoder, found = Decoder(), []
    for byte in encode(MESSAGE) + encode({"id": 1}):
        found += decoder.feed(bytes([byte]))
    assert found == [MESSAGE, {"id": 1}]


def test_length_counts_bytes_and_not_characters() -> None:
    header, _, body = encode(MESSAGE).partition(b"\r\n\r\n")
    assert header == b"Content-Length: %d" % len(body)


def test_other_headers_are_ignored() -> None:
    message = b"content-length: 2\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\n{}"
    assert Decoder().feed(message) == [{}]


@pytest.mark.parametrize("stream", [b"Hello: world\r\n\r\n", b"x" * 5000, b"Content-Length: 2\r\n\r\n[]"])
def test_what_is_no_stream_of_messages_is_refused(stream: bytes) -> None:
    with pytest.raises(ValueError, match=r"header|Content-Length|object"):
        Decoder().feed(stream)
