"""What MySQL and MariaDB must do alike; their test modules have a class each that inherits this."""

from __future__ import annotations

import contextlib
import enum
import threading
import time
import uuid
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, cast

import pyarrow as pa
import pytest

from tests.kernel import Kernel
from tests.servers.databases import Database
from tests.servers.databases.mysql_family import CERTIFIED, DATABASE, MySQLFamily
from underpass.connectors.base import Affected, Column, Connector, Rows, Table
from underpass.failure import Failure, UnderpassError

from .conftest import Connect


class Size(str, enum.Enum):
    """Text of which Python says another name."""

    LARGE = "large"


#: Type of a column, a literal of it, type in Arrow, value in Python.
TYPES: list[tuple[str, str, pa.DataType, Any]] = [
    ("TINYINT", "-128", pa.int8(), -128),
    ("TINYINT UNSIGNED", "255", pa.uint8(), 255),
    ("BOOL", "TRUE", pa.int8(), 1),
    ("SMALLINT", "-32768", pa.int16(), -32768),
    ("SMALLINT UNSIGNED", "65535", pa.uint16(), 65535),
    ("MEDIUMINT", "-8388608", pa.int32(), -8388608),
    ("MEDIUMINT UNSIGNED", "16777215", pa.uint32(), 16777215),
    ("INT", "-2147483648", pa.int32(), -(2**31)),
    ("INT UNSIGNED ZEROFILL", "42", pa.uint32(), 42),
    ("BIGINT", "-9223372036854775808", pa.int64(), -(2**63)),
    ("BIGINT UNSIGNED", "18446744073709551615", pa.uint64(), 2**64 - 1),
    ("FLOAT", "0.5", pa.float32(), 0.5),
    ("DOUBLE", "1.5e-300", pa.float64(), 1.5e-300),
    ("DECIMAL(12,2)", "-1234567890.12", pa.decimal128(12, 2), Decimal("-1234567890.12")),
    ("DECIMAL(38,30)", "-12345678." + "1" * 30, pa.decimal128(38, 30), Decimal("-12345678." + "1" * 30)),
    ("DECIMAL(10,0) UNSIGNED", "7", pa.decimal128(10, 0), Decimal(7)),
    ("DECIMAL(65,30)", "1.5", pa.decimal128(38, 30), Decimal("1.5")),
    ("DECIMAL(65,0)", f"'{'9' * 65}'", pa.string(), "9" * 65),
    ("DATE", "'2024-02-29'", pa.date32(), date(2024, 2, 29)),
    ("DATETIME", "'9999-12-31 23:59:59'", pa.timestamp("us"), datetime(9999, 12, 31, 23, 59, 59)),
    ("DATETIME(6)", "'1000-01-01 00:00:00.000001'", pa.timestamp("us"), datetime(1000, 1, 1, 0, 0, 0, 1)),
    ("DATETIME(3)", "'2024-01-02 03:04:05.678'", pa.timestamp("us"), datetime(2024, 1, 2, 3, 4, 5, 678000)),
    (
        "TIMESTAMP(2)",
        "'2024-01-02 03:04:05.67'",
        pa.timestamp("us", "UTC"),
        datetime(2024, 1, 2, 3, 4, 5, 670000, timezone.utc),
    ),
    ("TIME", "'23:59:59'", pa.duration("us"), timedelta(hours=23, minutes=59, seconds=59)),
    ("TIME(6)", "'-838:59:58.999999'", pa.duration("us"), -timedelta(0, 838 * 3600 + 59 * 60 + 58, 999999)),
    ("YEAR", "2024", pa.int16(), 2024),
    ("BIT(1)", "b'1'", pa.bool_(), True),
    ("BIT(12)", "b'101010101010'", pa.uint64(), 0b101010101010),
    ("BIT(64)", "x'FFFFFFFFFFFFFFFE'", pa.uint64(), 2**64 - 2),
    ("CHAR(5)", "'é'", pa.string(), "é"),
    ("VARCHAR(20) CHARACTER SET latin1", "'Größe'", pa.string(), "Größe"),
    ("VARCHAR(20) COLLATE utf8mb4_bin", "'🐬'", pa.string(), "🐬"),
    ("TEXT", "'it''s \\\\ \"quoted\"'", pa.string(), 'it\'s \\ "quoted"'),
    ("LONGTEXT", "REPEAT('x', 70000)", pa.string(), "x" * 70000),
    ("ENUM('small','large')", "'large'", pa.string(), "large"),
    ("SET('a','b','c')", "'a,c'", pa.string(), "a,c"),
    ("BINARY(3)", "x'0001'", pa.binary(), b"\0\1\0"),
    ("VARBINARY(10)", "x'00FF'", pa.binary(), b"\0\xff"),
    ("BLOB", "REPEAT('y', 300)", pa.binary(), b"y" * 300),
    (
        "POINT",
        "ST_GeomFromText('POINT(1 2)')",
        pa.binary(),
        bytes(4) + b"\1\1\0\0\0" + bytes(6) + b"\xf0?" + bytes(7) + b"@",
    ),
]

