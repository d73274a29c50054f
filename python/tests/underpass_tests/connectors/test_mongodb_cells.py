"""Cells of MongoDB: what is understood, what is refused and where, and what a value may be."""

from __future__ import annotations

import datetime
import random
import uuid
from collections.abc import Callable
from typing import Any

import bson
import pytest
from bson import Binary, Decimal128, Int64, MaxKey, ObjectId, Timestamp, json_util
from bson.regex import Regex

from underpass.connectors.mongodb import MongoDB
from underpass.connectors.mongodb.cell import Command, read_commands, statements_of
from underpass.connectors.mongodb.operations import Operation, operation_of
from underpass.failure import UnderpassError

UTC = datetime.timezone.utc


def commands(text: str, **names: Any) -> list[Command]:
    return list(read_commands(text, lambda expression, _: eval(expression.code, dict(names))))


def argument(literal: str) -> Any:
    """The value of a literal, as the argument of a method."""
    (command,) = commands(f"db.c.find({literal})")
    return command.method.arguments[0]


def operation(text: str, *, write: bool = False) -> Operation:
    (command,) = commands(text)
    return operation_of(command, write=write)


def refusal(work: Callable[[], object]) -> tuple[str, int]:
    """Message, and at which character."""
    with pytest.raises(UnderpassError) as caught:
        work()
    return str(caught.value), caught.value.failure.get("detail", {}).get("position", 0)


LITERALS: dict[str, Any] = {
    "{}": {},
    "{a: 1, 'b': -2.5, \"c\": true, $d: null, 5: .5,}": {"a": 1, "b": -2.5, "c": True, "$d": None, "5": 0.5},
    "[1, [2, [],], {x: []}]": [1, [2, []], {"x": []}],
    "/* a */ {a: // b\n 1 /* } */}": {"a": 1},
    r"'it\'s \u00fc \u{1F600} \x41\n\/'": "it's ü \U0001f600 A\n/",
    r'"\ud83d\ude00"': "\U0001f600",
    "`two\nlines`": "two\nlines",
    "0x1F": 31,
    "1e3": 1000.0,
    "-Infinity": float("-inf"),
    "/a\\/[/]b/i": Regex("a/[/]b", "i"),
    r"/[\\/]\\\//": Regex(r"[\\/]\\/"),
    "ObjectId('65a1b2c3d4e5f6a7b8c9d0e1')": ObjectId("65a1b2c3d4e5f6a7b8c9d0e1"),
    'ISODate("2024-05-01")': datetime.datetime(2024, 5, 1, tzinfo=UTC),
    'new Date("2024-05-01T10:20:30.5+02:00")': bson.DatetimeMS(1714551630500),
    "new Date(86400000)": bson.DatetimeMS(86400000),
    'NumberLong("9007199254740993")': Int64(9007199254740993),
    "NumberInt(5)": 5,
    'NumberDecimal("1.10")': Decimal128("1.10"),
    "UUID('00000000-0000-0000-0000-000000000005')": Binary.from_uuid(uuid.UUID(int=5)),
    'BinData(0, "AAE=")': Binary(b"\0\1"),
    "Timestamp(5, 6)": Timestamp(5, 6),
    "Timestamp({t: 5, i: 6})": Timestamp(5, 6),
    "MaxKey": MaxKey(),
    "MaxKey()": MaxKey(),
    'RegExp("a", "i")': Regex("a", "i"),
    '{"$oid": "65a1b2c3d4e5f6a7b8c9d0e1"}': ObjectId("65a1b2c3d4e5f6a7b8c9d0e1"),
    '{$date: "2024-05-01T00:00:00Z"}': datetime.datetime(2024, 5, 1, tzinfo=UTC),
    '{$numberLong: "5"}': Int64(5),
    "{a: {$regex: 'x', $options: 'i', $ne: 'ax'}}": {"a": {"$regex": "x", "$options": "i", "$ne": "ax"}},
}


