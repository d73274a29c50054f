"""BigQuery's connector, on an imitation of its REST interface. There is no bastion, and TLS is always on."""

from __future__ import annotations

import datetime
import decimal
import itertools
import socket
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any, cast

import pyarrow as pa
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.person import Person
from tests.servers.databases import Database
from tests.servers.databases.bigquery import BigQuery
from underpass.connectors import find_connector
from underpass.connectors.base import Affected, Connector, Rows, Table
from underpass.failure import UnderpassError

SYSTEM = "bigquery"

_names = itertools.count(1)

EXPECTED: dict[str, tuple[str, Any]] = {
    "whole": ("int64", -(2**63)),
    "real": ("double", 0.1),
    "price": ("decimal128(38, 9)", decimal.Decimal("-12345678901234567890.123456789")),
    "large": (
        "decimal256(76, 38)",
        decimal.Decimal("12345678901234567890123456789012345678.5"),
    ),
    "words": ("string", "naïve 'quoted' 𝄞"),
    "yes": ("bool", True),
    "raw": ("binary", b"\x00\xff\x10"),
    "day": ("date32[day]", datetime.date(2024, 2, 29)),
    "clock": ("time64[us]", datetime.time(23, 59, 59, 123456)),
    "local": ("timestamp[us]", datetime.datetime(2024, 2, 29, 1, 2, 3, 123456)),
    "moment": (
        "timestamp[us, tz=UTC]",
        datetime.datetime(2024, 2, 29, 1, 2, 3, tzinfo=datetime.timezone.utc),
    ),
    "several": ("list<item: int64>", [1, 2]),
    "nothing": ("string", None),
}
VALUES: list[tuple[Any, Any]] = [
    (True, True),
    (-7, -7),
    (2**70, decimal.Decimal(2**70)),
    (-2.5, -2.5),
    (decimal.Decimal("-123.45"), decimal.Decimal("-123.45")),
    (decimal.Decimal("1E-20"), decimal.Decimal("1E-20")),
    ('it\'s "here" \\ -- @p1 naïve 𝄞\n', 'it\'s "here" \\ -- @p1 naïve 𝄞\n'),
    (b"\x00\xff'", b"\x00\xff'"),
    (datetime.date(2024, 2, 29), datetime.date(2024, 2, 29)),
    (datetime.time(23, 59, 59, 123456), datetime.time(23, 59, 59, 123456)),
    (datetime.datetime(2024, 7, 1, 12, 30, 0, 123456), datetime.datetime(2024, 7, 1, 12, 30, 0, 123456)),
    (
        datetime.datetime(2024, 7, 1, 12, 30, tzinfo=datetime.timezone(datetime.timedelta(hours=5.5))),
        datetime.datetime(2024, 7, 1, 7, 0, tzinfo=datetime.timezone.utc),
    ),
    (datetime.datetime(1, 1, 1), datetime.datetime(1, 1, 1)),
    (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
]

Connect = Callable[..., Connector]


@pytest.fixture(scope="module", autouse=True)
def surroundings(database: Database) -> Iterator[None]:
    """Google's client trusts what its HTTP library does, and whatever else it asks does not reach Google."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REQUESTS_CA_BUNDLE", str(database.site.authority.certificate))
        patch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
        patch.setenv("NO_PROXY", "localhost")
        yield


@pytest.fixture
def connect(database: Database, person: Person) -> Iterator[Connect]:
    """Opens connectors, each for an integration of its own; closes them at the end."""
    opened: list[Connector] = []

    def connect(
        *,
        flaw: Any = None,
        secrets: dict[str, str] | None = None,
        options: dict[str, str] | None = None,
        read_only: bool = False,
    ) -> Connector:
        login = database.login(cast("BigQuery", database).ports[flaw])
        fields = {**login.fields, "options": {**login.fields["options"], **(options or {})}}
        name = f"bigquery {next(_names)}"
        person.add("bigquery", name, fields, {**login.secrets, **(secrets or {})}, read_only=read_only)
        opened.append(find_connector("bigquery").open(person.ensure(name)))
        return opened[-1]

    yield connect
    for connector in opened:
        connector.close()


@pytest.fixture(scope="module")
def connector(database: Database, person: Person) -> Iterator[Connector]:
    """One for all tests; the same integration is "My DB" in cells."""
    login = database.login(cast("BigQuery", database).ports[None])
    person.add("bigquery", "My DB", login.fields, login.secrets)
    connector = find_connector("bigquery").open(person.ensure("My DB"))
    yield connector
    connector.close()


def table(connector: Connector, sql: str, *params: object, limit: int | None = None) -> pa.Table:
    answer = connector.run(sql, params, limit=limit)
    assert isinstance(answer, Rows)
    return answer.take()


def test_every_type_keeps_its_values(connector: Connector) -> None:
    answer = table(connector, "SELECT * FROM shop.types")
    kinds = dict(zip(answer.column_names, map(str, answer.schema.types), strict=True))
    assert {name: (kinds[name], value) for name, value in answer.to_pylist()[0].items()} == EXPECTED


@pytest.mark.parametrize(("value", "expected"), VALUES, ids=lambda value: str(value)[:24])
def test_a_value_is_bound_as_what_it_is(connector: Connector, value: Any, expected: Any) -> None:
    assert table(connector, "SELECT @p1 AS v", value).to_pylist() == [{"v": expected}]


def test_lists_and_missing_values_are_bound(person: Person, connector: Connector) -> None:
    numbers = "WITH n(i) AS (VALUES (1), (2), (3)) SELECT i FROM n WHERE i"

    def found(condition: str, wanted: Any) -> list[int]:
        frame = person.cell("My DB", f"{numbers} {condition} {{{{ wanted }}}}", wanted=wanted).frame
        assert frame is not None
        return frame["i"].to_list()

    assert found("IN", [1, 3]) == [1, 3]
    assert found("NOT IN", [1, 3]) == [2]
    assert found("IN", []) == []
    assert found("NOT IN", []) == [1, 2, 3]
    assert found("IS", None) == []


def test_a_limit_is_exact(connector: Connector) -> None:
    assert len(table(connector, "VALUES (1), (2), (3)", limit=2)) == 2


def test_what_changes_rows_says_how_many(connector: Connector) -> None:
    assert isinstance(connector.run("CREATE TABLE changed (a INT64)", []), Affected)
    assert connector.run("INSERT INTO changed VALUES (@p1), (2)", [1]) == Affected(2)


def test_an_error_has_line_and_column(person: Person, connector: Connector) -> None:
    with pytest.raises(UnderpassError) as refused:
        person.cell("My DB", "SELECT 1;\nSELECT 'é' AS a,\n  1 FORM x")
    failure = refused.value.failure
    assert failure["code"] == "query-failed"
    assert (failure.get("detail", {})["line"], failure.get("detail", {})["column"]) == (4, 10)


def test_the_catalog_is_listed_in_pages(connector: Connector) -> None:
    assert connector.schemas() == ["archive", "shop"]
    assert connector.schemas(after="archive", count=1) == ["shop"]
    assert connector.tables("shop", count=1) == [Table("shop", "orders", "table")]
    assert [entry.name for entry in connector.tables("shop", after="orders")] == ["refunds", "types"]
    columns = {column.name: column.type for column in connector.columns("shop", "types")}
    assert (columns["price"], columns["several"]) == ("NUMERIC", "ARRAY<INTEGER>")
    assert connector.columns("shop", "none") == []
    assert connector.tables("none") == []


def test_a_statement_whose_answer_was_lost_runs_once_and_gives_its_rows(connector: Connector) -> None:
    connector.run("CREATE TABLE lost (a INT64)", [])
    assert connector.run("INSERT INTO lost VALUES (1) -- lose the answer", []) == Affected(1)
    assert table(connector, "SELECT a FROM lost").to_pylist() == [{"a": 1}]
    assert table(connector, "SELECT 1 AS one -- lose the answer").to_pylist() == [{"one": 1}]


def test_whose_answer_was_lost_far_away_is_a_lost_connection(connector: Connector) -> None:
    with pytest.raises(UnderpassError) as lost:
        connector.run("SELECT 1 AS one -- archive.orders, lose the answer", [])
    assert lost.value.failure["code"] == "connection-lost"


@pytest.mark.parametrize("away", ["", "-- archive.orders"])
def test_a_cancelled_statement_ends_on_the_server(
    database: Database, connector: Connector, away: str
) -> None:
    failures: list[UnderpassError] = []

    def run() -> None:
        with pytest.raises(UnderpassError) as ended:
            connector.run(database.slow("cancel me") + away, [])
        failures.append(ended.value)

    thread = threading.Thread(target=run)
    thread.start()
    wait_until(lambda: database.running("cancel me"))
    start = time.monotonic()
    wait_until(lambda: cancelled(connector, database))
    assert time.monotonic() - start < 1
    thread.join()
    assert failures[0].failure["code"] == "cancelled"


def cancelled(connector: Connector, database: Database) -> bool:
    # As Stop does, again and again: the first may come before the answer with the job's location.
    connector.cancel()
    return not database.running("cancel me")


def test_a_server_that_is_gone_is_a_lost_connection_soon(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    connector = connect(options={"api_endpoint": "https://localhost:1"})
    assert not connector.ping()
    module = sys.modules[type(connector).__module__]
    monkeypatch.setattr(module, "RETRY", module.RETRY.with_timeout(1))
    for ask in (lambda: connector.run("SELECT 1", []), connector.schemas):
        with pytest.raises(UnderpassError) as lost:
            ask()
        assert lost.value.failure["code"] == "connection-lost"


def test_an_emulator_of_the_environment_gets_no_token(
    database: Database, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as emulator:
        monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", f"http://localhost:{emulator.getsockname()[1]}")
        login = database.login(cast("BigQuery", database).ports[None])
        person.add("bigquery", "no endpoint", {"project": "acme"}, login.secrets)
        connector = find_connector("bigquery").open(person.ensure("no endpoint"))
        # What the environment says of proxies leads nowhere.
        assert not connector.ping()
        connector.close()
        emulator.settimeout(0.2)
        with pytest.raises(TimeoutError):
            emulator.accept()


def test_an_address_for_tokens_without_tls_is_refused(database: Database, connect: Connect) -> None:
    bigquery = cast("BigQuery", database)
    key = bigquery.key(bigquery.ports[None]).replace("https://", "http://")
    with pytest.raises(UnderpassError) as refused:
        connect(secrets={"serviceAccountKey": key})
    assert refused.value.failure.get("detail", {})["field"] == "serviceAccountKey"


def test_another_accounts_key_is_refused_without_repeating_it(database: Database, connect: Connect) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    bigquery = cast("BigQuery", database)
    with pytest.raises(UnderpassError) as refused:
        connect(secrets={"serviceAccountKey": bigquery.key(bigquery.ports[None], other.decode())})
    assert (refused.value.failure["code"], refused.value.failure["stage"]) == ("login-refused", "login")
    assert "PRIVATE KEY" not in repr(refused.value.failure)


def test_a_key_that_can_not_be_read_is_named(connect: Connect) -> None:
    for text in ("no JSON", "[]", '{"client_email": "x"}'):
        with pytest.raises(UnderpassError) as refused:
            connect(secrets={"serviceAccountKey": text})
        assert refused.value.failure.get("detail", {})["field"] == "serviceAccountKey"


def test_a_certificate_for_another_name_is_refused(connect: Connect) -> None:
    with pytest.raises(UnderpassError) as refused:
        connect(flaw="wrong-name")
    assert (refused.value.failure["code"], refused.value.failure["stage"]) == ("tls-name-mismatch", "tls")


def test_an_endpoint_without_tls_and_unknown_options_are_refused(connect: Connect) -> None:
    for options in ({"api_endpoint": "http://localhost:1"}, {"nonesuch": "1"}):
        with pytest.raises(UnderpassError) as refused:
            connect(options=options)
        assert refused.value.failure.get("detail", {})["field"] == "options"


def wait_until(condition: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_read_only_integration_writes_nothing(connect: Connect, connector: Connector) -> None:
    connector.run("CREATE TABLE guarded (a INT64)", [])
    connector.run("INSERT INTO guarded VALUES (1)", [])
    reader = connect(read_only=True)
    for statement in (
        "INSERT INTO guarded VALUES (2)",
        "DELETE FROM guarded WHERE true",
        "DROP TABLE guarded",
        "CREATE TABLE copied AS SELECT * FROM guarded",
        "SELECT 1; DELETE FROM guarded WHERE true",
        "BEGIN DELETE FROM guarded WHERE true; END",
    ):
        with pytest.raises(UnderpassError) as refused:
            reader.run(statement, [])
        assert refused.value.failure["code"] == "read-only"
    for each in (reader, connector):
        assert [list(row.values()) for row in table(each, "SELECT a FROM guarded").to_pylist()] == [[1]]
    connector.run("DROP TABLE guarded", [])
