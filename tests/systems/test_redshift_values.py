"""Values to and from Redshift's look-alike."""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal
from typing import Any, cast

import pyarrow as pa
import pytest

from tests.person import Person, fields_of
from tests.servers import PrivateNetwork
from tests.servers.databases import Database
from underpass.arguments import Arguments
from underpass.connectors import redshift
from underpass.connectors.base import Connector

from .test_redshift import answer, one, refusal

SYSTEM = "redshift"
UTC = datetime.timezone.utc
EAST = datetime.timezone(datetime.timedelta(hours=5, minutes=30))


@pytest.mark.parametrize(
    ("expression", "kind", "value"),
    [
        ("(-32768)::smallint", pa.int16(), -32768),
        ("2147483647::integer", pa.int32(), 2147483647),
        ("(-9223372036854775808)::bigint", pa.int64(), -(2**63)),
        ("0.1::real", pa.float32(), 0.10000000149011612),
        ("0.1::float8 + 0.2::float8", pa.float64(), 0.30000000000000004),
        ("'NaN'::float8::varchar", pa.string(), "NaN"),
        ("'-Infinity'::float8", pa.float64(), float("-inf")),
        ("true", pa.bool_(), True),
        ("12.50::numeric(12, 2)", pa.decimal128(4, 2), Decimal("12.50")),
        (
            "-12345678901234567890123456789012345678::numeric(38, 0)",
            pa.decimal128(38, 0),
            Decimal(-12345678901234567890123456789012345678),
        ),
        ("0.001 + 0.0002", pa.decimal128(5, 4), Decimal("0.0012")),
        ("'Ünï 😀 ''quoted'''::varchar", pa.string(), "Ünï 😀 'quoted'"),
        ("'a'::char(3)", pa.string(), "a  "),
        ("date '0001-01-01'", pa.date32(), datetime.date(1, 1, 1)),
        ("date '9999-12-31'", pa.date32(), datetime.date(9999, 12, 31)),
        ("time '23:59:59.123456'", pa.time64("us"), datetime.time(23, 59, 59, 123456)),
        ("timetz '23:59:59.5+05:30'", pa.string(), "23:59:59.5+05:30"),
        (
            "timestamp '2024-02-29 12:00:00.000001'",
            pa.timestamp("us"),
            datetime.datetime(2024, 2, 29, 12, 0, 0, 1),
        ),
        (
            "timestamptz '2024-02-29 12:00:00+05:30'",
            pa.timestamp("us", "UTC"),
            datetime.datetime(2024, 2, 29, 6, 30, tzinfo=UTC),
        ),
        ("interval '1 day 2 hours'", pa.string(), "1 day 02:00:00"),
        ("""'{"a": [1, null]}'::super""", pa.string(), '{"a": [1, null]}'),
        ("from_hex('00ff27')", pa.binary(), b"\x00\xff'"),
        ("''::varbyte", pa.binary(), b""),
        ("'0101000000'::geometry", pa.string(), "0101000000"),
        ("'{}'::hllsketch", pa.string(), "{}"),
        ("17::oid", pa.int64(), 17),
    ],
)
def test_a_type_becomes(connector: Connector, expression: str, kind: pa.DataType, value: Any) -> None:
    table = answer(
        connector, f"SELECT {expression} AS x UNION ALL SELECT NULL UNION ALL SELECT {expression}"
    ).take()
    assert table.schema.field("x").type == kind
    assert table.column("x").to_pylist() == [value, None, value]


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("date '4713-01-01 BC'", "4713-01-01 BC"),
        ("timestamp '20000-01-01 00:00:00'", "20000-01-01 00:00:00"),
        ("time '24:00:00'", "24:00:00"),
        ("1e40::numeric", "1" + "0" * 40),
    ],
)
def test_what_does_not_fit_becomes_text_with_a_remark(
    connector: Connector, expression: str, text: str
) -> None:
    rows = answer(connector, f"SELECT {expression} AS x")
    assert rows.take().column("x").to_pylist() == [text]
    assert 'Column "x"' in rows.remarks[0]


