"""Python's values as parameters of ClickHouse, through a cell."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from tests.person import Person
from underpass.arguments import Arguments
from underpass.connectors.base import Connector, Rows
from underpass.failure import UnderpassError

SYSTEM = "clickhouse"
ARROW = Arguments("clickhouse shared", frame="arrow")

UTC = dt.timezone.utc
BERLIN = dt.timezone(dt.timedelta(hours=2))
NOON = dt.datetime(2024, 7, 1, 12, 0, 0, 123456)

#: A value, what the server says of ``{{ value }}``: expression, and its answer.
PARAMETERS: list[tuple[Any, str, Any]] = [
    (None, "{} IS NULL", 1),
    (True, "toTypeName({0}) || toString({0})", "Booltrue"),
    (-5, "{} + 1", -4),
    (2**63 - 1, "{}", 2**63 - 1),
    (2**64 - 1, "toTypeName({0}) || toString({0})", f"UInt64{2**64 - 1}"),
    (-(2**127), "toString({})", str(-(2**127))),
    (2**256 - 1, "toString({})", str(2**256 - 1)),
    (0.30000000000000004, "{}", 0.30000000000000004),
    (5e-324, "{}", 5e-324),
    (float("inf"), "isInfinite({})", 1),
    (float("nan"), "isNaN({})", 1),
    (Decimal("-12.340"), "{}", Decimal("-12.340")),
    (Decimal("1E+5"), "{}", Decimal(100000)),
    (Decimal("0." + "1" * 60), "toString({})", "0." + "1" * 60),
    ('it\'s "q" \\ {{x}} ü\U0001f600\t\r\n--%s', "{}", 'it\'s "q" \\ {{x}} ü\U0001f600\t\r\n--%s'),
    ("", "{} = ''", 1),
    ("\\N", "length({})", 2),
    (bytes(range(256)), "hex({})", bytes(range(256)).hex().upper()),
    (dt.date(2024, 2, 29), "toString({})", "2024-02-29"),
    (NOON, "toString({})", "2024-07-01 12:00:00.123456"),
    (NOON.replace(tzinfo=BERLIN), "{}", NOON.replace(tzinfo=UTC, hour=10)),
    (dt.time(1, 2, 3, 4), "{}", "01:02:03.000004"),
    (dt.timedelta(days=3), "toString(toDate('2024-01-01') + {})", "2024-01-04"),
    (dt.timedelta(seconds=-90), "toString(toDateTime('2024-01-01 00:00:00') + {})", "2023-12-31 23:58:30"),
    (
        dt.timedelta(microseconds=5),
        "toString(toDateTime64('2024-01-01', 6) + {})",
        "2024-01-01 00:00:00.000005",
    ),
    (uuid.UUID(int=5), "toTypeName({0}) || toString({0})", f"UUID{uuid.UUID(int=5)}"),
    ("ü" * 200_000, "length({})", 400_000),
    ([1, None, 2**40], "{}", [1, None, 2**40]),
    ([1, 2.5], "{}", [1.0, 2.5]),
    ([1, Decimal("2.5")], "{}", [Decimal("1.0"), Decimal("2.5")]),
    (["it's", "\\", b"\xc3\xbc", None], "{}", ["it's", "\\", "ü", None]),
    ([[1], [2, 3], []], "{}", [[1], [2, 3], []]),
    ([None], "length({})", 1),
    ([], "length({})", 0),
    ([dt.date(2024, 1, 1)], "toString({}[1])", "2024-01-01"),
    ([True, False], "{}", [True, False]),
    ([uuid.UUID(int=5)], "toString({}[1])", str(uuid.UUID(int=5))),
    (list(range(100_000)), "arraySum({})", sum(range(100_000))),
]


def table(connector: Connector, sql: str, *params: Any) -> pa.Table:
    answer = connector.run(sql, params)
    assert isinstance(answer, Rows)
    return answer.take()


@pytest.mark.parametrize(("value", "expression", "expected"), PARAMETERS, ids=lambda value: repr(value)[:40])
def test_a_value_arrives_as_it_is(
    person: Person, connector: Connector, value: Any, expression: str, expected: Any
) -> None:
    cell = f"SELECT {expression.format('{{ value }}')} AS x"
    arrow: Any = person.cell("clickhouse shared", cell, ARROW, value=value).frame
    assert arrow.column("x").to_pylist() == [expected]


@pytest.mark.parametrize(
    ("column", "items", "found"),
    [
        ("number", [1, 3, 99], [1, 3]),
        ("number", [], []),
        ("toInt8(number) - 2", [-2, None], [0]),
        ("toString(number)", ["1", "it's"], [1]),
        ("toDecimal64(number, 2)", [Decimal("1.00"), Decimal("2.5")], [1]),
        ("toFloat64(number)", [1.0, 2.5], [1]),
        ("toDate('2024-01-01') + number", [dt.date(2024, 1, 3)], [2]),
        ("toDateTime('2024-01-01 00:00:00') + number", [dt.datetime(2024, 1, 1, 0, 0, 1)], [1]),
        ("toDateTime64('2024-01-01 00:00:00', 3) + number", [dt.datetime(2024, 1, 1, 0, 0, 1)], [1]),
        (
            "toDateTime64('2024-01-01 00:00:00.500', 3, 'UTC') + number",
            [dt.datetime(2024, 1, 1, 2, 0, 1, 500_000, BERLIN)],
            [1],
        ),
        ("toBool(number)", [False], [0]),
        ("toUUID(concat('00000000-0000-0000-0000-00000000000', toString(number)))", [uuid.UUID(int=2)], [2]),
    ],
)
def test_in_finds_what_is_in_a_list_and_not_in_the_rest(
    person: Person, connector: Connector, column: str, items: list[Any], found: list[int]
) -> None:
    source = f"FROM (SELECT number, {column} AS c FROM numbers(4)) WHERE c"
    inside = person.cell("clickhouse shared", f"SELECT number {source} IN {{{{ items }}}}", items=items).frame
    outside = person.cell(
        "clickhouse shared", f"SELECT number {source} NOT IN ({{{{ items }}}})", items=items
    ).frame
    assert inside is not None
    assert outside is not None
    assert sorted(inside["number"]) == found
    assert sorted(outside["number"]) == [number for number in range(4) if number not in found]


@pytest.mark.parametrize(
    "value",
    [
        2**256,
        Decimal("NaN"),
        Decimal(10**77),
        dt.date(1899, 12, 31),
        dt.datetime(2300, 1, 1),
        [1, "a"],
        "\ud800",
    ],
    ids=repr,
)
def test_a_value_that_clickhouse_has_no_type_for_is_refused(
    person: Person, connector: Connector, value: Any
) -> None:
    with pytest.raises(UnderpassError) as raised:
        person.cell("clickhouse shared", "SELECT {{ value }}", value=value)
    assert raised.value.failure["code"] == "invalid-request"


def test_parameters_go_with_a_statement_that_is_longer_than_a_field(connector: Connector) -> None:
    sql = f"SELECT {{p1:String}} || '{'x' * 150_000}' AS x"
    (row,) = table(connector, sql, "a & b").to_pylist()
    assert row["x"] == "a & b" + "x" * 150_000


def test_values_can_be_inserted(connector: Connector) -> None:
    connector.run(
        "CREATE TEMPORARY TABLE inserted (a Nullable(Int8), b String, c DateTime('UTC'), d Array(Int8))", []
    )
    values = [None, b"\xff", dt.datetime(2024, 1, 1, 12, tzinfo=BERLIN), []]
    placeholders = ", ".join(
        connector.dialect.placeholder(number, value) for number, value in enumerate(values, 1)
    )
    connector.run(f"INSERT INTO inserted VALUES ({placeholders})", values)
    found = table(connector, "SELECT a, hex(b) AS b, toString(c) AS c, d FROM inserted").to_pylist()
    assert found == [{"a": None, "b": "FF", "c": "2024-01-01 10:00:00", "d": []}]
