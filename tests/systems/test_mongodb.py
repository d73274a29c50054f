"""MongoDB behind the bastion: documents as rows, values of every type, and what may be written."""

from __future__ import annotations

import datetime
import re
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from bson import Binary, Decimal128, Int64, MinKey, ObjectId, Timestamp
from bson.regex import Regex

from tests.kernel import Kernel
from tests.servers.databases.mongodb import DATABASE, READER, USER, MongoDB
from tests.systems.conftest import Connect
from underpass.connectors.base import Affected, Connector, Rows
from underpass.failure import UnderpassError
from underpass.frames import to_frame

SYSTEM = "mongodb"
UTC = datetime.timezone.utc
NOON = datetime.datetime(2024, 5, 6, 12, 0, 0, 123000, UTC)
OID = ObjectId("65a1b2c3d4e5f6a7b8c9d0e1")


@pytest.fixture
def shop(database: MongoDB) -> Iterator[Any]:
    """The database past the network; what a test put into ``things`` is removed."""
    shop = database.client[DATABASE]
    yield shop
    shop.things.drop()


def run(
    connector: Connector, cell: str, *, write: bool = False, limit: int | None = None, **names: Any
) -> Any:
    """Rows, or how many were affected, of the last statement of a cell."""
    answer: Any = None
    for statement in connector.statements(cell, lambda source: eval(source, dict(names))):
        answer = connector.run(statement.sql, statement.params, limit=limit, write=write)
    return answer.take().to_pylist() if isinstance(answer, Rows) else answer


def refused(connector: Connector, cell: str, **names: Any) -> dict[str, Any]:
    with pytest.raises(UnderpassError) as caught:
        run(connector, cell, **names)
    failure = caught.value.failure
    # What is refused without a reason in detail has none.
    return {**failure, "detail": failure.get("detail", {})}


#: What is stored; Arrow's type; what comes out.
TYPES: dict[str, tuple[Any, str, Any]] = {
    "int": (7, "int64", 7),
    "long": (Int64(2**60), "int64", 2**60),
    "double": (0.1, "double", 0.1),
    "string": ("it's «ü» \U0001f600", "string", "it's «ü» \U0001f600"),
    "boolean": (True, "bool", True),
    "date": (NOON, "timestamp[ms, tz=UTC]", NOON),
    "null": (None, "null", None),
    "objectId": (OID, "string", str(OID)),
    "decimal": (Decimal128("1234.50"), "decimal128(38, 2)", Decimal("1234.50")),
    "long decimal": (
        Decimal128("1234567890123456789012345678.901234"),
        "decimal128(38, 6)",
        Decimal("1234567890123456789012345678.901234"),
    ),
    "no decimal": (Decimal128("NaN"), "string", "NaN"),
    "binary": (b"\x00\xff", "binary", b"\x00\xff"),
    "uuid": (Binary.from_uuid(uuid.UUID(int=5)), "string", str(uuid.UUID(int=5))),
    "document": (
        {"a": 1, "b": {"c": "x"}},
        "struct<a: int64, b: struct<c: string>>",
        {"a": 1, "b": {"c": "x"}},
    ),
    "array": ([1, 2], "list<item: int64>", [1, 2]),
    "array of documents": ([{"a": 1}, {"a": 2}], "list<item: struct<a: int64>>", [{"a": 1}, {"a": 2}]),
    "mixed array": ([1, "x"], "list<item: string>", ["1", '"x"']),
    "regular expression": (
        Regex("a", "i"),
        "string",
        '{"$regularExpression": {"pattern": "a", "options": "i"}}',
    ),
    "timestamp": (Timestamp(5, 6), "string", '{"$timestamp": {"t": 5, "i": 6}}'),
    "minKey": (MinKey(), "string", '{"$minKey": 1}'),
}


@pytest.mark.parametrize("name", TYPES)
def test_a_value_of_each_type_arrives_as_it_is(name: str, connector: Connector, shop: Any) -> None:
    stored, kind, expected = TYPES[name]
    shop.things.insert_many([{"_id": 1, "value": stored}, {"_id": 2, "value": None}, {"_id": 3}])
    answer = connector.run("db.things.find().sort({_id: 1})", ())
    assert isinstance(answer, Rows)
    table = answer.take()
    assert str(table.schema.field("value").type) == kind
    assert table["value"].to_pylist() == [expected, None, None]


def test_values_of_several_types_in_one_column_lose_nothing(connector: Connector, shop: Any) -> None:
    shop.things.insert_many(
        [{"_id": n, "v": v, "n": m} for n, v, m in ((1, 1, 1), (2, "1", 2.5), (3, OID, Int64(3)))]
    )
    answer = connector.run("db.things.find().sort({_id: 1})", ())
    assert isinstance(answer, Rows)
    assert list(answer.remarks) == ['"v" has values of several types; it is given as extended JSON.']
    table = answer.take().to_pydict()
    assert table["v"] == ["1", '"1"', f'{{"$oid": "{OID}"}}']
    assert table["n"] == [1.0, 2.5, 3.0]