#: Value, and what the server sees of it as text.
PARAMETERS: list[tuple[Any, str | None]] = [
    (None, None),
    (True, "1"),
    (-(2**63), "-9223372036854775808"),
    (2**64 - 1, "18446744073709551615"),
    (2**64, "18446744073709551616"),
    (1.5, "1.5"),
    (Decimal("123456789012345678901234567890.12"), "123456789012345678901234567890.12"),
    ('it\'s \\ "quoted" % %s ? {{ }} 🐬', 'it\'s \\ "quoted" % %s ? {{ }} 🐬'),
    ("x" * 70000, "x" * 70000),
    (date(2024, 2, 29), "2024-02-29"),
    (datetime(2024, 1, 2, 3, 4, 5), "2024-01-02 03:04:05.000000"),
    (
        datetime(2024, 1, 2, 3, 4, 5, 6, timezone(timedelta(hours=2))),
        "2024-01-02 01:04:05.000006",
    ),
    (timedelta(hours=-30, microseconds=-1), "-30:00:00.000001"),
    (uuid.UUID(int=7), "00000000-0000-0000-0000-000000000007"),
    (Size.LARGE, "large"),
]


def rows(connector: Connector, sql: str, *params: Any, limit: int | None = None) -> list[dict[str, Any]]:
    answer = connector.run(sql, params, limit=limit)
    assert isinstance(answer, Rows)
    return answer.take().to_pylist()


def value(connector: Connector, sql: str, *params: Any) -> Any:
    (row,) = rows(connector, sql, *params)
    (only,) = row.values()
    return only


def failure_of(call: Callable[[], Any]) -> Failure:
    with pytest.raises(UnderpassError) as error:
        call()
    return error.value.failure


def detail_of(failure: Failure) -> dict[str, Any]:
    return failure.get("detail", {})


