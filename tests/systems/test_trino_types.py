"""Trino's types and values, one by one, on a real server behind the bastion."""

from __future__ import annotations

import datetime
import decimal
import math
import uuid
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from tests.person import Person
from underpass.connectors.base import Connector, Rows
from underpass.failure import UnderpassError

SYSTEM = "trino"

D = decimal.Decimal
BERLIN = ZoneInfo("Europe/Berlin")
UTC = datetime.timezone.utc

#: An expression, its type in Arrow, its value.
TYPES: list[tuple[str, pa.DataType, Any]] = [
    ("true", pa.bool_(), True),
    ("TINYINT '-128'", pa.int8(), -128),
    ("SMALLINT '32767'", pa.int16(), 32767),
    ("-2147483648", pa.int32(), -(2**31)),
    ("BIGINT '-9223372036854775808'", pa.int64(), -(2**63)),
    ("REAL '1.5'", pa.float32(), 1.5),
    ("infinity()", pa.float64(), math.inf),
    ("DOUBLE '1e-300'", pa.float64(), 1e-300),
    ("DECIMAL '-1.50'", pa.decimal128(3, 2), D("-1.50")),
    ("DECIMAL '99999999999999999999999999999999999999'", pa.decimal128(38, 0), D("9" * 38)),
    ("'naïve ''quoted'' 𝄞'", pa.string(), "naïve 'quoted' 𝄞"),
    ("CAST('ab' AS char(4))", pa.string(), "ab  "),
    ("X'00FF10'", pa.binary(), b"\x00\xff\x10"),
    ("DATE '2024-02-29'", pa.date32(), datetime.date(2024, 2, 29)),
    ("TIME '23:59:59.999999'", pa.time64("us"), datetime.time(23, 59, 59, 999999)),
    ("TIME '01:02:03.123456789012'", pa.string(), "01:02:03.123456789012"),
    ("TIME '01:02:03 +05:30'", pa.string(), "01:02:03+05:30"),
    ("TIMESTAMP '1969-12-31 23:59:59'", pa.timestamp("us"), datetime.datetime(1969, 12, 31, 23, 59, 59)),
    (
        "TIMESTAMP '2024-07-01 12:30:00.123456'",
        pa.timestamp("us"),
        datetime.datetime(2024, 7, 1, 12, 30, 0, 123456),
    ),
    ("TIMESTAMP '2024-07-01 12:30:00.123456789012'", pa.string(), "2024-07-01 12:30:00.123456789012"),
    (
        "TIMESTAMP '2024-07-01 12:30:00.123 Europe/Berlin'",
        pa.timestamp("us", "Europe/Berlin"),
        datetime.datetime(2024, 7, 1, 12, 30, 0, 123000, BERLIN),
    ),
    (
        "TIMESTAMP '2024-07-01 12:30:00 +05:30'",
        pa.timestamp("us", "+05:30"),
        datetime.datetime(2024, 7, 1, 7, 0, tzinfo=UTC),
    ),
    ("INTERVAL -'3 04:05:06.789' DAY TO SECOND", pa.duration("ms"), None),
    ("INTERVAL '0.001' SECOND", pa.duration("ms"), datetime.timedelta(milliseconds=1)),
    ("INTERVAL '14' MONTH", pa.string(), "1-2"),
    ("JSON '{\"a\": [1, null]}'", pa.string(), '{"a":[1,null]}'),
    ("UUID '12151fd2-7586-11e9-8f9e-2a86e4085a59'", pa.string(), "12151fd2-7586-11e9-8f9e-2a86e4085a59"),
    ("IPADDRESS '10.0.0.1'", pa.string(), "10.0.0.1"),
    ("CAST(approx_set(1) AS varbinary) IS NULL", pa.bool_(), False),
    ("ARRAY[1, NULL, 3]", pa.list_(pa.int32()), [1, None, 3]),
    ("CAST(ARRAY[] AS array(bigint))", pa.list_(pa.int64()), []),
    ("ARRAY[ARRAY[DECIMAL '1.5'], NULL]", pa.list_(pa.list_(pa.decimal128(2, 1))), [[D("1.5")], None]),
    ("ARRAY[nan(), 1e0][2]", pa.float64(), 1.0),
    (
        "ARRAY[TIMESTAMP '2024-07-01 12:30:00 Europe/Berlin']",
        pa.list_(pa.string()),
        ["2024-07-01 12:30:00 Europe/Berlin"],
    ),
    (
        "MAP(ARRAY[1, 2], ARRAY[X'01', NULL])",
        pa.map_(pa.int32(), pa.binary()),
        [(1, b"\x01"), (2, None)],
    ),
    ("MAP(ARRAY[ROW(1, 'a')], ARRAY[1])", pa.map_(pa.string(), pa.int32()), [("[1, a]", 1)]),
    (
        "CAST(ROW(1, DATE '2024-02-29') AS ROW(x bigint, y date))",
        pa.struct({"x": pa.int64(), "y": pa.date32()}),
        {"x": 1, "y": datetime.date(2024, 2, 29)},
    ),
    ("ROW(1, 'a')", pa.struct({"field0": pa.int32(), "field1": pa.string()}), {"field0": 1, "field1": "a"}),
]

