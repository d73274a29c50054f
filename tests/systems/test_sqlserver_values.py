"""What values of SQL Server become through the bastion, and what it receives for ``{{ }}``."""

from __future__ import annotations

import datetime
import decimal
import uuid
from typing import Any

import pyarrow as pa
import pytest

from underpass.connectors.base import Connector, Rows
from underpass.frames import to_frame

from .sqlserver_cells import answers, failure, rows

SYSTEM = "sqlserver"
D = decimal.Decimal


def moment(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text)


#: Column of the table ``every_type``, its type in Arrow, and its first two values; the third is missing.
EVERY_TYPE = [
    ("bit", pa.bool_(), True, False),
    ("tinyint", pa.uint8(), 255, 0),
    ("smallint", pa.int16(), -32768, 32767),
    ("int", pa.int32(), -(2**31), 2**31 - 1),
    ("bigint", pa.int64(), -(2**63), 2**63 - 1),
    ("real", pa.float32(), 0.5, -3.25),
    ("float", pa.float64(), 0.1, -1.7976931348623157e308),
    ("decimal_9_2", pa.decimal128(9, 2), D("12345.67"), D("-0.01")),
    ("decimal_38_0", pa.decimal128(38, 0), D("9" * 38), D("-" + "9" * 38)),
    ("decimal_38_38", pa.decimal128(38, 38), D("0." + "9" * 38), D("-1E-38")),
    ("money", pa.decimal128(19, 4), D("922337203685477.5807"), D("-922337203685477.5808")),
    ("smallmoney", pa.decimal128(10, 4), D("-214748.3648"), D("1.0000")),
    ("date", pa.date32(), datetime.date(1, 1, 1), datetime.date(9999, 12, 31)),
    ("datetime", pa.timestamp("us"), moment("2024-01-02T12:34:56.123000"), moment("1753-01-01T00:00:00")),
    ("smalldatetime", pa.timestamp("us"), moment("2024-01-02T12:34:00"), moment("2079-06-06T23:59:00")),
    ("datetime2_7", pa.timestamp("us"), moment("2024-01-02T12:34:56.123456"), moment("2024-01-02T00:00:00")),
    ("datetime2_3", pa.timestamp("us"), moment("2024-01-02T12:34:56.123000"), moment("0001-01-01T00:00:00")),
    ("datetime2_far", pa.timestamp("us"), datetime.datetime.min, datetime.datetime.max),
    (
        "datetimeoffset_7",
        pa.timestamp("us", "UTC"),
        moment("2024-01-02T12:34:56.123456+00:00"),
        moment("2024-01-02T00:00:00+00:00"),
    ),
    (
        "uniqueidentifier",
        pa.large_string(),
        "6F9619FF-8B86-D011-B42D-00C04FC964FF",
        "00000000-0000-0000-0000-000000000000",
    ),
    ("varchar", pa.large_string(), "fünf €", ""),
    ("varchar_max", pa.large_string(), "v" * 20_000, ""),
    ("nvarchar", pa.large_string(), "Łukasz 🐘", ""),
    ("nvarchar_max", pa.large_string(), "ñ" * 20_000, ""),
    ("binary_4", pa.large_binary(), b"\1\2\3\4", bytes(4)),
    ("varbinary", pa.large_binary(), b"\0\xff", b""),
    ("varbinary_max", pa.large_binary(), b"\xfe" * 20_000, b""),
    ("rowversion", pa.large_binary(), bytes(range(8)), b"\xff" * 8),
    ("xml", pa.large_string(), "<a>ü</a>", ""),
    ("sql_variant", pa.string(), "42", "text"),
    ("hierarchyid", pa.large_binary(), b"\x58", b""),
]


@pytest.mark.parametrize(("name", "kind", "first", "second"), EVERY_TYPE, ids=[row[0] for row in EVERY_TYPE])
def test_each_type_keeps_its_values(
    connector: Connector, name: str, kind: pa.DataType, first: Any, second: Any
) -> None:
    (answer,) = answers(connector, f"SELECT {name} FROM every_type")
    assert isinstance(answer, Rows)
    table = answer.take()
    assert table.schema.field(0).type == kind
    assert table.column(0).to_pylist() == [first, second, None]


def test_times_finer_than_python_s_are_text(connector: Connector) -> None:
    (answer,) = answers(connector, "SELECT time_7, time_0 FROM every_type")
    assert isinstance(answer, Rows)
    table = answer.take()
    assert table["time_7"].to_pylist() == ["12:34:56.1234567", "23:59:59.9999999", None]
    assert table["time_0"].to_pylist() == [datetime.time(12, 34, 56), datetime.time(), None]
    assert [remark.split('"')[1] for remark in answer.remarks] == ["time_7"]


def test_remarks_name_columns_that_the_driver_does_not_give_in_full(connector: Connector) -> None:
    (answer,) = answers(connector, "SELECT datetime2_7, datetime2_3, datetime, hierarchyid FROM every_type")
    assert isinstance(answer, Rows)
    assert [remark.split('"')[1] for remark in answer.remarks] == ["datetime2_7", "hierarchyid"]


def test_every_type_becomes_a_column_of_pandas_and_polars(connector: Connector) -> None:
    for kind in ("pandas", "polars"):
        (answer,) = answers(connector, "SELECT * FROM every_type")
        assert isinstance(answer, Rows)
        assert to_frame(answer, kind).shape == (3, len(EVERY_TYPE) + 2)