class MySQLFamilyTests:
    """Tests of both."""

    def test_strict_through_the_tunnel_is_encrypted_as_the_server_sees_it(self, connector: Connector) -> None:
        (row,) = rows(connector, "SHOW SESSION STATUS LIKE 'Ssl_version'")
        assert row["Value"].startswith("TLSv1.")

    @pytest.mark.parametrize("mode", ["preferred", "required", "strict"])
    def test_a_client_certificate_is_shown_to_the_server(
        self, connect: Connect, database: Database, mode: str
    ) -> None:
        certificate = cast("MySQLFamily", database).client()
        connector = connect(
            mode=mode,
            user=CERTIFIED,
            clientCertificate=certificate.certificate.read_text(),
            secrets={"clientKey": certificate.key.read_text()},
        )
        assert value(connector, "SELECT CURRENT_USER()") == f"{CERTIFIED}@%"

    def test_a_wrong_password_is_a_refused_login_that_does_not_repeat_it(self, connect: Connect) -> None:
        failure = failure_of(lambda: connect(secrets={"password": "not the right one"}))
        assert (failure["code"], failure["stage"]) == ("login-refused", "login")
        assert detail_of(failure)["server"] == 1045
        assert "not the right one" not in str(failure)

    def test_a_database_that_is_not_there_or_not_for_this_user_is_told_from_a_wrong_password(
        self, connect: Connect
    ) -> None:
        failure = failure_of(lambda: connect(database="nowhere"))
        assert failure["stage"] == "login"
        # Who may not see a database is not told that it is there.
        assert failure["code"] in ("database-not-found", "login-not-permitted")

    def test_a_login_without_a_database_has_none(self, connect: Connect) -> None:
        connector = connect(database="")
        assert connector.searched() == []

    def test_options_are_the_driver_s_or_variables_of_the_session(self, connect: Connect) -> None:
        options = {
            "sql_mode": "ANSI_QUOTES",
            "group_concat_max_len": "77",
            "collation": "utf8mb4_bin",
            "charset": "utf8",
        }
        connector = connect(options=options)
        assert value(connector, "SELECT @@sql_mode") == "ANSI_QUOTES"
        assert value(connector, "SELECT @@group_concat_max_len") == 77
        assert value(connector, "SELECT @@collation_connection") == "utf8mb4_bin"

    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("ssl_disabled", "true"),
            ("unix_socket", "/tmp/x"),
            ("local_infile", "1"),
            ("character_set_results", "latin1"),
            ("useUnicode", "true"),
            ("collation", "latin1_bin"),
        ],
    )
    def test_options_that_would_undo_a_field_or_that_nobody_knows_are_refused(
        self, connect: Connect, name: str, text: str
    ) -> None:
        failure = failure_of(lambda: connect(options={name: text}))
        assert (failure["code"], detail_of(failure)["field"]) == ("invalid-field", "options")
        assert name in failure["message"]

    @pytest.mark.parametrize("prepared", [False, True])
    def test_values_of_all_types(self, connect: Connect, prepared: bool) -> None:
        connector = connect()
        columns = ", ".join(f"c{number} {kind} NULL" for number, (kind, *_) in enumerate(TYPES))
        connector.run(f"CREATE TEMPORARY TABLE kinds (n INT, {columns})", [])
        literals = ", ".join(literal for _, literal, *_ in TYPES)
        connector.run(f"INSERT INTO kinds VALUES (1, {literals})", [])
        connector.run("INSERT INTO kinds (n) VALUES (2)", [])
        sql, params = "SELECT * FROM kinds ORDER BY n", []
        if prepared:
            sql, params = "SELECT * FROM kinds WHERE n < ? ORDER BY n", [9]
        answer = connector.run(sql, params)
        assert isinstance(answer, Rows)
        table = answer.take()
        for number, (kind, _, arrow, expected) in enumerate(TYPES):
            column = table.column(f"c{number}")
            assert (kind, column.type, column.to_pylist()) == (kind, arrow, [expected, None])
        assert answer.remarks == ['Column "c17" holds more than 38 digits and is given as text.']

    @pytest.mark.parametrize("prepared", [False, True])
    def test_dates_that_do_not_exist_make_a_column_text_in_all_rows(
        self, connect: Connect, prepared: bool
    ) -> None:
        connector = connect(options={"sql_mode": ""})
        connector.run("CREATE TEMPORARY TABLE zeros (n INT, d DATE, t DATETIME(2), s DATETIME)", [])
        connector.run(
            "INSERT INTO zeros VALUES (1, '2024-02-29', '2024-02-29 01:02:03.45', '2024-02-29 01:02:03'),"
            " (2, '0000-00-00', '0000-00-00', '2024-00-00'), (3, NULL, NULL, NULL)",
            [],
        )
        answer = connector.run(
            "SELECT d, t, s FROM zeros WHERE n < ? ORDER BY n"
            if prepared
            else "SELECT d, t, s FROM zeros ORDER BY n",
            [9] if prepared else [],
        )
        assert isinstance(answer, Rows)
        assert answer.take().to_pydict() == {
            "d": ["2024-02-29", "0000-00-00", None],
            "t": ["2024-02-29 01:02:03.45", "0000-00-00 00:00:00.00", None],
            "s": ["2024-02-29 01:02:03", "2024-00-00 00:00:00", None],
        }
        assert len(answer.remarks) == 3

    def test_a_sum_of_decimals_stays_one(self, connector: Connector) -> None:
        sql = "SELECT SUM(n) AS total FROM (SELECT CAST(1.25 AS DECIMAL(30,2)) AS n UNION ALL SELECT 2) AS t"
        assert value(connector, sql) == Decimal("3.25")

    def test_results_without_rows_have_their_types(self, connector: Connector) -> None:
        answer = connector.run("SELECT 1 AS a, NOW() AS b, 'x' AS c FROM DUAL WHERE 1 = 0", [])
        assert isinstance(answer, Rows)
        table = answer.take()
        assert (table.num_rows, table.column_names) == (0, ["a", "b", "c"])
        assert table.schema.field("b").type == pa.timestamp("us")

    def test_rows_larger_than_a_packet_of_the_protocol(self, connector: Connector) -> None:
        size = 17 << 20
        sql = f"SELECT REPEAT('a', 10) AS a, REPEAT('b', {size}) AS b UNION ALL SELECT 'c', 'd'"
        first, last = rows(connector, sql)
        assert (first["a"], len(first["b"]), set(first["b"])) == ("aaaaaaaaaa", size, {"b"})
        assert last == {"a": "c", "b": "d"}
        assert value(connector, "SELECT LENGTH(?)", "x" * size) == size

    def test_many_rows_of_many_lengths(self, connector: Connector) -> None:
        numbers = " UNION ALL ".join(f"SELECT {n} AS n" for n in range(60))
        sql = (
            f"SELECT a.n * 3600 + b.n * 60 + c.n AS id, REPEAT('é', (a.n * 7 + b.n * 3 + c.n) % 300) AS text,"
            f" IF(c.n % 5 = 0, NULL, c.n) AS n FROM ({numbers}) AS a, ({numbers}) AS b, ({numbers}) AS c"
        )
        for params, suffix in (([], ""), ([0], " WHERE a.n >= ?")):
            answer = connector.run(sql + suffix, params)
            assert isinstance(answer, Rows)
            table = answer.take().sort_by("id")
            assert table["id"].to_pylist() == list(range(216_000))
            expected = [(i // 3600 * 7 + i // 60 % 60 * 3 + i % 60) % 300 for i in range(216_000)]
            assert [len(text) for text in table["text"].to_pylist()] == expected
            assert table["n"].to_pylist() == [None if i % 60 % 5 == 0 else i % 60 for i in range(216_000)]

    @pytest.mark.parametrize("sql_mode", ["", "NO_BACKSLASH_ESCAPES", "ANSI_QUOTES"])
    @pytest.mark.parametrize(("param", "text"), PARAMETERS)
    def test_parameters_of_all_types_in_every_sql_mode(
        self, connector: Connector, sql_mode: str, param: Any, text: str | None
    ) -> None:
        connector.run(f"SET sql_mode = '{sql_mode}'", [])
        place = connector.dialect.placeholder(1, param)
        assert value(connector, f"SELECT CAST({place} AS CHAR) AS x", param) == text

    def test_bytes_stay_bytes(self, connector: Connector) -> None:
        everything = bytes(range(256)) * 300
        place = connector.dialect.placeholder(1, everything)
        assert value(connector, "SELECT HEX(?)", everything) == everything.hex().upper()
        assert value(connector, f"SELECT {place} AS x", everything) == everything

    @pytest.mark.parametrize(
        ("param", "kind"),
        [
            (7, pa.int64()),
            (1.5, pa.float64()),
            (Decimal("-0.0012"), pa.decimal128(4, 4)),
            (Decimal("1E+3"), pa.decimal128(4, 0)),
            ("é", pa.string()),
            (b"\xff", pa.binary()),
            (date(2024, 1, 2), pa.date32()),
            (datetime(2024, 1, 2, 3, 4, 5, 6), pa.timestamp("us")),
            (timedelta(hours=30), pa.duration("us")),
        ],
    )
    def test_a_selected_parameter_comes_back_in_its_type(
        self, connector: Connector, param: Any, kind: pa.DataType
    ) -> None:
        answer = connector.run(f"SELECT {connector.dialect.placeholder(1, param)} AS x", [param])
        assert isinstance(answer, Rows)
        table = answer.take()
        assert (table.schema.field("x").type, table["x"].to_pylist()) == (kind, [param])

    def test_what_the_server_has_nothing_for_is_refused(self, connector: Connector) -> None:
        for param in (float("nan"), Decimal("Infinity"), [1, 2], datetime.now(timezone.utc).timetz()):
            assert (
                failure_of(lambda param=param: connector.run("SELECT ?", [param]))["code"]
                == "invalid-request"
            )
        failure = failure_of(lambda: connector.run("SELECT ?, ?", [1]))
        assert "parameters of its own" in failure["message"]
        assert value(connector, "SELECT 1") == 1

    def test_moments_keep_their_zone_and_follow_the_session_s(self, connect: Connect) -> None:
        connector = connect()
        connector.run("CREATE TEMPORARY TABLE moments (at TIMESTAMP)", [])
        moment = datetime(2024, 7, 1, 12, tzinfo=timezone(timedelta(hours=-5)))
        connector.run("INSERT INTO moments VALUES (?)", [moment])
        for zone in ("+00:00", "-03:30", "+02:00"):
            connector.run(f"SET time_zone = '{zone}'", [])
            assert value(connector, "SELECT at FROM moments") == moment
            assert (
                value(connector, "SELECT at FROM moments WHERE at = CAST(? AS DATETIME(6))", moment) == moment
            )
        connector.run("SET time_zone = 'SYSTEM'", [])
        answer = connector.run("SELECT at FROM moments", [])
        assert isinstance(answer, Rows)
        assert "without a time zone" in answer.remarks[0]
        assert answer.take().schema.field("at").type == pa.timestamp("us")
        assert failure_of(lambda: connector.run("SELECT ?", [moment]))["code"] == "invalid-request"

    def test_a_limit_is_the_server_s_and_leaves_no_trace(self, connect: Connect) -> None:
        connector = connect()
        connector.run("SET sql_select_limit = 5", [])
        connector.run("CREATE TEMPORARY TABLE ten (n INT)", [])
        connector.run("INSERT INTO ten VALUES (1), (2), (3), (4), (5), (6), (7), (8), (9), (10)", [])
        assert len(rows(connector, "SELECT * FROM ten", limit=3)) == 3
        assert len(rows(connector, "-- all\n(SELECT * FROM ten)", limit=3)) == 3
        assert len(rows(connector, "SELECT * FROM ten WHERE n > ?", 0, limit=7)) == 7
        failure_of(lambda: connector.run("SELECT * FROM nowhere", [], limit=3))
        assert len(rows(connector, "SELECT * FROM ten")) == 5
        assert value(connector, "SELECT @@sql_select_limit") == 5

    def test_a_limit_cuts_only_the_rows_that_are_shown(self, connect: Connect) -> None:
        connector = connect()
        connector.run("CREATE TEMPORARY TABLE ten (n INT)", [])
        connector.run("INSERT INTO ten VALUES (1), (2), (3), (4), (5), (6), (7), (8), (9), (10)", [])
        assert rows(connector, "SELECT SUM(n) AS total FROM (SELECT n FROM ten) AS t", limit=2) == [
            {"total": 55}
        ]
        answer = connector.run("CREATE TEMPORARY TABLE copy AS SELECT * FROM ten", [], limit=2)
        assert answer == Affected(10)
        assert connector.run("DELETE FROM copy WHERE n > ?", [5], limit=2) == Affected(5)
        # These have limits of their own, or none.
        assert len(rows(connector, "SELECT * FROM ten LIMIT 8", limit=2)) == 2
        assert len(rows(connector, "SHOW COLLATION", limit=2)) == 2
        assert value(connector, "SELECT COUNT(*) FROM ten") == 10

    def test_a_limit_ends_a_large_statement_on_the_server(self, connector: Connector) -> None:
        numbers = " UNION ALL ".join(f"SELECT {n} AS n" for n in range(100))
        many = ", ".join(f"({numbers}) AS t{n}" for n in range(4))
        start = time.monotonic()
        assert (
            len(rows(connector, f"SELECT t0.n, REPEAT('x', 500) FROM {many} LIMIT 99999999", limit=10)) == 10
        )
        assert time.monotonic() - start < 15
        assert value(connector, "SELECT 1") == 1

    def test_a_session_keeps_its_state(self, connect: Connect) -> None:
        connector = connect()
        connector.run("SET @x = ?", ["kept"])
        assert value(connector, "SELECT @x") == "kept"
        connector.run("CREATE TEMPORARY TABLE own (n INT)", [])
        assert connector.run("INSERT INTO own VALUES (1), (2)", []) == Affected(2)
        assert connector.run("UPDATE own SET n = ? WHERE n > ?", [7, 0]) == Affected(2)

    def test_a_transaction_is_known_until_it_ends(self, connect: Connect) -> None:
        connector, other = connect(), connect()
        connector.run("CREATE TABLE kept (n INT PRIMARY KEY) ENGINE = InnoDB", [])
        try:
            assert not connector.in_transaction
            connector.run("BEGIN", [])
            assert connector.in_transaction
            connector.run("INSERT INTO kept VALUES (1)", [])
            failure_of(lambda: connector.run("INSERT INTO kept VALUES (1)", []))
            assert connector.in_transaction
            assert value(other, "SELECT COUNT(*) FROM kept") == 0
            assert connector.ping()
            connector.run("COMMIT", [])
            assert not connector.in_transaction
            assert value(other, "SELECT COUNT(*) FROM kept") == 1
        finally:
            connector.run("DROP TABLE kept", [])

    def test_a_procedure_gives_its_last_rows(self, connector: Connector) -> None:
        connector.run("DROP PROCEDURE IF EXISTS twice", [])
        connector.run("CREATE PROCEDURE twice(x INT) BEGIN SELECT x AS one; SELECT x * 2 AS two; END", [])
        try:
            for params, sql in (([], "CALL twice(21)"), ([21], "CALL twice(?)")):
                answer = connector.run(sql, params)
                assert isinstance(answer, Rows)
                assert answer.remarks == ["The last of 2 results is shown."]
                assert answer.take().to_pylist() == [{"two": 42}]
            assert value(connector, "SELECT 1") == 1
        finally:
            connector.run("DROP PROCEDURE twice", [])

    @pytest.mark.parametrize(
        ("sql", "params", "excerpt"),
        [
            ("SELECT 1,\n  2 + FROM dual", [], "FROM"),
            ("SELECT 1 FORM dual\nWHERE 1", [], "dual\nWHERE"),
            ("SELECT 'ä',\n ? 3 FROM dual", [1], "3 FROM"),
            ("SELECT 1 +", [], ""),
            ("SELECT nothing\nFROM dual", [], "nothing"),
            ("SELECT *\nFROM nowhere", [], "nowhere"),
            ("SELECT nofunction(1)", [], "nofunction"),
        ],
    )
    def test_an_error_says_where(
        self, connector: Connector, sql: str, params: list[Any], excerpt: str
    ) -> None:
        failure = failure_of(lambda: connector.run(sql, params))
        assert failure["code"] == "query-failed"
        assert detail_of(failure)["position"] == (sql.index(excerpt) if excerpt else len(sql)) + 1

    def test_an_error_has_the_server_s_code_and_words(self, connector: Connector) -> None:
        failure = failure_of(lambda: connector.run("SELECT * FROM nowhere", []))
        assert detail_of(failure)["server"] == 1146
        assert detail_of(failure)["sqlstate"] == "42S02"
        assert "nowhere' doesn't exist" in failure["message"]

    def test_cancel_ends_the_statement_on_the_server_within_a_second(
        self, connector: Connector, database: Database
    ) -> None:
        marker = f"marker{uuid.uuid4().hex}"
        failures: list[Failure] = []

        def run() -> None:
            failures.append(failure_of(lambda: connector.run(database.slow(marker), [])))

        thread = threading.Thread(target=run)
        thread.start()
        while not database.running(marker):
            assert thread.is_alive()
        start = time.monotonic()
        connector.cancel()
        thread.join(5)
        assert not database.running(marker)
        assert time.monotonic() - start < 1
        assert failures[0]["code"] == "cancelled"
        assert value(connector, "SELECT 1") == 1

    def test_a_connection_that_the_server_ended_is_lost(self, connect: Connect, database: Database) -> None:
        connector = connect()
        number = value(connector, "SELECT CONNECTION_ID()")
        cast("MySQLFamily", database).ask(f"KILL {number}")
        assert not connector.ping()
        failure = failure_of(lambda: connector.run("SELECT 1", []))
        assert (failure["code"], failure["stage"]) == ("connection-lost", "query")

    def test_the_server_gets_no_file_of_this_machine(self, connect: Connect, tmp_path: Any) -> None:
        connector = connect()
        connector.run("CREATE TEMPORARY TABLE received (line TEXT)", [])
        file = tmp_path / "secret.txt"
        file.write_text("secret")
        failure = failure_of(
            lambda: connector.run(f"LOAD DATA LOCAL INFILE '{file}' INTO TABLE received", [])
        )
        assert failure["code"] in ("query-failed", "invalid-request")
        assert value(connector, "SELECT COUNT(*) FROM received") == 0

    def test_the_catalog_comes_in_pages(self, connector: Connector, database: Database) -> None:
        admin = cast("MySQLFamily", database)
        admin.ask(
            f"CREATE TABLE {DATABASE}.catalog_a (id INT UNSIGNED NOT NULL, name VARCHAR(9), kind ENUM('x'))"
        )
        admin.ask(f"CREATE VIEW {DATABASE}.catalog_b AS SELECT id FROM {DATABASE}.catalog_a")
        try:
            schemas = connector.schemas()
            assert {DATABASE, "information_schema"} <= set(schemas)
            assert connector.schemas(after=schemas[0], count=1) == schemas[1:2]
            a, b = Table(DATABASE, "catalog_a", "table"), Table(DATABASE, "catalog_b", "view")
            assert connector.tables(DATABASE, after="catalog", count=2) == [a, b]
            assert connector.tables(DATABASE, after="catalog_a", count=1) == [b]
            id_, name, kind = connector.columns(DATABASE, "catalog_a")
            assert id_.type.replace("(10)", "") == "int unsigned"
            assert id_.nullable is False
            assert (name, kind) == (Column("name", "varchar(9)", True), Column("kind", "enum('x')", True))
            assert connector.columns(DATABASE, "nothing") == []
            assert connector.searched() == [DATABASE]
        finally:
            admin.ask(f"DROP VIEW {DATABASE}.catalog_b")
            admin.ask(f"DROP TABLE {DATABASE}.catalog_a")

    def test_cells_bind_values_and_lists_and_cut_statements(self, kernel: Kernel) -> None:
        kernel.run("%load_ext underpass")
        setup = """%%sql "My DB"
            CREATE TEMPORARY TABLE things (id INT, name VARCHAR(50)); -- first
            INSERT INTO things VALUES (1, 'semi;colon'), (2, '100 %'), (3, NULL) # second
            """
        assert kernel.run(setup).error is None
        kernel.run("ids, none, name = [1, 2, None], [], '100 %'")
        for condition, count in (
            ("id IN {{ ids }}", 2),
            ("id IN ({{ none }})", 0),
            ("id NOT IN {{ none }}", 3),
            ("name = {{ name }}", 1),
            ("name LIKE '%;%' AND id > {{ 0 }}", 1),
            ("name LIKE {{ name }}", 1),
        ):
            outcome = kernel.run(f'%%sql "My DB" -o frame\nSELECT id FROM `things` WHERE {condition}')
            assert outcome.error is None, outcome.error
            assert kernel.run("print(len(frame))").text.strip() == str(count), condition

    def test_a_cell_may_define_a_procedure(self, kernel: Kernel) -> None:
        kernel.run("%load_ext underpass")
        cell = """%%sql "My DB" -o frame
            DROP PROCEDURE IF EXISTS shown;
            CREATE PROCEDURE shown(n INT)
            BEGIN
              DECLARE total INT DEFAULT 0;
              WHILE n > 0 DO
                SET total = total + CASE WHEN n > 1 THEN n ELSE 1 END;
                IF n > 100 THEN SET n = 0; END IF;
                SET n = n - 1;
              END WHILE;
              SELECT total;
            END;
            CALL shown({{ 3 }});
            DROP PROCEDURE shown"""
        outcome = kernel.run(cell)
        assert outcome.error is None, outcome.error
        assert kernel.run("print(frame.total[0])").text.strip() == "6"

    def test_stop_ends_the_statement_on_the_server(self, kernel: Kernel, database: Database) -> None:
        kernel.run("%load_ext underpass")
        marker = f"marker{uuid.uuid4().hex}"
        request = kernel.start(f'%%sql "My DB"\n{database.slow(marker)}')
        while not database.running(marker):
            time.sleep(0.01)
        start = time.monotonic()
        kernel.interrupt()
        while database.running(marker):
            assert time.monotonic() - start < 1
        with contextlib.suppress(TimeoutError):
            kernel.finish(request)
