"""``underpass.sql``, ``engine`` and ``environ``, with pandas, SQLAlchemy and DuckDB, behind the bastion."""

from __future__ import annotations

import datetime
import decimal
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator

import duckdb
import pandas as pd
import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

import underpass
from tests.person import Person, fields_of
from tests.servers import PrivateNetwork
from tests.servers.databases import Database
from tests.workspace import Workspace
from underpass import api

SYSTEM = "postgresql"
NAME = "Prod"


@pytest.fixture(scope="module", autouse=True)
def integration(network: PrivateNetwork, database: Database, person: Person) -> None:
    fields, secrets = fields_of(database, network, "offered", mode="strict")
    person.add(SYSTEM, NAME, fields, secrets)


@pytest.fixture(scope="module")
def engine() -> Iterator[sa.Engine]:
    engine = underpass.engine(NAME)
    yield engine
    engine.dispose()


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders_of_the_api"
    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[uuid.UUID]
    price: Mapped[decimal.Decimal]
    placed: Mapped[datetime.datetime] = mapped_column(sa.DateTime(timezone=True))
    tags: Mapped[list[str]] = mapped_column(postgresql.ARRAY(sa.Text))
    more: Mapped[dict[str, int]] = mapped_column(postgresql.JSONB)
    note: Mapped[str | None]


def test_sql_gives_a_dataframe_with_bound_values() -> None:
    frame = underpass.sql(
        "SELECT n, {{ word }} AS word FROM generate_series(1, 9) AS n"
        " WHERE n IN {{ wanted }} AND n > {{ x * 2 }}",
        integration=NAME,
        word="it's",
        wanted={2, 5, 7},
        x=2,
    )
    assert frame.to_dict("list") == {"n": [5, 7], "word": ["it's", "it's"]}


def test_sql_never_sees_variables_of_its_caller() -> None:
    secret = 1
    with pytest.raises(api.ProgrammingError, match=r"no value for \{\{ secret \}\}.*keyword argument"):
        underpass.sql("SELECT {{ secret }}", integration=NAME)
    with pytest.raises(api.ProgrammingError, match="__import__"):
        underpass.sql("SELECT {{ __import__('os').getpid() }}", integration=NAME, secret=secret)


def test_sql_says_where_the_mistake_is() -> None:
    with pytest.raises(api.ProgrammingError) as caught:
        underpass.sql("SELECT 1;\nSELECT nothing", integration=NAME)
    detail = caught.value.failure.get("detail", {})
    assert (detail["line"], detail["column"]) == (2, 8)


def test_sql_without_rows_gives_an_empty_frame_and_keeps_its_session() -> None:
    made = underpass.sql("CREATE TEMPORARY TABLE mine (n int); INSERT INTO mine VALUES (7)", integration=NAME)
    assert made.shape == (0, 0)
    assert underpass.sql("SELECT n FROM mine", integration=NAME)["n"].tolist() == [7]


def test_pandas_reads_and_writes_through_an_engine_without_a_warning(engine: sa.Engine) -> None:
    frame = pd.DataFrame({"n": [1, 2, 3], "t": ["a", "b%", None]})
    try:
        frame.to_sql("frames_of_the_api", engine, index=False)
        again = pd.read_sql("SELECT n, t FROM frames_of_the_api WHERE t LIKE '%%' OR t IS NULL", engine)
        pd.testing.assert_frame_equal(again, frame)
        one = pd.read_sql(sa.text("SELECT t FROM frames_of_the_api WHERE n = :n"), engine, params={"n": 2})
        assert one["t"].tolist() == ["b%"]
        assert pd.read_sql_table("frames_of_the_api", engine).shape == (3, 2)
    finally:
        with engine.begin() as connection:
            connection.execute(sa.text("DROP TABLE frames_of_the_api"))


def test_pandas_reads_through_a_connection(engine: sa.Engine) -> None:
    with underpass.connect(NAME) as connection, pytest.warns(UserWarning, match="only supports SQLAlchemy"):
        frame = pd.read_sql("SELECT :n AS n", connection, params={"n": 4})
    assert frame["n"].tolist() == [4]


