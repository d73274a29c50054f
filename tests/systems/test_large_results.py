"""A result that would not fit into the kernel's memory, on every system: refused while it is fetched."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from tests.person import Person, fields_of
from tests.servers import PrivateNetwork
from tests.servers.databases.bigquery import BigQuery
from tests.servers.databases.mindsdb import SOURCE
from tests.servers.databases.snowflake import Snowflake
from underpass.arguments import Arguments
from underpass.failure import Failure, UnderpassError

_COUNTED = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT n, 'large' AS t FROM c"
_MANY = ", ".join(f"information_schema.collations AS c{number}" for number in range(4))

#: By system: hundreds of megabytes, or without an end.
LARGE = {
    # Its imitation is SQLite.
    "bigquery": "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 60000) "
    "SELECT n, hex(zeroblob(500)) AS t FROM c",
    "clickhouse": "SELECT number, repeat('x', 200) AS t FROM system.numbers",
    "dremio": _COUNTED,
    "mariadb": f"SELECT REPEAT('x', 500) AS t FROM {_MANY}",
    "mindsdb": f"SELECT * FROM {SOURCE} (SELECT repeat('x', 1000) AS t FROM generate_series(1, 60000) AS n)",
    "mongodb": "db.aggregate([{$documents: [{}]}, {$set: {n: {$range: [0, 300000]}}}, {$unwind: '$n'}, "
    f"{{$set: {{t: '{'x' * 500}'}}}}])",
    "mysql": f"SELECT REPEAT('x', 500) AS t FROM {_MANY}",
    "postgresql": "SELECT generate_series(1, 1000000000000) AS n, repeat('x', 200) AS t",
    "redshift": "SELECT generate_series(1, 1000000000000) AS n, 'large' AS t",
    "snowflake": "SELECT SEQ4() AS n, REPEAT('x', 1000) AS t FROM TABLE(GENERATOR(ROWCOUNT => 200000))",
    "sqlserver": "SELECT REPLICATE('x', 4000) AS t FROM numbers AS a",
    "trino": "SELECT comment, comment AS again, clerk FROM tpch.sf1.orders",
}


@pytest.fixture(params=sorted(LARGE))
def system(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def name(
    network: PrivateNetwork, person: Person, system: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """An integration of the system, through the bastion."""
    database = network.database(system)
    if isinstance(database, BigQuery | Snowflake):
        # No tunnel leads there.
        if isinstance(database, BigQuery):
            # What the client looks for: it takes no certificate from us.
            monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(database.site.authority.certificate))
        login = database.login(database.ports[None])
        fields, secrets = login.fields, login.secrets
    else:
        situation = "demanded" if "offered" in database.impossible else "offered"
        fields, secrets = fields_of(database, network, situation, mode="strict")
    name = f"{system} {uuid.uuid4().hex[:8]}"
    person.add(system, name, fields, secrets)
    yield name
    person.remove(name)


def refusal(person: Person, name: str, system: str, **options: str) -> Failure:
    with pytest.raises(UnderpassError) as refused:
        person.cell(name, LARGE[system], Arguments(name, max_memory="30MB", **options))  # type: ignore[arg-type]
    return refused.value.failure


def test_a_large_result_is_refused_and_the_connection_goes_on(person: Person, name: str, system: str) -> None:
    one = "db.aggregate([{$documents: [{one: 1}]}])" if system == "mongodb" else "SELECT 1 AS one"
    assert person.cell(name, one).frame is not None
    before = person.pooled(name)
    failure = refusal(person, name, system)
    assert failure["code"] == "result-too-large", failure
    detail = failure.get("detail", {})
    assert detail["neededBytes"] > detail["limitBytes"]
    if detail["rows"]:
        # Stopped in time: not when all of it was here.
        assert detail["neededBytes"] < 8 * detail["limitBytes"]
    else:
        # These imitations give all rows at once.
        assert system in ("bigquery", "snowflake")
        assert "has not given the first row" in failure["message"]
    assert person.cell(name, one).frame is not None
    assert person.pooled(name) is before
    assert refusal(person, name, system, frame="arrow")["code"] == "result-too-large"