def test_no_rows_have_their_types_all_the_same(connector: Connector) -> None:
    table = answer(connector, "SELECT 1::bigint AS a, now() AS b, 1.5::numeric(4, 1) AS c WHERE 1 = 0").take()
    assert table.schema.types == [pa.int64(), pa.timestamp("us", "UTC"), pa.decimal128(4, 1)]
    assert table.num_rows == 0


def test_many_rows_come_in_their_order(connector: Connector) -> None:
    table = answer(
        connector, "SELECT n, CASE WHEN n % 3 > 0 THEN n::varchar END AS t FROM generate_series(1, 23456) n"
    ).take()
    assert table.column("n").to_pylist() == [*range(1, 23457)]
    assert table.column("t").null_count == 23456 // 3


@pytest.mark.parametrize(
    ("cast_to", "value", "back"),
    [
        ("integer", None, None),
        ("bigint", 2**40, None),
        ("numeric(38, 0)", 10**37, Decimal(10**37)),
        ("float8", 0.1, None),
        ("numeric(12, 4)", Decimal("1.2300"), None),
        ("varchar", 'it\'s "quoted" \\ $1 {{ü}} 😀', None),
        ("varchar", uuid.UUID(int=5), str(uuid.UUID(int=5))),
        ("varbyte", b"\x00'\\\xff", None),
        ("date", datetime.date(2024, 2, 29), None),
        ("timestamp", datetime.datetime(2024, 2, 29, 1, 2, 3, 4), None),
        (
            "timestamptz",
            datetime.datetime(2024, 2, 29, 12, 0, tzinfo=EAST),
            datetime.datetime(2024, 2, 29, 6, 30, tzinfo=UTC),
        ),
        ("time", datetime.time(1, 2, 3), None),
        ("boolean", True, None),
        ("interval", datetime.timedelta(days=1, seconds=7200), "1 day 02:00:00"),
    ],
)
def test_a_value_is_bound(connector: Connector, cast_to: str, value: Any, back: Any) -> None:
    name = redshift.Redshift.dialect.placeholder(1, value)
    assert one(connector, f"SELECT {name}::{cast_to}", value) == (value if back is None else back)


@pytest.mark.parametrize(
    ("condition", "value", "found"),
    [
        ("n IN {{ value }}", [1, 3], [1, 3]),
        ("n IN ({{ value }})", [2], [2]),
        ("n NOT IN {{ value }}", [1, 3], [2, 4]),
        ("n IN {{ value }}", [], []),
        ("n NOT IN {{ value }}", [], [1, 2, 3, 4]),
        ("n > 1 AND n NOT IN ({{ value }}) AND n < 4", [], [2, 3]),
        ("t IN {{ value }}", ["'1'", "2"], [2]),
        ("day = {{ value }}", datetime.date(2024, 1, 3), [3]),
        ("day IN {{ value }}", [datetime.date(2024, 1, 3), None], [3]),
        ("t = {{ value }}", "'; DROP TABLE t; --", []),
    ],
)
def test_a_cell_compares_with_a_value(
    person: Person, name: str, condition: str, value: Any, found: Any
) -> None:
    rows = (
        "(SELECT n, n::varchar AS t, date '2024-01-01' + (n - 1)::integer AS day"
        " FROM generate_series(1, 4) n) AS r"
    )
    cell = f"SELECT n FROM {rows} WHERE {condition} ORDER BY n"
    frame = person.cell(name, cell, Arguments(name), value=value).frame
    assert frame is not None
    assert [*cast("Any", frame).n] == found


@pytest.fixture(scope="module")
def name(database: Database, network: PrivateNetwork, person: Person) -> str:
    """An integration for cells."""
    fields, passwords = fields_of(database, network, "offered", mode="strict")
    person.add("redshift", "Warehouse", fields, passwords)
    return "Warehouse"


def test_a_list_elsewhere_is_refused(connector: Connector) -> None:
    assert refusal(connector, "SELECT $1", [1, 2])["code"] == "invalid-request"


@pytest.mark.parametrize("text", ["a\0b", "half a pair: \ud800"])
def test_text_that_is_none_for_redshift_is_refused_before_it_is_sent(connector: Connector, text: str) -> None:
    assert refusal(connector, "SELECT $1", text)["code"] == "invalid-request"
