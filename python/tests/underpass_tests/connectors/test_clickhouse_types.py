"""Types as ClickHouse writes them, and what is made of columns without a server."""

from __future__ import annotations

import ipaddress
import random
from decimal import Decimal

import pyarrow as pa
import pytest

from underpass.connectors.clickhouse.addresses import ipv4_text, ipv6_text
from underpass.connectors.clickhouse.errors import Refusal, query_failure
from underpass.connectors.clickhouse.numbers import wide_integers
from underpass.connectors.clickhouse.typenames import Kind
from underpass.connectors.clickhouse.types import plain_table


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("String", Kind("String")),
        ("LowCardinality(Nullable(FixedString(3)))", Kind("FixedString", ("3",))),
        ("SimpleAggregateFunction(sum, Nullable(Int128))", Kind("Int128")),
        ("DateTime('Europe/Berlin')", Kind("DateTime", ("'Europe/Berlin'",))),
    ],
)
def test_what_wraps_a_type_is_left_out(text: str, kind: Kind) -> None:
    assert Kind.parse(text) == kind


def test_elements_of_a_tuple_are_found_whatever_they_are_called() -> None:
    kind = Kind.parse(
        "Tuple(a UInt8, `b, (c` Array(Tuple(String, DateTime('UTC'))), `d e` Enum8('x y' = 1), Int8)"
    )
    assert [element.name for element in kind.elements] == ["UInt8", "Array", "Enum8", "Int8"]
    assert kind.elements[1].elements[0].elements[1].zone == "UTC"
    assert Kind.parse("Map(String, Nullable(UUID))").elements == [Kind("String"), Kind("UUID")]
    assert Kind.parse("Tuple()").elements == []


def test_names_of_an_enum_may_have_all_signs() -> None:
    kind = Kind.parse(r"Enum16('a = b' = -5, 'it\'s, (\\' = 2, '' = 3, '\n' = 4)")
    assert kind.names == {-5: "a = b", 2: "it's, (\\", 3: "", 4: "\n"}


def test_addresses_are_written_as_everybody_writes_them() -> None:
    chance = random.Random(5)
    groups = [[chance.choice((0, 0, 1, 0xABC, 0xFFFF)) for _ in range(8)] for _ in range(5000)]
    raw = [b"".join(group.to_bytes(2, "big") for group in address) for address in groups]
    raw = [value for value in raw if ipaddress.IPv6Address(value).ipv4_mapped is None]
    array = pa.array([*raw, None], pa.binary(16))
    assert ipv6_text(array).to_pylist() == [*(str(ipaddress.IPv6Address(value)) for value in raw), None]
    assert ipv6_text(array[7:9]).to_pylist() == [str(ipaddress.IPv6Address(value)) for value in raw[7:9]]
    assert ipv6_text(pa.array([], pa.binary(16))).to_pylist() == []
    numbers = [0, 1, 255, 256, 2**31, 2**32 - 1]
    array = pa.array([*numbers, None], pa.uint32())
    assert ipv4_text(array).to_pylist() == [*(str(ipaddress.IPv4Address(value)) for value in numbers), None]


@pytest.mark.parametrize(("width", "signed"), [(16, True), (16, False), (32, True), (32, False)])
def test_long_integers_are_exact(width: int, signed: bool) -> None:
    fitting = [0, 1, 10**38 - 1, *([-1, -(10**38) + 1] if signed else [])]
    most = 2 ** (8 * width - signed) - 1

    def column(values: list[int]) -> pa.ChunkedArray:
        raw = [value.to_bytes(width, "little", signed=signed) for value in values]
        return pa.chunked_array([pa.array([None, *raw, None], pa.binary(width))[1:]])

    found, remark = wide_integers(column(fitting), signed=signed)
    assert found.type == pa.decimal128(38, 0)
    assert found.to_pylist() == [*map(Decimal, fitting), None]
    assert remark is None
    for value in (10**38, most):
        found, remark = wide_integers(column([5, value]), signed=signed)
        assert found.to_pylist() == ["5", str(value), None]
        assert remark is not None


def test_numbers_stay_numbers_if_the_server_can_not_tell_what_they_are() -> None:
    table = pa.table({"t": pa.array([5], pa.uint32()), "e": pa.array([1], pa.int8())})
    assert plain_table(table, None, "UTC").take().to_pylist() == [{"t": 5, "e": 1}]


def test_a_zone_that_python_does_not_know_keeps_the_instant() -> None:
    table = pa.table({"t": pa.array([0], pa.uint32())})
    found = plain_table(table, ["DateTime"], "Fixed/UTC+05:30").take()
    assert found.schema.field("t").type == pa.timestamp("s", "UTC")


def test_strings_come_as_text_where_settings_can_not_be_changed() -> None:
    table = pa.table({"s": pa.array([b"\xc3\xbc", None], pa.binary()), "d": pa.array([1, 2], pa.uint16())})
    found = plain_table(table, ["Nullable(String)", "Date"], "UTC").take()
    assert found.column("s").to_pylist() == ["ü", None]
    assert found.column("d").type == pa.date32()


def test_a_position_counts_characters() -> None:
    sql = "SELECT 'ü\U0001f600', x y z"
    place = sql.encode().index(b"y") + 1
    text = f"Code: 62. DB::Exception: Syntax error: failed at position {place} (y). (SYNTAX_ERROR)"
    assert query_failure(Refusal(text), sql).failure.get("detail", {})["position"] == sql.index("y") + 1