def test_rows_are_a_data_frame_with_nullable_integers(connector: Connector, shop: Any) -> None:
    shop.things.insert_many([{"_id": 1, "n": 5, "t": NOON}, {"_id": 2}])
    answer = connector.run("db.things.find().sort({_id: 1})", ())
    assert isinstance(answer, Rows)
    frame = to_frame(answer)
    assert isinstance(frame, pd.DataFrame)
    assert [str(dtype) for dtype in frame.dtypes] == ["int64", "Int64", "datetime64[ms, UTC]"]


GIVEN: dict[str, Any] = {
    "none": None,
    "int": -5,
    "long": 2**62,
    "float": 0.5,
    "decimal": Decimal("12345678901234567890.12"),
    "text": 'O\'Brien said "ü" \\ $x {{y}} \U0001f600',
    "bytes": b"\x00'\"\xff",
    "date": datetime.date(2024, 2, 29),
    "datetime": datetime.datetime(2024, 5, 6, 14, 0, tzinfo=datetime.timezone(datetime.timedelta(hours=2))),
    "bool": False,
    "uuid": uuid.UUID(int=9),
    "object id": OID,
    "document": {"a": [1, {"b": None}]},
    "list": [1, 2, 3],
}
STORED = {
    "date": datetime.datetime(2024, 2, 29, tzinfo=UTC),
    "decimal": Decimal128("12345678901234567890.12"),
    "uuid": Binary.from_uuid(uuid.UUID(int=9)),
}


@pytest.mark.parametrize("name", GIVEN)
def test_a_given_value_is_sent_as_it_is(name: str, connector: Connector, shop: Any) -> None:
    run(connector, "db.things.insertOne({_id: 1, v: {{ x }}})", write=True, x=GIVEN[name])
    found = shop.things.with_options(shop.codec_options.with_options(tz_aware=True)).find_one()
    assert found["v"] == STORED.get(name, GIVEN[name])
    if name != "document":
        assert len(run(connector, "db.things.find({v: {{ x }}})", x=GIVEN[name])) == 1


@pytest.mark.parametrize(("names", "found", "others"), [([1, 3], 2, 1), ([], 0, 3), (pd.Series([2]), 1, 2)])
def test_a_list_is_given_to_in_and_nin(
    names: Any, found: int, others: int, connector: Connector, shop: Any
) -> None:
    shop.things.insert_many([{"_id": n} for n in (1, 2, 3)])
    assert len(run(connector, "db.things.find({_id: {$in: {{ names }}}})", names=names)) == found
    assert len(run(connector, "db.things.find({_id: {$nin: {{ names }}}})", names=names)) == others


def test_an_operator_in_a_value_is_refused_before_anything_is_sent(connector: Connector) -> None:
    failure = refused(connector, "db.users.find({\n  password: {{ typed }}})", typed={"$ne": None})
    assert (failure["code"], failure["stage"]) == ("invalid-request", "request")
    assert (failure["detail"]["line"], failure["detail"]["column"]) == (3, 13)
    assert "operator" in failure["message"]


def test_methods_of_mongosh_give_what_they_say(connector: Connector, shop: Any) -> None:
    shop.things.insert_many([{"_id": n, "kind": "ab"[n % 2], "n": n} for n in range(10)])
    assert run(connector, "db.things.countDocuments({kind: 'a'})") == [{"count": 5}]
    assert run(connector, "db.things.estimatedDocumentCount()") == [{"count": 10}]
    distinct = run(connector, "db.things.distinct('kind', {n: {$gt: 0}})")
    assert sorted(row["kind"] for row in distinct) == ["a", "b"]
    assert run(connector, "db.things.findOne({n: 3}, {n: 1, _id: 0})") == [{"n": 3}]
    cell = "db.getCollection('things').find({}, {_id: 1}).sort({n: -1}).skip(1).limit(2)"
    assert run(connector, cell) == [{"_id": 8}, {"_id": 7}]
    grouped = "db['things'].aggregate([{$group: {_id: '$kind', n: {$sum: '$n'}}}, {$sort: {_id: 1}}])"
    assert run(connector, grouped) == [{"_id": "a", "n": 20}, {"_id": "b", "n": 25}]
    assert run(connector, "db.aggregate([{$documents: [{a: 1}]}])") == [{"a": 1}]
    assert run(connector, f"db.getSiblingDB('{DATABASE}').things.find({{_id: 4}}, {{n: 1}})") == [
        {"_id": 4, "n": 4}
    ]


