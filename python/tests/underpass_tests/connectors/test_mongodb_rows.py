"""BSON as Arrow: whatever the documents are like, nothing is lost and nothing is made up."""

from __future__ import annotations

import datetime
import random
import uuid
from collections.abc import Callable, Sequence
from typing import Any

import bson
import pyarrow as pa
import pytest
from bson import Binary, DatetimeMS, Decimal128, Int64, ObjectId, json_util
from bson.codec_options import CodecOptions
from bson.errors import BSONError

from underpass.connectors.base import Rows
from underpass.connectors.mongodb.rows import Documents
from underpass.connectors.mongodb.scan import chunks_of
from underpass.failure import UnderpassError

UTC = datetime.timezone.utc
MOMENT = datetime.datetime(2024, 1, 1, tzinfo=UTC)
CODEC: CodecOptions[dict[str, Any]] = CodecOptions(tz_aware=True)


def rows(documents: Sequence[dict[str, Any]], size: int = 1000) -> Rows:
    """As if ``size`` documents had come in each batch."""
    gathered = Documents()
    for start in range(0, len(documents), size):
        gathered.add(b"".join(map(bson.encode, documents[start : start + size])))
    return gathered.rows()


def column(*values: Any, size: int = 1000) -> tuple[str, list[Any], Sequence[str]]:
    """Type, values and remarks of a column that holds these."""
    found = rows([{"v": value} for value in values], size)
    table = found.take()
    return str(table.schema.field("v").type), table["v"].to_pylist(), found.remarks


@pytest.mark.parametrize("size", [1, 2, 1000])
def test_a_column_has_one_type_over_all_batches(size: int) -> None:
    assert column(1, Int64(2), None, size=size)[:2] == ("int64", [1, 2, None])
    assert column(1, 2.5, size=size)[:2] == ("double", [1.0, 2.5])
    assert column(2**53 + 1, 0.5, size=size)[:2] == ("string", ["9007199254740993", "0.5"])
    assert column(1, True, size=size)[:2] == ("string", ["1", "true"])
    assert column("1", 1, size=size)[:2] == ("string", ['"1"', "1"])
    assert column(Decimal128("1.5"), Decimal128("10"), size=size)[0] == "decimal128(38, 1)"
    assert column({"a": 1}, {"b": "x"}, size=size)[:2] == (
        "struct<a: int64, b: string>",
        [{"a": 1, "b": None}, {"a": None, "b": "x"}],
    )
    assert column([1], ["x"], [], None, size=size)[:2] == ("list<item: string>", [["1"], ['"x"'], [], None])


def test_whole_doubles_stay_doubles_and_nan_stays_a_number() -> None:
    kind, values, _ = column(1.0, float("nan"), float("inf"))
    assert kind == "double"
    assert values[0] == 1.0
    assert str(values[1:]) == "[nan, inf]"


def test_decimals_are_exact_or_text() -> None:
    assert column(Decimal128("-0.001"), Decimal128("12"))[1] == [
        *map(Decimal128.to_decimal, (Decimal128("-0.001"), Decimal128("12")))
    ]
    for number in ("1E+6144", "1E-6176", "NaN", "-Infinity"):
        kind, values, remarks = column(Decimal128(number), Decimal128("1"))
        assert kind == "string"
        assert values == [str(Decimal128(number).to_decimal()), "1"]
        assert remarks == [
            '"v" has decimals without a number or of more than 38 digits; it is given as text.'
        ]


def test_bytes_are_bytes_and_uuids_their_usual_text() -> None:
    assert column(b"", b"\0")[:2] == ("binary", [b"", b"\0"])
    assert column(Binary.from_uuid(uuid.UUID(int=1)), None)[:2] == ("string", [str(uuid.UUID(int=1)), None])
    assert column(Binary(b"abc", 2))[:2] == ("binary", [b"abc"])
    assert column(b"a", Binary(b"b", 128))[0] == "string"


def test_dates_beyond_the_calendar_are_text() -> None:
    kind, values, remarks = column(DatetimeMS(2**60), DatetimeMS(0))
    assert kind == "string"
    assert values == [
        '{"$date": {"$numberLong": "1152921504606846976"}}',
        '{"$date": "1970-01-01T00:00:00Z"}',
    ]
    assert len(remarks) == 1


def test_keys_that_come_late_or_in_another_order_are_columns() -> None:
    table = rows([{"a": 1}, {"b": "x", "a": 2}, {}, {"": 0, "a.b": 1, "é": None}]).take()
    assert table.to_pylist()[1] == {"a": 2, "b": "x", "": None, "a.b": None, "é": None}
    assert table.column_names == ["a", "b", "", "a.b", "é"]


def test_a_document_with_keys_of_its_own_for_each_row_is_text() -> None:
    found = rows([{"v": {f"key {n}": n}} for n in range(200)])
    assert found.remarks == ['"v" has more than 100 keys; it is given as extended JSON.']
    assert found.take()["v"][5].as_py() == '{"key 5": 5}'


def test_documents_that_share_nothing_are_read_too() -> None:
    documents = [{f"key {n} {m}": m for m in range(3)} for n in range(3000)]
    table = rows(documents, 3000).take()
    assert table.num_columns == 9000
    assert table["key 2999 2"].to_pylist() == [None] * 2999 + [2]


