"""``underpass.connect`` and ``underpass.engine`` for the other systems, behind the bastion."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

import underpass
from tests.person import Person, fields_of
from tests.servers import PrivateNetwork
from underpass import api

WITH_TRANSACTIONS = ["mysql", "mariadb", "redshift"]
SYSTEMS = ["mysql", "mariadb", "sqlserver", "clickhouse", "trino", "redshift", "mindsdb", "dremio"]
TABLE = "made_by_the_api"


@pytest.fixture
def name(request: pytest.FixtureRequest, network: PrivateNetwork, person: Person) -> str:
    """An integration of the system that the test asks for."""
    system: str = request.param
    name = f"{system} of the api"
    if name not in person.names():
        database = network.database(system)
        situation = "demanded" if "offered" in database.impossible else "offered"
        fields, secrets = fields_of(database, network, situation, mode="strict")
        person.add(system, name, fields, secrets)
    return name


@pytest.fixture
def engine(name: str) -> Iterator[sa.Engine]:
    engine = underpass.engine(name)
    yield engine
    engine.dispose()


@pytest.mark.parametrize("name", SYSTEMS, indirect=True)
def test_values_are_bound_and_rows_fetched(name: str) -> None:
    evil = "it's ?, :a and 100%"
    with underpass.connect(name) as connection:
        cursor = connection.cursor()
        assert cursor.execute("SELECT :a AS a, :a AS b", {"a": evil}).fetchall() == [(evil, evil)]
        assert cursor.execute("SELECT ? AS a, ':x ?' AS b", [7]).fetchall() == [(7, ":x ?")]
        assert cursor.execute("SELECT 1 AS one").fetch_df()["one"].tolist() == [1]
        assert cursor.description is not None
        assert (cursor.description[0][0], cursor.description[0][1] == api.NUMBER) == ("one", True)


@pytest.mark.parametrize("name", SYSTEMS, indirect=True)
def test_what_the_server_refuses_is_a_database_error(name: str) -> None:
    with underpass.connect(name, autocommit=True) as connection:
        with pytest.raises(api.DatabaseError) as caught:
            connection.cursor().execute("SELECT nothing_of_this_name FROM nowhere_at_all")
        assert caught.value.failure["stage"] == "query"
        assert not connection.closed


@pytest.mark.parametrize("name", WITH_TRANSACTIONS, indirect=True)
def test_a_transaction_is_kept_or_undone(name: str) -> None:
    with underpass.connect(name) as connection:
        assert not connection.autocommit
        cursor = connection.cursor()
        cursor.execute(f"DROP TABLE IF EXISTS {TABLE}")
        cursor.execute(f"CREATE TABLE {TABLE} (n int)")
        connection.commit()
        cursor.execute(f"INSERT INTO {TABLE} VALUES (?)", [1])
        assert connection.in_transaction
        connection.rollback()
        cursor.executemany(f"INSERT INTO {TABLE} VALUES (?)", [[2], [3]])
        connection.commit()
        assert cursor.execute(f"SELECT n FROM {TABLE} ORDER BY n").fetchall() == [(2,), (3,)]
        cursor.execute(f"DROP TABLE {TABLE}")


@pytest.mark.parametrize("name", ["clickhouse", "dremio", "mindsdb"], indirect=True)
def test_where_nothing_can_be_undone_this_is_said(name: str) -> None:
    with underpass.connect(name) as connection:
        assert connection.autocommit
        connection.commit()
        with pytest.raises(api.NotSupportedError, match="has no transactions"):
            connection.rollback()
    with pytest.raises(api.NotSupportedError, match="has no transactions"):
        underpass.connect(name, autocommit=False)


@pytest.mark.parametrize("name", ["mysql", "mariadb", "redshift", "sqlserver", "trino"], indirect=True)
def test_pandas_reads_through_an_engine(engine: sa.Engine) -> None:
    frame = pd.read_sql(sa.text("SELECT :n + 1 AS n, :t AS t"), engine, params={"n": 4, "t": "100%"})
    assert frame.to_dict("list") == {"n": [5], "t": ["100%"]}
    assert engine.url.password is None


@pytest.mark.parametrize("name", ["mysql", "mariadb"], indirect=True)
def test_tables_are_made_filled_reflected_and_read(engine: sa.Engine) -> None:
    table = sa.Table(
        TABLE,
        sa.MetaData(),
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("t", sa.String(40), unique=True),
        sa.Column("price", sa.Numeric(9, 2)),
    )
    table.drop(engine, checkfirst=True)
    table.create(engine)
    with engine.begin() as connection:
        made = connection.execute(sa.insert(table).values(t="a", price="1.50"))
        assert made.inserted_primary_key == (1,)
        connection.execute(sa.insert(table), [{"t": "b"}, {"t": "c"}])
    with engine.connect() as connection:
        connection.execute(sa.delete(table))
        connection.rollback()
        rows = connection.execute(sa.select(table.c.id, table.c.t).order_by(table.c.id)).all()
    assert [tuple(row) for row in rows] == [(1, "a"), (2, "b"), (3, "c")]
    found = sa.inspect(engine)
    assert [str(column["type"]) for column in found.get_columns(TABLE)] == [
        "INTEGER",
        "VARCHAR(40)",
        "DECIMAL(9, 2)",
    ]
    assert found.get_pk_constraint(TABLE)["constrained_columns"] == ["id"]
    with engine.connect() as connection, pytest.raises(IntegrityError):
        connection.execute(sa.insert(table).values(t="a"))
    table.drop(engine)


@pytest.mark.parametrize("name", ["clickhouse", "dremio", "mindsdb"], indirect=True)
def test_where_there_is_no_dialect_this_is_said(name: str) -> None:
    with pytest.raises(api.NotSupportedError, match=r"underpass\.sql\(\)"):
        underpass.engine(name)


@pytest.mark.parametrize("name", ["mongodb"], indirect=True)
def test_mongodb_takes_values_in_braces(name: str) -> None:
    with underpass.connect(name) as connection:
        cursor = connection.cursor()
        text = "db.made_by_nobody.countDocuments({n: {{ one }}})"
        assert cursor.execute(text, {"one": 1}).fetchall() == [(0,)]
        with pytest.raises(api.ProgrammingError, match="named"):
            cursor.execute(text, [1])


@pytest.mark.parametrize("name", ["mysql"], indirect=True)
def test_a_result_that_would_eat_the_memory_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    columns = "information_schema.columns"
    large = f"SELECT repeat('x', 1000) AS x FROM {columns} AS a, {columns} AS b LIMIT 50000"
    monkeypatch.setenv("UNDERPASS_MAX_MEMORY", "5MB")
    with underpass.connect(name) as connection:
        with pytest.raises(api.OperationalError) as caught:
            connection.cursor().execute(large)
        assert caught.value.failure["code"] == "result-too-large"
        assert "UNDERPASS_MAX_MEMORY" in caught.value.failure["fix"]
        assert connection.cursor().execute("SELECT 1").fetchone() == (1,)
    with pytest.raises(api.OperationalError, match="too large"):
        underpass.sql(large, integration=name)
