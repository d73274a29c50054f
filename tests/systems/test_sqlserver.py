"""SQL Server through the bastion: what its values become, and what its batches do."""

from __future__ import annotations

import datetime
import decimal
import os
import threading
import time
import uuid
from pathlib import Path
from typing import Any, cast

import pyarrow as pa
import pytest

from tests.servers.databases import Database
from tests.servers.databases.sqlserver import SQLServer as Server
from tests.systems.conftest import Connect
from underpass.connectors.base import Affected, Column, Connector, Rows, Table
from underpass.connectors.sqlserver import SQLServer
from underpass.failure import UnderpassError

SYSTEM = "sqlserver"
D = decimal.Decimal


def answers(
    connector: Connector, cell: str, limit: int | None = None, **values: Any
) -> list[Rows | Affected]:
    """What each batch of a cell gives."""
    statements = SQLServer.statements(cell, lambda source: eval(source, dict(values)))
    return [connector.run(one.sql, one.params, limit=limit) for one in statements]


def rows(connector: Connector, cell: str, limit: int | None = None, **values: Any) -> list[dict[str, Any]]:
    """The rows of the last batch."""
    answer = answers(connector, cell, limit, **values)[-1]
    assert isinstance(answer, Rows)
    return answer.take().to_pylist()


def failure(connector: Connector, cell: str, **values: Any) -> dict[str, Any]:
    with pytest.raises(UnderpassError) as caught:
        answers(connector, cell, **values)
    return cast("dict[str, Any]", caught.value.failure)


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


def test_times_keep_all_seven_digits(connector: Connector) -> None:
    (answer,) = answers(connector, "SELECT time_7, time_0 FROM every_type")
    assert isinstance(answer, Rows)
    table = answer.take()
    assert [column.cast(pa.string()).to_pylist() for column in table.columns] == [
        ["12:34:56.123456700", "23:59:59.999999900", None],
        ["12:34:56.000000000", "00:00:00.000000000", None],
    ]


def test_a_remark_names_columns_whose_seventh_digit_the_driver_leaves_out(connector: Connector) -> None:
    (answer,) = answers(connector, "SELECT datetime2_7, datetime2_3, datetime FROM every_type")
    assert isinstance(answer, Rows)
    assert len(answer.remarks) == 1
    assert answer.remarks[0].startswith('"datetime2_7": ')


def test_columns_beside_a_sql_variant_keep_their_types(connector: Connector) -> None:
    names = ["sql_variant", "tinyint", "money", "datetimeoffset_7", "varbinary", "nvarchar", "float"]
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


def test_variables_live_through_a_batch_and_results_without_rows_do_not_matter(connector: Connector) -> None:
    cell = """\
DECLARE @first int = 1; DECLARE @second int = 2;
SELECT @first AS n
SELECT @first + @second AS n;
SET NOCOUNT ON"""
    assert rows(connector, cell) == [{"n": 3}]


def test_go_ends_a_batch_where_it_stands_alone(connector: Connector) -> None:
    cell = """\
CREATE TABLE #seen (n int)
GO
INSERT INTO #seen VALUES (1)
go 3 -- three times
/*
GO
*/ SELECT count(*) AS n, '
GO
' AS text FROM #seen
GO
"""
    assert rows(connector, cell) == [{"n": 3, "text": "\nGO\n"}]
    answers(connector, "DROP TABLE #seen")


def test_a_transaction_lives_across_cells(connector: Connector) -> None:
    answers(connector, "BEGIN TRANSACTION")
    assert connector.in_transaction
    assert rows(connector, "SELECT @@TRANCOUNT AS n") == [{"n": 1}]
    assert connector.in_transaction
    assert connector.ping()
    answers(connector, "ROLLBACK")
    assert not connector.in_transaction


def test_a_limit_is_kept_and_what_stands_behind_the_query_runs_all_the_same(connector: Connector) -> None:
    assert len(rows(connector, "SELECT n FROM numbers", limit=10)) == 10
    assert rows(connector, "SELECT n FROM numbers", limit=0) == []
    assert rows(connector, "SELECT n FROM numbers; SELECT 'behind' AS text", limit=10) == [{"text": "behind"}]
    # The connection is ready for the next at once.
    assert rows(connector, "SELECT 1 AS one", limit=10) == [{"one": 1}]


def test_a_limit_applies_to_batches_with_parameters(connector: Connector) -> None:
    assert len(rows(connector, "SELECT n FROM numbers WHERE n >= {{ n }}", limit=7, n=5)) == 7


