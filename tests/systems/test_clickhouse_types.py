"""ClickHouse's types, value by value."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from underpass.connectors.base import Connector, Rows
from underpass.frames import to_frame

SYSTEM = "clickhouse"

UTC = dt.timezone.utc
BIG = 2**127 - 1

#: Type, its values in SQL, type in Arrow, values.
TYPES: list[tuple[str, list[str], pa.DataType, list[Any]]] = [
    ("Bool", ["true", "false"], pa.bool_(), [True, False]),
    ("Int8", ["-128", "127"], pa.int8(), [-128, 127]),
    ("Int16", ["-32768"], pa.int16(), [-32768]),
    ("Int32", ["-2147483648"], pa.int32(), [-(2**31)]),
    ("Int64", ["-9223372036854775808"], pa.int64(), [-(2**63)]),
    ("UInt8", ["255"], pa.uint8(), [255]),
    ("UInt16", ["65535"], pa.uint16(), [65535]),
    ("UInt32", ["4294967295", "0"], pa.uint32(), [2**32 - 1, 0]),
    ("UInt64", ["18446744073709551615"], pa.uint64(), [2**64 - 1]),
    ("Int128", ["'-5'", f"'{10**38 - 1}'"], pa.decimal128(38, 0), [Decimal(-5), Decimal(10**38 - 1)]),
    ("Int128", [f"'{BIG}'", "'-1'"], pa.string(), [str(BIG), "-1"]),
    ("UInt128", ["'7'", f"'{10**38 - 1}'"], pa.decimal128(38, 0), [Decimal(7), Decimal(10**38 - 1)]),
    ("UInt128", [f"'{2**128 - 1}'"], pa.string(), [str(2**128 - 1)]),
    ("Int256", ["'-7'", f"'{-(10**38) + 1}'"], pa.decimal128(38, 0), [Decimal(-7), Decimal(-(10**38) + 1)]),
    ("Int256", [f"'{-(2**255)}'"], pa.string(), [str(-(2**255))]),
    ("UInt256", [f"'{2**256 - 1}'", "'1'"], pa.string(), [str(2**256 - 1), "1"]),
    ("Float32", ["1.5", "nan", "-inf"], pa.float32(), [1.5, float("nan"), float("-inf")]),
    ("Float64", ["0.1", "1.7976931348623157e308"], pa.float64(), [0.1, 1.7976931348623157e308]),
    ("BFloat16", ["1.5", "-2"], pa.float32(), [1.5, -2.0]),
    ("Decimal(9, 2)", ["'-1234567.89'"], pa.decimal128(9, 2), [Decimal("-1234567.89")]),
    ("Decimal(18, 4)", ["'0.0001'"], pa.decimal128(18, 4), [Decimal("0.0001")]),
    ("Decimal(38, 10)", ["'1.0000000001'"], pa.decimal128(38, 10), [Decimal("1.0000000001")]),
    ("Decimal(76, 2)", ["'1.25'"], pa.decimal128(38, 2), [Decimal("1.25")]),
    ("Decimal(76, 2)", [f"'{10**40}.25'"], pa.string(), [f"{10**40}.25"]),
    ("String", ["'ü\U0001f600 \\'q\\''", "''"], pa.string(), ["ü\U0001f600 'q'", ""]),
    ("String", ["unhex('ff00')", "'a'"], pa.binary(), [b"\xff\x00", b"a"]),
    ("FixedString(3)", ["'ab'", "unhex('ff0001')"], pa.binary(), [b"ab\0", b"\xff\0\1"]),
    ("LowCardinality(String)", ["'x'", "'y'"], pa.string(), ["x", "y"]),
    ("Enum8('a' = 1, 'it\\'s, (b' = -2)", ["'it\\'s, (b'", "'a'"], pa.string(), ["it's, (b", "a"]),
    ("Enum16('x=y' = 1000)", ["'x=y'"], pa.string(), ["x=y"]),
    ("Date", ["'1970-01-01'", "'2149-06-06'"], pa.date32(), [dt.date(1970, 1, 1), dt.date(2149, 6, 6)]),
    ("Date32", ["'1900-01-01'", "'2299-12-31'"], pa.date32(), [dt.date(1900, 1, 1), dt.date(2299, 12, 31)]),
    (
        "DateTime('Europe/Berlin')",
        ["'2024-07-01 12:00:00'"],
        pa.timestamp("s", "Europe/Berlin"),
        [dt.datetime(2024, 7, 1, 10, tzinfo=UTC)],
    ),
    (
        "DateTime",
        ["4294967295"],
        pa.timestamp("s", "Etc/UTC"),
        [dt.datetime(2106, 2, 7, 6, 28, 15, tzinfo=UTC)],
    ),
    (
        "DateTime64(3, 'UTC')",
        ["'1900-01-01 00:00:00.001'"],
        pa.timestamp("ms", "UTC"),
        [dt.datetime(1900, 1, 1, 0, 0, 0, 1000, UTC)],
    ),
    (
        "DateTime64(6)",
        ["'2299-12-31 23:59:59.999999'"],
        pa.timestamp("us", "Etc/UTC"),
        [dt.datetime(2299, 12, 31, 23, 59, 59, 999999, UTC)],
    ),
    (
        "DateTime64(9, 'Asia/Tokyo')",
        ["'2024-01-01 09:00:00.123456789'"],
        pa.timestamp("ns", "Asia/Tokyo"),
        [pd.Timestamp("2024-01-01 00:00:00.123456789", tz="UTC")],
    ),
    ("Time", ["'23:59:59'"], pa.time32("s"), [dt.time(23, 59, 59)]),
    ("Time64(6)", ["'00:00:00.000001'"], pa.time64("us"), [dt.time(0, 0, 0, 1)]),
    ("Time64(9)", ["'00:00:00.000001'"], pa.time64("ns"), [dt.time(0, 0, 0, 1)]),
    ("Time", ["'-100:00:01'", "'24:00:00'"], pa.string(), ["-100:00:01", "24:00:00"]),
    (
        "UUID",
        ["'61f0c404-5cb3-11e7-907b-a6006ad3dba0'"],
        pa.string(),
        ["61f0c404-5cb3-11e7-907b-a6006ad3dba0"],
    ),
    ("IPv4", ["'192.0.2.1'", "'255.255.255.255'"], pa.string(), ["192.0.2.1", "255.255.255.255"]),
    (
        "IPv6",
        ["'2001:db8:0:0:1:0:0:1'", "'::'", "'::ffff:192.0.2.1'", "'1:0:2:3:4:5:6:7'", "'fe80::'"],
        pa.string(),
        ["2001:db8::1:0:0:1", "::", "::ffff:192.0.2.1", "1:0:2:3:4:5:6:7", "fe80::"],
    ),
    ("JSON", ['\'{"a":{"b":[1,2]}}\''], pa.string(), ['{"a":{"b":[1,2]}}']),
    ("Dynamic", ["1"], pa.string(), ["1"]),
    ("Variant(Int64, String)", ["'x'", "2::Int64"], pa.string(), ['"x"', "2"]),
    ("Array(Int32)", ["[1, 2]", "[]"], pa.list_(pa.int32()), [[1, 2], []]),
    ("Array(Nullable(String))", ["['a', NULL]"], pa.list_(pa.string()), [["a", None]]),
    ("Array(Array(Enum8('a' = 1)))", ["[['a'], []]"], pa.list_(pa.list_(pa.string())), [[["a"], []]]),
    (
        "Array(DateTime('UTC'))",
        ["['2024-01-01 00:00:00']"],
        pa.list_(pa.string()),
        [["2024-01-01 00:00:00Z"]],
    ),
    (
        "Tuple(a IPv4, `b c` String)",
        ["('192.0.2.1', 'x')"],
        pa.struct({"a": pa.string(), "b c": pa.string()}),
        [{"a": "192.0.2.1", "b c": "x"}],
    ),
    (
        "Map(String, UInt128)",
        ["map('a', 5)"],
        pa.map_(pa.string(), pa.decimal128(38, 0)),
        [[("a", Decimal(5))]],
    ),
    ("Point", ["(1, 2)"], pa.struct({"1": pa.float64(), "2": pa.float64()}), [{"1": 1.0, "2": 2.0}]),
    ("SimpleAggregateFunction(sum, Int128)", ["'5'"], pa.decimal128(38, 0), [Decimal(5)]),
]
#: Types that can not be Nullable.
NESTED = ("Array", "Tuple", "Map", "Point", "JSON", "Dynamic", "Variant", "LowCardinality", "Simple")


def rows_of(connector: Connector, sql: str, *params: Any) -> Rows:
    answer = connector.run(sql, params)
    assert isinstance(answer, Rows)
    return answer


def same(found: list[Any], expected: list[Any]) -> bool:
    """Equal, with NaN equal to NaN."""
    return len(found) == len(expected) and all(
        a == b or (a != a and b != b) for a, b in zip(found, expected, strict=True)
    )


@pytest.mark.parametrize(("kind", "literals", "arrow", "expected"), TYPES, ids=[case[0] for case in TYPES])
def test_a_type_keeps_its_values(
    connector: Connector, kind: str, literals: list[str], arrow: pa.DataType, expected: list[Any]
) -> None:
    escaped = kind.replace("\\", "\\\\").replace("'", "\\'")

    def table(name: str, values: list[str]) -> Rows:
        selects = (f"SELECT {place} AS n, CAST({value}, '{name}') AS x" for place, value in enumerate(values))
        together = " UNION ALL ".join(selects)
        return rows_of(
            connector, f"SELECT x FROM ({together}) ORDER BY n SETTINGS allow_suspicious_variant_types = 1"
        )

    rows = table(escaped, literals)
    found = rows.take()
    assert found.column(0).type == arrow
    assert same(found.column(0).to_pylist(), expected)
    to_frame(Rows(found))
    if not kind.startswith(NESTED):
        missing = table(f"Nullable({escaped})", [*literals, "NULL"]).take()
        assert missing.column(0).type == arrow
        assert same(missing.column(0).to_pylist(), [*expected, None])
        to_frame(Rows(missing))


def test_a_state_of_an_aggregate_is_left_out_with_a_remark(connector: Connector) -> None:
    rows = rows_of(connector, "SELECT sumState(number) AS s, sum(number) AS n FROM numbers(4)")
    assert "finalizeAggregation" in rows.remarks[0]
    assert rows.take().to_pylist() == [{"s": None, "n": 6}]


def test_times_finer_than_microseconds_are_text_with_a_remark(connector: Connector) -> None:
    times = "[toTime64('12:30:00.000000001', 9), toTime64('12:30:00.5', 9)]"
    rows = rows_of(connector, f"SELECT arrayJoin({times}) AS t, {times} AS l")
    assert ["finer than microseconds" in remark for remark in rows.remarks] == [True, True]
    written = ["12:30:00.000000001", "12:30:00.500000000"]
    assert rows.take().to_pydict() == {"t": written, "l": [written, written]}


def test_types_that_could_not_be_asked_for_are_remarked(connector: Connector) -> None:
    rows = rows_of(connector, "SELECT toDateTime(5, 'UTC') AS t FORMAT ArrowStream")
    assert "did not tell the types" in rows.remarks[0]
    assert rows.take().to_pylist() == [{"t": 5}]
    assert not rows_of(connector, "SELECT now() AS t").remarks


def test_a_result_without_rows_has_its_types(connector: Connector) -> None:
    found = rows_of(
        connector, "SELECT now() AS t, toInt128(1) AS i, 'a'::Enum('a') AS e, toIPv6('::') AS v WHERE 0"
    )
    assert found.take().schema.types == [
        *(pa.timestamp("s", "Etc/UTC"), pa.decimal128(38, 0), pa.string(), pa.string())
    ]


def test_the_type_of_nothing_is_nothing(connector: Connector) -> None:
    assert rows_of(connector, "SELECT NULL AS x, [] AS y").take().to_pylist() == [{"x": None, "y": []}]


def test_a_format_that_a_statement_asks_for_is_given_as_text(connector: Connector) -> None:
    rows = rows_of(connector, "SELECT 1 AS a FORMAT CSVWithNames")
    assert "CSVWithNames" in rows.remarks[0]
    assert rows.take().to_pylist() == [{"CSVWithNames": '"a"\n1\n'}]