#: Values, and how they come back if not as they went.
VALUES: list[Any] = [
    None,
    True,
    -7,
    2**40,
    -(2**63),
    2**63 - 1,
    (2**100, D(2**100)),
    -2.5e-300,
    math.inf,
    -math.inf,
    D("-12345678901234567890.123"),
    (D("1E+3"), D(1000)),
    D("0.00000000000000000000000000000000000001"),
    'it\'s "here" \\ -- ? naïve 𝄞\n',
    "",
    b"\x00\xff'",
    datetime.date(1, 1, 1),
    datetime.time(23, 59, 59, 999999),
    datetime.datetime(24, 7, 1, 12, 30, 0, 123456),
    datetime.datetime(2024, 7, 1, 12, 30, tzinfo=datetime.timezone(datetime.timedelta(hours=-5.5))),
    # The second half past two of that night.
    datetime.datetime(2024, 10, 27, 2, 30, tzinfo=BERLIN, fold=1),
    datetime.timedelta(days=-3, milliseconds=1),
    (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    [1, None, 3],
    ["it's", None],
]


def answer(connector: Connector, sql: str, *params: object) -> tuple[pa.Table, list[str]]:
    rows = connector.run(sql, params)
    assert isinstance(rows, Rows)
    remarks = list(rows.remarks)
    return rows.take(), remarks


@pytest.mark.parametrize(("expression", "kind", "value"), TYPES, ids=[case[0][:40] for case in TYPES])
def test_a_type_keeps_its_values_and_has_none(
    connector: Connector, expression: str, kind: pa.DataType, value: Any
) -> None:
    null = "SELECT NULL" if "approx" not in expression else "SELECT false"
    table, remarks = answer(connector, f"(SELECT {expression} AS v) UNION ALL {null}")
    values = sorted(table["v"].to_pylist(), key=lambda one: one is None)
    assert table.schema.field("v").type == kind
    expected = datetime.timedelta(days=-3, hours=-4, minutes=-5, seconds=-6, milliseconds=-789)
    assert values[0] == (expected if value is None else value)
    assert not values[1]
    assert remarks == []


def test_nan_is_a_number_and_missing_is_not(connector: Connector) -> None:
    table, _ = answer(connector, "VALUES (REAL 'NaN', nan()), (NULL, NULL), (REAL '1.1', -infinity())")
    floats = [value for column in table.columns for value in column.to_pylist()]
    assert sum(value is None for value in floats) == 2
    assert sum(value is not None and math.isnan(value) for value in floats) == 2
    assert table.schema.types == [pa.float32(), pa.float64()]


@pytest.mark.parametrize(
    ("expressions", "values", "remark"),
    [
        (
            ("DATE '-0044-03-15'", "DATE '2024-01-01'"),
            ["-0044-03-15", "2024-01-01"],
            "years outside 1 to 9999",
        ),
        (("TIMESTAMP '12024-01-01 00:00:00'",), ["+12024-01-01 00:00:00"], "years outside 1 to 9999"),
        (("TIMESTAMP '2300-01-01 00:00:00.123456789'",), ["2300-01-01 00:00:00.123456789"], "nanoseconds"),
        (
            ("TIMESTAMP '12024-01-01 00:00:00 Asia/Tokyo'", "TIMESTAMP '2024-01-01 00:00:00 Asia/Tokyo'"),
            ["+12024-01-01 00:00:00 Asia/Tokyo", "2024-01-01 00:00:00 Asia/Tokyo"],
            "years outside 1 to 9999",
        ),
    ],
)
def test_what_python_has_no_date_for_is_text_with_a_remark(
    connector: Connector, expressions: list[str], values: list[str], remark: str
) -> None:
    table, remarks = answer(connector, f"SELECT v FROM UNNEST(ARRAY[{', '.join(expressions)}]) AS t(v)")
    assert table["v"].to_pylist() == values
    assert len(remarks) == 1
    assert remark in remarks[0]


def test_nanoseconds_are_kept(connector: Connector) -> None:
    table, _ = answer(connector, "SELECT TIMESTAMP '2024-01-01 00:00:00.123456789' AS v")
    assert table.schema.field("v").type == pa.timestamp("ns")
    assert table["v"].cast(pa.int64()).to_pylist() == [1_704_067_200_123_456_789]


def test_several_zones_in_a_column_are_given_in_utc(connector: Connector) -> None:
    moments = (
        "TIMESTAMP '2024-07-01 12:00:00 Europe/Berlin'), (TIMESTAMP '2024-07-01 12:00:00 -03:00'), (NULL"
    )
    table, remarks = answer(connector, f"SELECT v FROM (VALUES ({moments})) AS t(v)")
    assert table.schema.field("v").type == pa.timestamp("us", "UTC")
    assert table["v"].to_pylist() == [
        datetime.datetime(2024, 7, 1, 10, tzinfo=UTC),
        datetime.datetime(2024, 7, 1, 15, tzinfo=UTC),
        None,
    ]
    assert "several time zones" in remarks[0]


def test_an_hour_that_comes_twice_is_remarked(connector: Connector) -> None:
    _, remarks = answer(connector, "SELECT TIMESTAMP '2024-10-27 02:30:00 Europe/Berlin' AS v")
    assert "comes twice" in remarks[0]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: repr(value)[:30])
