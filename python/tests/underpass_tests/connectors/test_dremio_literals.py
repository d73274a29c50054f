"""What Dremio is told where it takes no parameters, and how its errors are read."""

from __future__ import annotations

import datetime
import decimal
import math
from typing import Any

import pytest

from underpass.connectors.dremio.errors import (
    code_of,
    is_broken,
    knows_no_parameters,
    query_failure,
    words_of,
)
from underpass.connectors.dremio.params import literal, plain_values, with_literals
from underpass.failure import UnderpassError
from underpass.ready import Endpoint, Ready
from underpass.statement import Statement

READY = Ready(
    "1",
    "Lake",
    "dremio",
    1,
    Endpoint("127.0.0.1", 1),
    Endpoint("lake", 32010),
    True,
    {},
    {"token": "pat-secret"},
)


class DriverError(Exception):
    vendor_code = None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "NULL"),
        (False, "FALSE"),
        (-3, "(-3)"),
        (2**63, "CAST('9223372036854775808' AS DECIMAL(19, 0))"),
        (1.5, "CAST(1.5E0 AS DOUBLE)"),
        (-1e300, "CAST(-1e+300 AS DOUBLE)"),
        (math.nan, "CAST('NaN' AS DOUBLE)"),
        (-math.inf, "CAST('-Infinity' AS DOUBLE)"),
        (decimal.Decimal("0.001"), "CAST('0.001' AS DECIMAL(3, 3))"),
        (decimal.Decimal("1E+3"), "CAST('1000' AS DECIMAL(4, 0))"),
        ("O'Hara \\ '' --", "'O''Hara \\ '''' --'"),
        (b"\x00'", "FROM_HEX('0027')"),
        (datetime.date(2024, 2, 29), "DATE '2024-02-29'"),
        (datetime.time(1, 2, 3), "TIME '01:02:03.000'"),
        (datetime.datetime(2024, 1, 2, 3, 4, 5, 6000), "TIMESTAMP '2024-01-02 03:04:05.006'"),
        (datetime.timedelta(days=-1, milliseconds=5), "INTERVAL '-0 23:59:59.995' DAY(9) TO SECOND(3)"),
        ([1, None], "ARRAY[1, NULL]"),
    ],
)
def test_a_value_is_a_literal_of_its_own_type(value: Any, expected: str) -> None:
    (plain,) = plain_values([value])
    assert literal(plain) == expected


def test_a_duration_that_dremio_would_cut_is_refused() -> None:
    with pytest.raises(UnderpassError, match="microseconds"):
        literal(datetime.timedelta(microseconds=1500))


def test_times_with_a_zone_are_sent_in_utc() -> None:
    zone = datetime.timezone(datetime.timedelta(hours=-8))
    sent = plain_values([datetime.datetime(2024, 12, 31, 20, tzinfo=zone)])
    assert sent == [datetime.datetime(2025, 1, 1, 4)]


def test_only_placeholders_are_replaced() -> None:
    made = with_literals("SELECT '?', \"?\", /* ? */ ?, x -? -- ?", ["a?", -1])
    assert made.sql == "SELECT '?', \"?\", /* ? */ 'a?', x -(-1) -- ?"


def test_a_question_mark_of_the_statement_itself_is_not_taken_for_a_value() -> None:
    with pytest.raises(UnderpassError, match="of its own"):
        with_literals("SELECT ?, ?", ["only one"])


def test_the_drivers_frame_around_the_servers_words_is_taken_off() -> None:
    error = DriverError(
        "INVALID_ARGUMENT: [FlightSQL] Column 'a (b)' not found (InvalidArgument; ExecutePartitions)"
    )
    assert (words_of(error), code_of(error)) == ("Column 'a (b)' not found", 3)


@pytest.mark.parametrize(
    "words",
    [
        "VALIDATION ERROR: Column 'x' not found\n\nSQL Query SELECT\n  x\nstartLine 2\nstartColumn 3",
        "From line 2, column 3 to line 2, column 3: Column 'x' not found in any table",
    ],
)
def test_line_and_column_become_a_position_in_what_was_asked_for(words: str) -> None:
    statement = Statement("SELECT\n  x", (), "SELECT\n  x")
    error = DriverError(f"[FlightSQL] {words} (InvalidArgument; Prepare)")
    failure = query_failure(error, statement, READY).failure
    assert failure.get("detail", {})["position"] == len("SELECT\n  ") + 1
    assert "SQL Query" not in failure["message"]


def test_troubles_of_dremio_are_not_taken_for_a_lost_connection() -> None:
    assert not is_broken(DriverError("[FlightSQL] Query was out of memory (Unavailable; DoGet)"))
    assert is_broken(
        DriverError("[FlightSQL] error reading from server: EOF (Unavailable; ReadPartition(DoGet))")
    )


def test_a_server_that_takes_no_parameters_is_recognised() -> None:
    binding = (
        "[FlightSQL] PreparedStatement with parameter binding not supported. (Unimplemented; ExecuteQuery)"
    )
    assert knows_no_parameters(DriverError(binding))
    assert not knows_no_parameters(DriverError("[FlightSQL] Column 'x' not found (InvalidArgument; Prepare)"))


def test_a_secret_in_the_servers_words_is_not_repeated() -> None:
    error = DriverError("[FlightSQL] what is pat-secret? (Internal; DoGet)")
    assert "pat-secret" not in str(query_failure(error, Statement("SELECT 1"), READY))