def test_no_documents_are_no_columns() -> None:
    assert rows([]).take().shape == (0, 0)


def test_text_that_is_no_utf_8_is_not_passed_on() -> None:
    damaged = bson.encode({"v": "aa"}).replace(b"aa", b"\xff\xfe")
    gathered = Documents()
    gathered.add(damaged)
    with pytest.raises(pa.ArrowInvalid, match="UTF8"):
        gathered.rows()


def test_elements_of_an_array_are_in_order_whatever_their_keys() -> None:
    inner = b"".join(bson.encode({key: n})[4:-1] for n, key in enumerate(("0", "0", "x", "")))
    array = (len(inner) + 5).to_bytes(4, "little") + inner + b"\0"
    whole = bson.encode({"v": [0]})
    body = whole[4:7] + array + b"\0"
    gathered = Documents()
    gathered.add((len(body) + 4).to_bytes(4, "little") + body)
    gathered.add(bson.encode({"v": [4, "x", None, 5]}))
    assert gathered.rows().take()["v"].to_pylist() == [["0", "1", "2", "3"], ["4", '"x"', None, "5"]]


def test_nothing_is_no_row_whatever_the_limit() -> None:
    assert Documents().rows(10).take().num_rows == 0


def test_documents_that_share_no_keys_do_not_fill_the_memory() -> None:
    with pytest.raises(UnderpassError, match="11000 different keys"):
        rows([{f"k{n}": n} for n in range(11_000)])
    assert rows([{f"k{n}": n} for n in range(500)]).take().num_columns == 500


def test_damaged_documents_end_in_an_error_not_in_a_loop() -> None:
    chance = random.Random(3)
    whole = b"".join(
        bson.encode({"a": "text", "b": [1, {"c": 2.5}], "d": b"xx", "e": {"f": n}}) for n in range(8)
    )
    for _ in range(3000):
        damaged = bytearray(whole)
        for _ in range(chance.randrange(1, 4)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        try:
            gathered = Documents()
            gathered.add(bytes(damaged))
            gathered.rows()
        except (ValueError, IndexError, OverflowError, pa.ArrowException, BSONError):
            continue


def test_random_documents_are_the_same_as_the_drivers() -> None:
    chance = random.Random(11)
    scalars: list[Callable[[], Any]] = [
        lambda: chance.randrange(-(2**31), 2**31),
        lambda: Int64(chance.randrange(-(2**63), 2**63)),
        lambda: chance.uniform(-9, 9),
        lambda: "".join(chance.choices('aé\U0001f600 "', k=chance.randrange(6))),
        lambda: chance.random() < 0.5,
        lambda: (
            datetime.datetime(2024, 1, 1, tzinfo=UTC)
            + datetime.timedelta(milliseconds=chance.randrange(9**9))
        ),
        lambda: ObjectId(chance.randbytes(12)),
        lambda: chance.randbytes(chance.randrange(5)),
        lambda: Decimal128(f"{chance.randrange(10**6)}E{chance.randrange(-4, 3)}"),
    ]
    for _ in range(300):
        makers = {f"k{n}": _maker(chance, scalars, 2) for n in range(chance.randrange(1, 6))}
        documents = [
            {key: make() for key, make in makers.items() if chance.random() < 0.8}
            for _ in range(chance.randrange(1, 30))
        ]
        got = rows(documents, chance.choice([1, 7, 1000])).take()
        for name in got.column_names:
            for value, document in zip(got[name].to_pylist(), documents, strict=True):
                raw = bson.decode(bson.encode(document), CODEC)
                assert _same(value, raw.get(name)), (name, value, raw.get(name))


def _maker(chance: random.Random, scalars: list[Callable[[], Any]], depth: int) -> Callable[[], Any]:
    roll = chance.random()
    if depth and roll < 0.2:
        inner = _maker(chance, scalars, depth - 1)
        return lambda: [inner() for _ in range(chance.randrange(4))]
    if depth and roll < 0.4:
        fields = {name: _maker(chance, scalars, depth - 1) for name in "xy"}
        return lambda: {name: make() for name, make in fields.items() if chance.random() < 0.7}
    if roll < 0.5:
        return lambda: chance.choice(scalars)()
    kind = chance.choice(scalars)
    return lambda: None if chance.random() < 0.1 else kind()


def _same(got: Any, stored: Any) -> bool:
    """Whether ``got`` says what was stored: as itself, or as text that it can be read from."""
    if isinstance(stored, dict) and isinstance(got, dict):
        return all(_same(value, stored.get(key)) for key, value in got.items()) and set(stored) <= set(got)
    if isinstance(stored, list) and isinstance(got, list):
        return len(got) == len(stored) and all(map(_same, got, stored))
    if stored is None:
        return got is None
    if isinstance(got, str) and got == json_util.dumps(stored, json_options=json_util.RELAXED_JSON_OPTIONS):
        return True
    if isinstance(stored, ObjectId):
        return got == str(stored)
    if isinstance(stored, Decimal128):
        return got in (stored.to_decimal(), str(stored.to_decimal()))
    return got == stored


def test_a_batch_is_cut_into_pieces_that_fit_the_cache() -> None:
    document = bson.encode({"text": "x" * 1000})
    pieces = list(chunks_of(document * 10_000))
    assert sum(piece.count for piece in pieces) == 10_000
    assert len(pieces) == 3
