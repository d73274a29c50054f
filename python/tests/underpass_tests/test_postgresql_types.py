"""What PostgreSQL's types become."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import adbc_driver_postgresql
import pyarrow as pa
import pytest

from underpass.connectors.base import Rows
from underpass.connectors.postgresql import PostgreSQL
from underpass.failure import UnderpassError

UUID = "6c35167f-8df1-44cf-97eb-52833c2bd866"


def column(connector: PostgreSQL, expression: str) -> tuple[pa.ChunkedArray, list[str]]:
    answer = connector.run(f"SELECT {expression} AS c", [])
    assert isinstance(answer, Rows)
    return answer.take().column(0), list(answer.remarks)


@pytest.mark.parametrize(
    ("expression", "kind", "value"),
    [
        ("12345678.5::numeric(10,2)", pa.decimal128(10, 2), Decimal("12345678.50")),
        ("1.5::numeric", pa.decimal128(2, 1), Decimal("1.5")),
        ("-0.001::numeric", pa.decimal128(4, 3), Decimal("-0.001")),
        ("repeat('9', 38)::numeric", pa.decimal128(38, 0), Decimal("9" * 38)),
        ("('-' || repeat('9', 38))::numeric", pa.decimal128(38, 0), Decimal("-" + "9" * 38)),
        ("NULL::numeric", pa.decimal128(1, 0), None),
        (f"'{UUID}'::uuid", pa.string(), UUID),
        ("NULL::uuid", pa.string(), None),
        ("'{\"a\": 1}'::jsonb", pa.string(), '{"a": 1}'),
        ("'<a/>'::xml", pa.string(), "<a/>"),
        ("'10.0.0.1'::inet", pa.string(), "10.0.0.1"),
        ("'10.0.0.1/8'::inet", pa.string(), "10.0.0.1/8"),
        ("'10.0.0.0/8'::cidr", pa.string(), "10.0.0.0/8"),
        ("'fe80::1'::inet", pa.string(), "fe80::1"),
        ("'08:00:2b:01:02:03'::macaddr", pa.string(), "08:00:2b:01:02:03"),
        ("B'10110'", pa.string(), "10110"),
        ("'12:30:00.5+05:30'::timetz", pa.string(), "12:30:00.5+05:30"),
        ("'\\x00ff'::bytea", pa.binary(), b"\x00\xff"),
        ("pg_sleep(0)", pa.string(), None),
        ("NULL", pa.string(), None),
        ("ARRAY[1, NULL, 3]", pa.list_(pa.int32()), [1, None, 3]),
        (f"ARRAY['{UUID}', NULL]::uuid[]", pa.list_(pa.string()), [UUID, None]),
        ("ARRAY[1.5, 2.25]", pa.list_(pa.decimal128(3, 2)), [Decimal("1.50"), Decimal("2.25")]),
        ("ARRAY['2024-01-02', NULL]::date[]", pa.list_(pa.date32()), [datetime.date(2024, 1, 2), None]),
        ("NULL::uuid[]", pa.list_(pa.string()), None),
        ("0.00012::numeric(3,5)", pa.decimal128(6, 5), Decimal("0.00012")),
        ("12345::numeric(3,-2)", pa.decimal128(5, 0), Decimal(12300)),
    ],
)
def test_a_type_becomes(connector: PostgreSQL, expression: str, kind: pa.DataType, value: Any) -> None:
    found, remarks = column(connector, expression)
    assert found.type == kind
    assert found[0].as_py() == value
    assert remarks == []


def test_money_is_exact_where_the_driver_names_types(connector: PostgreSQL) -> None:
    found, _ = column(connector, "12.34::money")
    names_types = tuple(map(int, adbc_driver_postgresql.__version__.split(".")[:2])) >= (1, 13)
    amount = Decimal("12.34") if names_types else 1234
    assert found.to_pylist() == [amount]
    assert column(connector, "ARRAY[12.34::money, NULL]")[0].to_pylist() == [[amount, None]]


def test_numbers_of_objects_have_no_sign(connector: PostgreSQL) -> None:
    found, _ = column(connector, "unnest(ARRAY[4294967295, 2147483648, 1, NULL]::oid[])")
    assert found.type == pa.int64()
    assert found.to_pylist() == [4294967295, 2147483648, 1, None]
    assert column(connector, "ARRAY[4294967295]::oid[]")[0].to_pylist() == [[4294967295]]


@pytest.mark.parametrize("kind", ["numeric", "uuid", "jsonb", "inet", "oid", "timestamptz", "text"])
def test_no_rows_have_the_types_of_rows(connector: PostgreSQL, kind: str) -> None:
    for name in (kind, f"{kind}[]"):
        nothing, _ = column(connector, f"NULL::{name} AS c WHERE false --")
        assert len(nothing) == 0
        assert nothing.type == column(connector, f"NULL::{name}")[0].type


def test_timestamps_keep_their_zone(connector: PostgreSQL) -> None:
    assert column(connector, "now()")[0].type == pa.timestamp("us", "UTC")
    assert column(connector, "now()::timestamp")[0].type == pa.timestamp("us")


def test_enumerations_are_text(connector: PostgreSQL) -> None:
    connector.run("DROP TYPE IF EXISTS colour", [])
    connector.run("CREATE TYPE colour AS ENUM ('red', 'blue')", [])
    assert column(connector, "'red'::colour")[0].to_pylist() == ["red"]


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("'NaN'::numeric", "nan"),
        ("1e40::numeric", "1" + "0" * 40),
        ("'infinity'::timestamptz", "infinity"),
        ("'-infinity'::timestamp", "-infinity"),
        ("'infinity'::date", "infinity"),
        ("'0044-03-15 BC'::date", "-0043-03-15"),
        ("'24:00'::time", "24:00:00"),
        ("ARRAY['infinity', NULL]::timestamp[]", ["infinity", None]),
        ("ARRAY['0044-03-15 BC']::date[]", ["-0043-03-15"]),
        ("ARRAY['24:00']::time[]", ["24:00:00"]),
        ("ARRAY['2024-01-02 03:04:05+02', NULL]::timestamptz[]", ["2024-01-02 01:04:05.000000Z", None]),
        ("ARRAY['-infinity']::timestamptz[]", ["-infinity"]),
    ],
)
def test_what_does_not_fit_becomes_text_with_a_remark(
    connector: PostgreSQL, expression: str, text: str | list[str | None]
) -> None:
    found, remarks = column(connector, expression)
    assert found.to_pylist() == [text]
    assert remarks
    assert 'Column "c"' in remarks[0]


def test_one_such_value_does_not_harm_the_others(connector: PostgreSQL) -> None:
    found, _ = column(connector, "unnest(ARRAY['infinity', '2024-01-02 03:04:05', NULL]::timestamp[])")
    assert found.to_pylist() == ["infinity", "2024-01-02 03:04:05.000000", None]


def test_the_end_of_a_day_does_not_harm_other_times(connector: PostgreSQL) -> None:
    found, _ = column(connector, "unnest(ARRAY['24:00', '01:02:03.5', NULL]::time[])")
    assert found.to_pylist() == ["24:00:00", "01:02:03.500000", None]


@pytest.mark.parametrize("expression", ["interval '9999999 hours'", "row(1, 2)"])
@pytest.mark.parametrize("params", [[], [1]])
def test_rows_that_the_driver_can_not_read_are_told_from_a_statement_that_did_not_run(
    connector: PostgreSQL, expression: str, params: list[Any]
) -> None:
    with pytest.raises(UnderpassError) as error:
        connector.run(f"SELECT {expression}" + (" WHERE $1 = 1" if params else ""), params)
    assert "was executed" in error.value.failure["message"]
    assert "to text" in error.value.failure["fix"]
    assert connector.run("SELECT 1", [])


def test_a_type_that_is_not_known_is_bytes_with_a_remark(connector: PostgreSQL) -> None:
    found, remarks = column(connector, "int4range(1, 5)")
    assert found.type == pa.binary()
    assert "cast it to text" in remarks[0]


def test_uuids_of_many_rows_are_right(connector: PostgreSQL) -> None:
    answer = connector.run(
        "SELECT u, u::text t FROM (SELECT gen_random_uuid() u FROM generate_series(1, 5000)) s", []
    )
    assert isinstance(answer, Rows)
    table = answer.take()
    assert table.column("u").to_pylist() == table.column("t").to_pylist()