def test_the_orm_keeps_objects_and_finds_them_again(engine: sa.Engine) -> None:
    Base.metadata.create_all(engine)
    try:
        token = uuid.uuid4()
        placed = datetime.datetime(2024, 2, 29, 12, tzinfo=datetime.timezone.utc)
        with Session(engine) as session:
            orders = [
                Order(
                    token=token, price=decimal.Decimal("1.50"), placed=placed, tags=["x", "y"], more={"a": 1}
                )
                for _ in range(3)
            ]
            session.add_all(orders)
            session.commit()
            assert [order.id for order in orders] == [1, 2, 3]
        with Session(engine) as session:
            found = session.scalars(sa.select(Order).where(Order.token == token, Order.id > 1)).all()
            assert [(order.id, order.price, order.tags, order.more, order.note) for order in found] == [
                (2, decimal.Decimal("1.50"), ["x", "y"], {"a": 1}, None),
                (3, decimal.Decimal("1.50"), ["x", "y"], {"a": 1}, None),
            ]
            assert found[0].token == token
            assert found[0].placed == placed
            found[0].note = "100%"
            session.delete(found[1])
            session.commit()
            assert session.scalar(sa.select(sa.func.count()).select_from(Order)) == 2
            session.execute(sa.update(Order).values(note="gone"))
            session.rollback()
            assert session.scalars(sa.select(Order.note).order_by(Order.id)).all() == [None, "100%"]
        with Session(engine) as session, pytest.raises(IntegrityError):
            session.execute(
                sa.insert(Order).values(id=1, token=token, price=1, placed=placed, tags=[], more={})
            )
    finally:
        Base.metadata.drop_all(engine)


def test_tables_are_reflected(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.execute(
            sa.text(
                "CREATE TABLE reflected (a int PRIMARY KEY, b numeric(9, 2) NOT NULL DEFAULT 1,"
                " c text UNIQUE, d int REFERENCES reflected (a), e timestamptz);"
                " CREATE INDEX by_e ON reflected (e DESC)"
            )
        )
    try:
        found = sa.inspect(engine)
        assert "reflected" in found.get_table_names()
        columns = {column["name"]: column for column in found.get_columns("reflected")}
        assert [str(column["type"]) for column in columns.values()] == [
            "INTEGER",
            "NUMERIC(9, 2)",
            "TEXT",
            "INTEGER",
            "TIMESTAMP",
        ]
        assert [column["nullable"] for column in columns.values()] == [False, False, True, True, True]
        assert found.get_pk_constraint("reflected")["constrained_columns"] == ["a"]
        assert found.get_foreign_keys("reflected")[0]["referred_table"] == "reflected"
        assert found.get_unique_constraints("reflected")[0]["column_names"] == ["c"]
        assert "by_e" in [index["name"] for index in found.get_indexes("reflected")]
        table = sa.Table("reflected", sa.MetaData(), autoload_with=engine)
        assert list(table.columns.keys()) == ["a", "b", "c", "d", "e"]
    finally:
        with engine.begin() as connection:
            connection.execute(sa.text("DROP TABLE reflected"))


def test_isolation_levels_are_kept_and_autocommit_is_one(engine: sa.Engine) -> None:
    with engine.connect().execution_options(isolation_level="SERIALIZABLE") as connection:
        assert connection.scalar(sa.text("SHOW transaction_isolation")) == "serializable"
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("CREATE TEMPORARY TABLE by_itself (n int)"))
        connection.rollback()
        assert connection.scalar(sa.text("SELECT count(*) FROM by_itself")) == 0
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SHOW transaction_isolation")) == "read committed"


def test_an_engine_shows_no_secret_and_needs_nothing_but_the_name(
    engine: sa.Engine, database: Database
) -> None:
    password = database.login(database.port("offered")).secrets["password"]
    assert str(engine.url) == "postgresql+underpass:///Prod"
    with pytest.raises(DBAPIError) as caught, engine.connect() as connection:
        connection.execute(sa.text("SELECT nothing"))
    assert password not in repr(engine) + repr(engine.url) + str(caught.value)
    assert isinstance(caught.value.orig, api.ProgrammingError)