@pytest.mark.parametrize("literal", LITERALS)
def test_a_literal_is_read_as_mongosh_reads_it(literal: str) -> None:
    read = argument(literal)
    assert read == LITERALS[literal]
    assert type(read) is type(LITERALS[literal])


REFUSED = {
    "db.c.find({a: 24 * 60})": ("Compute it in Python", 18),
    "db.c.find({a: f()})": ("f is no value", 15),
    "db.c.find({a: function() {}})": ("function is no value", 15),
    "db.c.find({a: 'x)": ("no closing quote", 15),
    "db.c.find({a: 1": ("should be , or }", 16),
    "db.c.find({a b: 1})": ("behind the key", 14),
    "db.c.find({a: 1, a: 2})": ("stands twice", 18),
    "db.c.find({a.b: 1})": ("needs quotes", 13),
    "db.c.find({a: 99999999999999999999})": ("64 bits", 15),
    f"db.c.find({{a: {'9' * 5000}}})": ("64 bits", 15),
    "db.getSiblingDB('').c.find()": ("empty", 4),
    "db.c.find({a: 010})": ("octal", 15),
    "db.c.find({a: ISODate('2024-05-01T10:00:00+25:00')})": ("no zone", 15),
    "db.c.find({a: ObjectId('12')})": ("ObjectId", 15),
    "db.c.find({a: ISODate('soon')})": ("no date", 15),
    "db.c.find({a: Date()})": ("new Date", 15),
    "db.c.find({a: {$oid: 'x'}})": ("extended JSON", 15),
    "db.c.find() db.c.find()": ("; or a new line", 13),
    "SELECT 1": ("begins with db", 1),
    "db.c.find({}) /* open": ("not closed", 15),
    "db.c.find({ {{ k }}: 1})": ("stands for a key", 13),
    "db[{{ name }}].find()": ("stands for a name", 4),
    "db.c.find({a: '{{ x }}'})": ("stands in quotes", 16),
    "db.c.find({a: /{{ x }}/})": ("stands in quotes", 16),
    "db.c.find({a: {{ 1 + }}})": ("not a Python expression", 15),
    "db.c.find({a: `${x}`})": ("JavaScript", 15),
    f"db.c.find({'[' * 200})": ("nested", 111),
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_not_understood_is_refused_where_it_stands(text: str) -> None:
    words, place = REFUSED[text]
    message, position = refusal(lambda: commands(text, x=1, k="a", name="c"))
    assert words in message
    assert position == place


def test_statements_end_with_a_semicolon_or_their_line() -> None:
    cell = "// first\ndb.a.find({x: 1})\n  .limit(5) // five\n\ndb.b.c.count;\n"
    with pytest.raises(UnderpassError):
        statements_of(cell, eval)
    cell = "// first\ndb.a.find({x: 1})\n  .limit(5) // five\ndb.b.c.findOne(); db['d e'].find();;\n"
    found = statements_of(cell, eval)
    assert [statement.sql for statement in found] == [
        "db.a.find({x: 1})\n  .limit(5)",
        "db.b.c.findOne()",
        "db['d e'].find()",
    ]
    assert [cell[each.start :].startswith(each.sql) for each in found] == [True] * 3
    names = [(each.collection, [call.name for call in each.modifiers]) for each in commands(cell)]
    assert names == [("a", ["limit"]), ("b.c", []), ("d e", [])]


def test_an_error_says_line_and_column_of_the_cell() -> None:
    with pytest.raises(UnderpassError) as caught:
        MongoDB.statements("db.a.find();\n\ndb.b.find({x: y})", eval)
    detail = caught.value.failure.get("detail", {})
    assert (detail["line"], detail["column"]) == (4, 15)
    assert "db.b.find({x: y})" in detail["excerpt"]


def test_expressions_in_comments_are_not_evaluated() -> None:
    (statement,) = MongoDB.statements(
        "// {{ boom }}\ndb.a.find({x: {{ y }} /* {{ boom }} */})", {"y": 5}.__getitem__
    )
    assert statement.params == (5,)


def test_a_value_is_data_and_never_becomes_part_of_the_text() -> None:
    hostile = '"}), db.users.drop(), ({"'
    (statement,) = MongoDB.statements("db.a.find({x: {{ y }}})", lambda _: hostile)
    assert statement.sql == "db.a.find({x: {{ y }}})"
    assert commands(statement.sql, y=hostile)[0].method.arguments == [{"x": hostile}]


OPERATOR = {"$ne": None}
PLACES = {
    "db.c.find({{ v }})": (OPERATOR, True),
    "db.c.find({a: {{ v }}})": (OPERATOR, False),
    "db.c.find({a: {$in: [{{ v }}]}})": (OPERATOR, False),
    "db.c.find({a: {$in: {{ v }}}})": ([OPERATOR], False),
    "db.c.find({a: {{ v }}})  ": ({"b": [{"c": OPERATOR}]}, False),
    "db.c.find({a: {{ v }}}) ": ({"b": [1]}, True),
    "db.c.insertMany([{{ v }}])": (OPERATOR, False),
    "db.c.updateOne({}, {{ v }})": ({"$set": {"a": 1}}, True),
    "db.c.updateOne({}, {$set: {a: {{ v }}}})": (OPERATOR, False),
    "db.c.aggregate({{ v }})": ([{"$match": OPERATOR}], True),
    "db.c.aggregate([{{ v }}])": ({"$match": OPERATOR}, True),
    "db.c.aggregate([{$match: {{ v }}}])": (OPERATOR, True),
    "db.c.aggregate([{$match: {a: {{ v }}}}])": (OPERATOR, False),
    "db.c.aggregate([{$match: {a: {{ v }}}}]) ": ("$secret", True),
    "db.c.aggregate([{$project: {a: {{ v }}}}])": ("$secret", False),
    "db.c.aggregate([{$project: {a: {$literal: {{ v }}}}}])": ("$secret", True),
    "db.c.aggregate([{$match: {$expr: {$eq: ['$a', {{ v }}]}}}])": ("$secret", False),
    "db.c.find({$expr: {$eq: ['$a', {{ v }}]}})": ("$secret", False),
    "db.c.find({a: {{ v }}})   ": ("$text", True),
    "db.c.find({}, {a: {{ v }}})": ("$secret", False),
    "db.c.find({$where: {{ v }}})": ("sleep(1)", False),
    "db.c.find().sort({{ v }})": ({"a": 1}, True),
    "db.c.find().let({a: {{ v }}})": ("$secret", False),
    "db.c.aggregate([]).let({a: {{ v }}})": ("$secret", False),
    "db.c.find({}, null, {projection: {a: {{ v }}}})": ("$secret", False),
    "db.c.aggregate([{$project: {a: {$function: {{ v }}}}}])": ({"body": "x", "args": []}, False),
    "db.c.aggregate([{$project: {a: {$function: {body: {$code: {{ v }}}, args: []}}}}])": ("x", False),
    "db.c.aggregate([{$project: {a: {$function: {body: 'x', args: [{{ v }}]}}}}])": ("x", True),
    "db.c.aggregate([{$group: {_id: 1, a: {$accumulator: {init: {{ v }}}}}}])": ("x", False),
    "db.c.aggregate([{$group: {_id: 1, a: {$accumulator: {initArgs: [{{ v }}]}}}}])": ("x", True),
}


@pytest.mark.parametrize("text", PLACES)
def test_operators_come_from_the_cell_unless_the_value_is_a_whole_argument(text: str) -> None:
    value, allowed = PLACES[text]
    if allowed:
        statements_of(text, lambda _: value)
    else:
        with pytest.raises(UnderpassError, match=r"operator|begins with \$|JavaScript"):
            statements_of(text, lambda _: value)


ENDLESS: dict[str, Any] = {}
ENDLESS["a"] = [ENDLESS]


@pytest.mark.parametrize("value", [datetime.time(5), 2**64, object(), {1: 2}, float, ENDLESS])
def test_a_value_that_bson_does_not_have_is_refused(value: Any) -> None:
    with pytest.raises(UnderpassError) as caught:
        statements_of("db.a.find({x: {{ value }}})", lambda _: value)
    assert caught.value.failure.get("detail", {})["column"] == 15


def test_options_and_modifiers_become_the_drivers() -> None:
    found = operation(
        "db.c.find({a: 1}, {b: 1}).sort({b: -1}).limit(5).skip(2).maxTimeMS(9).comment('x').toArray()"
    )
    assert found.arguments == [{"a": 1}]
    assert found.options == {
        "projection": {"b": 1},
        "sort": [("b", -1)],
        "limit": 5,
        "skip": 2,
        "max_time_ms": 9,
        "comment": "x",
    }
    assert operation("db.c.find({}, null, {projection: {a: 1}})").options == {"projection": {"a": 1}}
    found = operation("db.c.updateOne({}, {$set: {a: 1}}, {upsert: true, arrayFilters: []})", write=True)
    assert found.options == {"upsert": True, "array_filters": []}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("db.c.drop()", "drop can not be used"),
        ("db.find()", "needs a collection"),
        ("db.c.find().explode()", "no modifier explode"),
        ("db.c.find().limit()", "takes 1 argument"),
        ("db.c.updateOne({})", "takes 2 to 3"),
        ("db.c.aggregate({})", "list of stages"),
        ("db.c.find([])", "takes an object"),
        ("db.c.find({}, 'name')", "projection is an object"),
        ("db.c.countDocuments({}, {upsert: true})", "no option upsert"),
        ("db.c.find().forEach({})", "no modifier forEach"),
    ],
)
def test_what_a_cell_can_not_do_is_told(text: str, words: str) -> None:
    assert words in refusal(lambda: operation(text))[0]