def test_a_value_is_bound_as_what_it_is(connector: Connector, value: Any) -> None:
    sent, expected = value if isinstance(value, tuple) else (value, value)
    table, _ = answer(connector, "SELECT ? AS v", sent)
    (found,) = table["v"].to_pylist()
    if isinstance(expected, datetime.datetime) and expected.tzinfo:
        # Python finds no two times equal that are in an hour that comes twice.
        found, expected = found.astimezone(UTC), expected.astimezone(UTC)
    assert found == expected


def test_nan_is_bound_as_a_number(connector: Connector) -> None:
    table, _ = answer(connector, "SELECT is_nan(?) AS v, cardinality(?) AS n", math.nan, [])
    assert table.to_pylist() == [{"v": True, "n": 0}]


@pytest.mark.parametrize(
    "value",
    [
        D("NaN"),
        D(10) ** 38,
        10**38,
        "\ud834",
        datetime.timedelta(microseconds=1),
        datetime.time(1, tzinfo=BERLIN),
    ],
    ids=ascii,
)
def test_a_value_that_trino_can_not_have_is_refused(connector: Connector, value: Any) -> None:
    with pytest.raises(UnderpassError, match="can not be sent to Trino") as refused:
        connector.run("SELECT ?", [value])
    assert refused.value.failure["code"] == "invalid-request"


@pytest.mark.parametrize("wanted", [[2, 4], [], [decimal.Decimal("2.0"), None]])
def test_lists_are_bound_item_by_item(person: Person, connector: Connector, wanted: list[Any]) -> None:
    numbers = "SELECT i FROM (VALUES 1, 2, 3, 4) AS t(i) WHERE i"

    def found(condition: str) -> list[int]:
        frame = person.cell("trino shared", f"{numbers} {condition} {{{{ wanted }}}}", wanted=wanted).frame
        assert frame is not None
        return list(frame["i"])

    assert found("IN") == [number for number in (1, 2, 3, 4) if number in wanted]
    assert found("NOT IN") == ([] if None in wanted else [n for n in (1, 2, 3, 4) if n not in wanted])


def test_every_type_becomes_a_column_of_a_data_frame(person: Person, connector: Connector) -> None:
    columns = ", ".join(f"{expression} AS c{number}" for number, (expression, _, _) in enumerate(TYPES))
    frame = person.cell("trino shared", f"SELECT {columns}").frame
    assert frame is not None
    assert frame.shape == (1, len(TYPES))
    assert str(frame["c20"].dtype) == "datetime64[us, Europe/Berlin]"
    assert str(frame["c22"].dtype) == "timedelta64[ms]"