def test_the_pool_replaces_connections_of_a_tunnel_that_is_gone(
    engine: sa.Engine, network: PrivateNetwork
) -> None:
    with engine.connect() as connection:
        before = connection.scalar(sa.text("SELECT pg_backend_pid()"))
    network.bastion.kill_sessions()
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT pg_backend_pid()")) != before


def test_a_tunnel_that_is_lost_within_a_transaction_is_an_error(
    engine: sa.Engine, network: PrivateNetwork
) -> None:
    with engine.connect() as connection:
        connection.execute(sa.text("SELECT 1"))
        network.bastion.kill_sessions()
        with pytest.raises(DBAPIError) as caught:
            connection.execute(sa.text("SELECT 2"))
        assert caught.value.connection_invalidated
        connection.rollback()
        assert connection.scalar(sa.text("SELECT 3")) == 3


def test_a_forked_process_has_connections_of_its_own(engine: sa.Engine) -> None:
    ask = sa.text("SELECT pg_backend_pid()")
    with engine.connect() as connection:
        mine = connection.scalar(ask)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        with engine.connect() as connection:
            os.write(writing, str(connection.scalar(ask)).encode())
        os._exit(0)
    os.waitpid(child, 0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        theirs = int(pipe.read())
    with engine.connect() as connection:
        assert connection.scalar(ask) == mine != theirs


def test_duckdb_reads_what_is_fetched() -> None:
    with underpass.connect(NAME) as connection:
        table = (
            connection.cursor().execute("SELECT n, n * 1.5 AS x FROM generate_series(1, 4) n").fetch_arrow()
        )
    assert duckdb.from_arrow(table).aggregate("sum(x)").fetchall() == [(decimal.Decimal("15.0"),)]
    frame = underpass.sql("SELECT n FROM generate_series(1, 4) AS n", integration=NAME)
    assert not frame.empty
    total = duckdb.sql("SELECT sum(n) FROM frame")
    assert total is not None
    assert total.fetchall() == [(10,)]


def test_environ_has_the_variables_and_something_listens_there(
    system_workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    variables = underpass.environ()
    assert sorted(variables) == [
        "PROD_LOCAL_HOST",
        "PROD_LOCAL_PORT",
        "PROD_REMOTE_HOST",
        "PROD_REMOTE_PORT",
    ]
    assert "PROD_LOCAL_PORT" not in os.environ
    for name in variables:
        monkeypatch.setenv(name, "former")
    assert underpass.environ(apply=True) == variables
    assert os.environ["PROD_LOCAL_PORT"] == variables["PROD_LOCAL_PORT"]


def test_a_script_needs_no_ipython(system_workspace: Workspace) -> None:
    script = f"""
import sys
import underpass
assert not {{"pandas", "pyarrow", "IPython", "sqlalchemy"}} & set(sys.modules)
with underpass.connect({NAME!r}) as connection:
    print(connection.cursor().execute("SELECT 1").fetchone())
print(underpass.sql("SELECT {{{{ x }}}} AS x", integration={NAME!r}, x=2).x[0])
with underpass.engine({NAME!r}).connect() as connection:
    print(connection.exec_driver_sql("SELECT 3").scalar())
print(len(underpass.environ()))
assert "IPython" not in sys.modules
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        cwd=system_workspace.project,
        env=system_workspace.environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout.split("\n") == ["(1,)", "2", "3", "4", ""], done.stderr


def test_what_is_not_installed_is_said_with_the_command(
    monkeypatch: pytest.MonkeyPatch, system_workspace: Workspace
) -> None:
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    with pytest.raises(api.InterfaceError) as caught:
        underpass.engine(NAME)
    assert caught.value.failure["code"] == "driver-missing"
    assert f"{sys.executable} -m pip install 'sqlalchemy'" in caught.value.failure["fix"]