def test_a_query_without_rows_has_its_columns(connector: Connector) -> None:
    (answer,) = answers(connector, "SELECT id, name FROM people WHERE 1 = 0")
    assert isinstance(answer, Rows)
    assert answer.take().schema.names == ["id", "name"]


@pytest.mark.parametrize(
    ("cell", "number", "position"),
    [
        ("SELECT id,\n  nme FROM people", 207, 14),
        ("SELECT id\nFROM peple", 208, 16),
        ("SELECT nme, [nme] FROM people", 207, None),
    ],
)
def test_an_error_points_at_the_word_that_the_server_quotes(
    connector: Connector, cell: str, number: int, position: int | None
) -> None:
    found = failure(connector, cell)
    assert found["code"] == "query-failed"
    assert f"(error {number})" in found["message"]
    assert found["detail"]["server"] == number
    assert found["detail"].get("position") == position


def test_an_error_behind_the_first_result_is_an_error(connector: Connector) -> None:
    found = failure(connector, "SELECT 1 AS x; SELECT 1 / 0 AS y")
    assert found["code"] == "query-failed"
    assert "Divide by zero" in found["message"]
    assert rows(connector, "SELECT 1 AS one") == [{"one": 1}]


def test_stop_ends_the_statement_on_the_server(connect: Connect, database: Database) -> None:
    connector = connect()
    caught: list[UnderpassError] = []

    def work() -> None:
        try:
            answers(connector, database.slow("stopped-here"))
        except UnderpassError as error:
            caught.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    deadline = time.monotonic() + 20
    while not database.running("stopped-here"):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    asked = time.monotonic()
    connector.cancel()
    while database.running("stopped-here"):
        assert time.monotonic() < asked + 1
        time.sleep(0.01)
    thread.join(5)
    assert [error.failure["code"] for error in caught] == ["cancelled"]
    assert rows(connector, "SELECT 1 AS one") == [{"one": 1}]


def test_the_catalog_is_listed_in_pages(connector: Connector) -> None:
    assert connector.schemas() == ["dbo"]
    assert connector.schemas(after="dbo") == []
    first = connector.tables("dbo", count=2)
    assert first == [Table("dbo", "every_type", "table"), Table("dbo", "numbers", "table")]
    assert connector.tables("dbo", after="numbers") == [Table("dbo", "people", "table")]
    assert connector.columns("dbo", "people") == [
        Column("id", "int", True),
        Column("name", "nvarchar(40)", True),
        Column("score", "float", True),
    ]
    assert connector.columns("dbo", "nothing") == []


@pytest.mark.parametrize("mode", ["preferred", "required", "strict"])
def test_a_server_that_sends_elsewhere_is_not_followed(connect: Connect, database: Server, mode: str) -> None:
    with pytest.raises(UnderpassError) as caught:
        connect(mode=mode, port=database.redirecting_port)
    assert caught.value.failure["code"] == "forward-refused"
    assert "node7.internal:11003" in caught.value.failure["message"]


def test_reading_only_is_tried_first_and_goes_on_where_nobody_redirects(connect: Connect) -> None:
    connector = connect(options={"ApplicationIntent": "ReadOnly"})
    assert rows(connector, "SELECT 1 AS one") == [{"one": 1}]


@pytest.mark.parametrize("options", [{}, {"ApplicationIntent": "ReadOnly"}])
def test_a_wrong_password_is_refused_without_repeating_it(connect: Connect, options: dict[str, str]) -> None:
    with pytest.raises(UnderpassError) as caught:
        connect(secrets={"password": "not the password"}, options=options)
    assert caught.value.failure["code"] == "auth-refused"
    assert caught.value.failure["stage"] == "login"
    assert "not the password" not in str(caught.value.failure)


def test_an_option_that_the_driver_does_not_know_is_named(connect: Connect) -> None:
    with pytest.raises(UnderpassError) as caught:
        connect(options={"Colour": "red"})
    assert caught.value.failure.get("detail", {})["field"] == "options"
    assert "colour" in caught.value.failure["message"].lower()


def test_strict_leaves_the_environment_as_it_was(connect: Connect) -> None:
    before = dict(os.environ)
    connect()
    assert dict(os.environ) == before


def test_a_closed_connection_is_closed_and_not_kept_by_the_driver(connect: Connect) -> None:
    before = _sockets()
    connector = connect()
    assert _sockets() > before
    connector.close()
    deadline = time.monotonic() + 5
    while _sockets() > before:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _sockets() -> int:
    """Open sockets of this process."""
    links = [os.readlink(path) for path in Path("/proc/self/fd").iterdir() if path.is_symlink()]
    return sum(link.startswith("socket:") for link in links)