def test_columns_beside_a_sql_variant_keep_their_types(connector: Connector) -> None:
    names = [
        "sql_variant",
        "tinyint",
        "money",
        "datetimeoffset_7",
        "varbinary",
        "nvarchar",
        "float",
        "uniqueidentifier",
    ]
    (answer,) = answers(connector, f"SELECT {', '.join(names)} FROM every_type")
    assert isinstance(answer, Rows)
    table = answer.take()
    known = {name: (first, second) for name, _, first, second in EVERY_TYPE}
    assert {name: table[name].to_pylist() for name in names} == {name: [*known[name], None] for name in names}
    assert table["money"].type == pa.decimal128(19, 4)
    assert table["tinyint"].type == pa.uint8()


EAST = datetime.timezone(datetime.timedelta(hours=5, minutes=30))
#: A value, and what the server received: its declared type and the value as the server read it.
VALUES = [
    (True, "bit", "True"),
    (5, "int", "5"),
    (-(2**63), "bigint", str(-(2**63))),
    (2**63, "decimal(19, 0)", "'9223372036854775808'"),
    (0.1, "float", "0.1"),
    (D("-123.4500"), "decimal(7, 4)", "'-123.4500'"),
    (D("1E+3"), "decimal(4, 0)", "'1000'"),
    (D("0.001"), "decimal(3, 3)", "'0.001'"),
    ("O'Brien; -- ?", "varchar(8000)", '"O\'Brien; -- ?"'),
    ("Łukasz 🐘", "nvarchar(4000)", "'Łukasz 🐘'"),
    ("", "varchar(8000)", "''"),
    (b"\0\xff", "varbinary(8000)", r"b'\x00\xff'"),
    (b"", "varbinary(8000)", "b''"),
    (datetime.date(2024, 2, 29), "date", "'2024-02-29'"),
    (datetime.time(12, 34, 56, 1), "time(7)", "'12:34:56.000001'"),
    (datetime.datetime(2024, 2, 29, 1, 2, 3, 4), "datetime2(7)", "'2024-02-29 01:02:03.000004'"),
    (
        datetime.datetime(2024, 2, 29, 1, 2, 3, tzinfo=EAST),
        "datetimeoffset(7)",
        "'2024-02-29 01:02:03+05:30'",
    ),
    (uuid.UUID(int=5), "uniqueidentifier", "'00000000-0000-0000-0000-000000000005'"),
]


@pytest.mark.parametrize(("value", "declared", "received"), VALUES, ids=[row[1] for row in VALUES])
def test_a_value_is_sent_beside_the_batch_with_a_type_of_its_own(
    connector: Connector, value: Any, declared: str, received: str
) -> None:
    found = rows(connector, "SELECT * FROM dbo.received WHERE value = {{ value }}", value=value)
    assert [(row["type"], row["value"]) for row in found] == [(declared, received)]


@pytest.mark.parametrize(
    ("value", "declared"),
    [("x" * 9000, "varchar(max)"), ("ł" * 5000, "nvarchar(max)"), (b"\1" * 9000, "varbinary(max)")],
)
def test_long_values_are_sent_whole(connector: Connector, value: Any, declared: str) -> None:
    (found,) = rows(connector, "SELECT * FROM dbo.received WHERE value = {{ value }}", value=value)
    assert found["type"] == declared
    assert found["value"] == repr(value)


def test_nothing_has_no_type_so_that_it_fits_everywhere(connector: Connector) -> None:
    assert rows(connector, "SELECT {{ value }} AS nothing", value=None) == [{"nothing": None}]
    (found,) = rows(connector, "SELECT * FROM dbo.received WHERE {{ a }} = {{ b }}", a=None, b=1)
    assert found["name"] == "@underpass2"


def test_the_same_name_is_the_same_parameter(connector: Connector) -> None:
    found = rows(connector, "SELECT * FROM dbo.received WHERE {{ a }} < {{ b }} OR {{ a }} > 3", a=1, b=2)
    assert [row["name"] for row in found] == ["@underpass1", "@underpass2"]


def test_question_marks_and_braces_of_the_text_are_text(connector: Connector) -> None:
    cell = "SELECT name, '? {d ''x''}' AS text FROM people WHERE id = {{ id }} -- {fn now()} ?"
    assert rows(connector, cell, id=2) == [{"name": "Grace", "text": "? {d 'x'}"}]


@pytest.mark.parametrize(
    ("condition", "values", "expected"),
    [
        ("IN {{ ids }}", [1, 3], [1, 3]),
        ("IN ({{ ids }})", (2,), [2]),
        ("NOT IN {{ ids }}", [1, 3], [2]),
        ("IN {{ ids }}", [], []),
        ("NOT IN {{ ids }}", [], [1, 2, 3]),
    ],
)
def test_a_list_stands_behind_in(
    connector: Connector, condition: str, values: Any, expected: list[int]
) -> None:
    cell = f"SELECT id FROM people WHERE id {condition} ORDER BY id"
    assert [row["id"] for row in rows(connector, cell, ids=values)] == expected


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        D("NaN"),
        10**38,
        D("1E-39"),
        datetime.timedelta(1),
        [1, 2],
        datetime.time(1, tzinfo=EAST),
    ],
)
def test_a_value_that_has_no_type_there_is_refused_before_anything_is_sent(
    connector: Connector, value: Any
) -> None:
    assert failure(connector, "SELECT {{ value }} AS x", value=value)["code"] == "invalid-request"