def test_out_and_merge_are_found_at_any_depth() -> None:
    for stage in ("{$out: 'x'}", "{$merge: 'x'}", "{$facet: {a: [{$out: 'x'}]}}"):
        assert operation(f"db.c.aggregate([{stage}])", write=True).writes
        with pytest.raises(UnderpassError, match="--write"):
            operation(f"db.c.aggregate([{stage}])")
    assert not operation("db.c.aggregate([{$match: {a: '$out'}}])").writes


def test_any_text_is_read_or_refused_with_its_place() -> None:
    chance = random.Random(5)
    pieces = [
        *"{}[]():;,.'\"`/\\$\n ",
        "db",
        ".c.find(",
        "{{",
        "}}",
        "{{ 1 }}",
        "//",
        "/*",
        "*/",
        "a",
        "-1.5e",
        "ObjectId(",
    ]
    pieces += ["{a: 1}", "new ", "/x/", "\\u12", "é", "\U0001f600", "ISODate('2024-01-01')", "true", "NaN"]
    for _ in range(20_000):
        text = "".join(chance.choices(pieces, k=chance.randrange(1, 25)))
        refused = _place_of_refusal(f"db.c.find({text}")
        assert refused is None or 1 <= refused <= len(text) + len("db.c.find(") + 1, text


def _place_of_refusal(text: str) -> int | None:
    try:
        list(read_commands(text, lambda *_: 1))
    except UnderpassError as error:
        return error.failure.get("detail", {})["position"]
    return None


def test_what_was_written_is_read_again() -> None:
    chance = random.Random(7)

    def value(depth: int) -> Any:
        kinds: list[Callable[[], Any]] = [
            lambda: chance.randrange(-(2**63), 2**63),
            lambda: chance.uniform(-1e9, 1e9),
            lambda: chance.choice([True, False, None]),
            lambda: "".join(chance.choices("ab'\"\\/\n\té\U0001f600{}$", k=8)).replace("{{", "{"),
        ]
        if depth:
            kinds.append(lambda: [value(depth - 1) for _ in range(chance.randrange(4))])
            kinds.append(lambda: {f"k{n}": value(depth - 1) for n in range(chance.randrange(4))})
        return chance.choice(kinds)()

    for _ in range(500):
        made = {"a": value(4)}
        text = json_util.dumps(made, json_options=json_util.RELAXED_JSON_OPTIONS)
        if "{{" not in text:
            assert argument(text) == made