def test_a_limit_is_asked_for_on_the_server(connector: Connector, shop: Any) -> None:
    shop.things.insert_many([{"_id": n} for n in range(500)])
    for limit in (0, 1, 250):
        assert len(run(connector, "db.things.find()", limit=limit)) == limit
        assert len(run(connector, "db.things.aggregate([{$match: {}}])", limit=limit)) == limit
    assert len(run(connector, "db.things.find().limit(3)", limit=10)) == 3
    assert len(run(connector, "db.things.distinct('_id')", limit=10)) == 10


def test_many_batches_are_one_result(connector: Connector, shop: Any) -> None:
    shop.things.insert_many([{"_id": n, "text": "x" * 100} for n in range(5000)])
    rows = run(connector, "db.things.find().batchSize(700)")
    assert sorted(row["_id"] for row in rows) == list(range(5000))


WRITES = {
    "db.things.insertOne({_id: 10})": 1,
    "db.things.insertMany([{_id: 11}, {_id: 12}])": 2,
    "db.things.updateOne({_id: 1}, {$set: {a: 1}})": 1,
    "db.things.updateMany({}, {$set: {b: 1}})": 2,
    "db.things.updateOne({_id: 99}, {$set: {a: 1}}, {upsert: true})": 1,
    "db.things.replaceOne({_id: 1}, {c: 1})": 1,
    "db.things.deleteOne({_id: 1})": 1,
    "db.things.deleteMany({})": 2,
    "db.things.aggregate([{$match: {}}, {$out: 'copies'}])": None,
    "db.things.aggregate([{$merge: {into: 'copies'}}])": None,
}


@pytest.mark.parametrize("cell", WRITES)
def test_writing_needs_write(cell: str, connector: Connector, shop: Any) -> None:
    shop.things.insert_many([{"_id": 1}, {"_id": 2}])
    failure = refused(connector, f"db.things.find({{}});\n{cell}")
    assert failure["code"] == "invalid-request"
    assert "--write" in failure["fix"]
    assert (shop.things.count_documents({}), "copies" in shop.list_collection_names()) == (2, False)
    assert run(connector, cell, write=True) == Affected(WRITES[cell])
    shop.copies.drop()


def test_a_pipeline_that_is_given_as_a_value_may_not_write_either(connector: Connector) -> None:
    failure = refused(connector, "db.things.aggregate({{ p }})", p=[{"$out": "copies"}])
    assert "--write" in failure["fix"]


def test_a_refusal_of_the_server_names_its_code_and_the_place_of_the_operator(connector: Connector) -> None:
    statement = "db.things.find({\n  a: {$nearly: 1}})"
    failure = refused(connector, statement)
    assert failure["code"] == "query-failed"
    assert "$nearly" in failure["message"]
    assert statement[failure["detail"]["position"] - 1 :].startswith("$nearly")


def test_a_user_who_may_only_read_is_told_so_by_the_server(connect: Connect, database: MongoDB) -> None:
    connector = connect(user=READER, secrets={"password": database.password})
    assert run(connector, "db.one.find()") == [{"_id": 1}]
    with pytest.raises(UnderpassError, match="not authorized"):
        run(connector, "db.one.insertOne({})", write=True)


@pytest.mark.parametrize("fields", [{"user": "nobody_at_all"}, {"authSource": DATABASE}])
def test_a_wrong_login_is_refused_without_the_password(
    fields: dict[str, str], connect: Connect, database: MongoDB
) -> None:
    with pytest.raises(UnderpassError) as caught:
        connect(**fields)
    assert (caught.value.failure["code"], caught.value.failure["stage"]) == ("login-refused", "login")
    assert database.password not in repr(caught.value.failure)


def test_distinct_values_of_any_type_arrive(connector: Connector, shop: Any) -> None:
    identity = uuid.UUID(int=5)
    shop.things.insert_one({"_id": 1, "v": Binary.from_uuid(identity)})
    assert run(connector, "db.things.distinct('v')") == [{"v": str(identity)}]
    assert run(connector, "db.things.distinct('nothing')", limit=10) == []


def test_a_key_that_bson_does_not_have_is_a_failure_of_the_statement(connector: Connector) -> None:
    assert refused(connector, "db.one.find({'a\\0': 1})")["code"] == "query-failed"


def test_stop_ends_the_operation_on_the_server(connector: Connector, database: MongoDB) -> None:
    failures = []

    def work() -> None:
        try:
            connector.run(database.slow("stopped"), ())
        except UnderpassError as error:
            failures.append(error.failure["code"])

    thread = threading.Thread(target=work)
    thread.start()
    _wait(lambda: database.running("stopped"))
    before = time.monotonic()
    connector.cancel()
    _wait(lambda: not database.running("stopped"))
    assert time.monotonic() - before < 1
    thread.join(5)
    assert failures == ["cancelled"]
    assert run(connector, "db.one.find()") == [{"_id": 1}]
    assert connector.ping()
    assert not connector.in_transaction


def _wait(until: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not until():
        assert time.monotonic() < deadline


def test_the_catalog_is_listed_in_pages(connector: Connector, shop: Any) -> None:
    names = ["page a", "page b", "page c"]
    for name in names:
        shop[name].insert_one({"_id": 1, "n": 1.5, "t": [1]})
    try:
        assert DATABASE in connector.schemas()
        assert connector.searched() == [DATABASE]
        page = connector.tables(DATABASE, after="page", count=2)
        assert [(each.name, each.kind) for each in page] == [(name, "collection") for name in names[:2]]
        assert connector.tables(DATABASE, after="page b")[0].name == "page c"
        columns = [(each.name, each.type) for each in connector.columns(DATABASE, "page a")]
        assert columns == [("_id", "int64"), ("n", "double"), ("t", "list<item: int64>")]
    finally:
        for name in names:
            shop[name].drop()


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"tlsInsecure": "true"}, "options"),
        ({"retryWrites": "true"}, "options"),
        ({"colour": "red"}, "options"),
    ],
)
def test_options_that_would_undo_a_promise_or_are_none_are_refused(
    options: dict[str, str], field: str, connect: Connect
) -> None:
    with pytest.raises(UnderpassError) as caught:
        connect(options=options)
    assert caught.value.failure["code"] == "invalid-field"
    assert str(caught.value.failure.get("detail", {})["field"]).startswith(field)


def test_options_of_the_driver_are_used(connect: Connect, database: MongoDB) -> None:
    connector = connect(options={"appName": "a report", "compressors": "zlib"})
    assert run(connector, "db.one.find()") == [{"_id": 1}]


def test_a_client_certificate_is_a_login(connect: Connect, database: MongoDB) -> None:
    own = database.site.authority.client(USER)
    fields = {"port": database.certificate_port, "authMechanism": "MONGODB-X509", "user": ""}
    certificate = {"clientCertificate": own.certificate.read_text()}
    connector = connect(**fields, **certificate, secrets={"clientKey": own.key.read_text()})
    assert run(connector, "db.one.find()") == [{"_id": 1}]
    with pytest.raises(UnderpassError) as caught:
        connect(**fields)
    assert caught.value.failure["code"] == "login-refused"


def test_a_cell_in_a_notebook(kernel: Kernel) -> None:
    outcome = kernel.run("limit = 1\n")
    outcome = kernel.run('%%sql "My DB" -o df\n// the only one\ndb.one.find({_id: {{ limit }}})')
    assert outcome.error is None, outcome.text
    assert re.search(r"1 row .* 1 column", outcome.text)
    outcome = kernel.run('%%sql "My DB"\ndb.one.find({_id: 1}\n)\ndb.one.find({_id: oops})')
    assert "4 | db.one.find({_id: oops})" in outcome.text
    outcome = kernel.run('%%sql "My DB"\ndb.one.insertOne({_id: 2})')
    assert "--write" in outcome.text
    outcome = kernel.run('%%sql "My DB" --write\ndb.one.insertOne({_id: 2}); db.one.deleteOne({_id: 2})')
    assert "1 row affected" in outcome.text


FORBIDDEN = {
    "an insert": "db.things.insertOne({_id: 2})",
    "an insert of many": "db.things.insertMany([{_id: 2}])",
    "an update": "db.things.updateMany({}, {$set: {a: 2}})",
    "a replacement": "db.things.replaceOne({_id: 1}, {a: 2})",
    "a deletion": "db.things.deleteMany({})",
    "an aggregation into another collection": 'db.things.aggregate([{$out: "others"}])',
    "an aggregation that merges": 'db.things.aggregate([{$facet: {a: [{$merge: {into: "others"}}]}}])',
}


@pytest.mark.parametrize("write", [False, True])
@pytest.mark.parametrize("name", FORBIDDEN)
def test_a_read_only_integration_writes_nothing_and_says_how_to(
    connect: Connect, shop: Any, name: str, write: bool
) -> None:
    shop.things.insert_one({"_id": 1, "a": 1})
    reader = connect(read_only=True)
    with pytest.raises(UnderpassError) as error:
        run(reader, FORBIDDEN[name], write=write)
    failure = error.value.failure
    assert failure["code"] == "read-only"
    assert 'Switch off "Read-only"' in failure["fix"]
    assert list(shop.things.find()) == [{"_id": 1, "a": 1}]
    assert "others" not in shop.list_collection_names()
    assert run(reader, "db.things.find()") == [{"_id": 1, "a": 1}]
