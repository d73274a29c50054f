"""The tables that are served: one with a column of every type, one large, and what a call has received."""

# pyright: reportMissingImports=false
from __future__ import annotations

from typing import Any

import columns as added
from pysqlbridge.source import Table
from pysqlbridge.tds.result import (
    Binary,
    Bit,
    Column,
    DateTime,
    Float,
    Integer,
    NVarChar,
    QueryResult,
    UniqueIdentifier,
    VarBinary,
)

_DAY_2024 = 738_886  # 2024-01-02, days since 0001-01-01
_NOON = 12 * 36_000_000_000 + 34 * 600_000_000 + 56 * 10_000_000 + 1_234_567  # 12:34:56.1234567
_LAST_DAY, _LAST_MOMENT = 3_652_058, 863_999_999_999

#: Name, type, values of the two rows before the one of nulls.
_EVERY_TYPE: list[tuple[str, Any, Any, Any]] = [
    ("bit", Bit(), True, False),
    ("tinyint", Integer(1), 255, 0),
    ("smallint", Integer(2), -32768, 32767),
    ("int", Integer(4), -(2**31), 2**31 - 1),
    ("bigint", Integer(8), -(2**63), 2**63 - 1),
    ("real", Float(4), 0.5, -3.25),
    ("float", Float(8), 0.1, -1.7976931348623157e308),
    ("decimal_9_2", added.Decimal(9, 2), 1234567, -1),
    ("decimal_38_0", added.Decimal(38, 0), 10**38 - 1, -(10**38) + 1),
    ("decimal_38_38", added.Decimal(38, 38), 10**38 - 1, -1),
    ("money", added.Money(), 2**63 - 1, -(2**63)),
    ("smallmoney", added.Money(4), -(2**31), 10_000),
    ("date", added.Date(), 0, _LAST_DAY),
    ("time_7", added.Time(7), _NOON, _LAST_MOMENT),
    ("time_0", added.Time(0), 45_296, 0),
    ("datetime", DateTime(), "2024-01-02T12:34:56.123", "1753-01-01T00:00:00"),
    ("smalldatetime", added.SmallDateTime(), (45_291, 754), (65_535, 1439)),
    ("datetime2_7", added.DateTime2(7), (_DAY_2024, _NOON), (_DAY_2024, 1)),
    ("datetime2_3", added.DateTime2(3), (_DAY_2024, 45_296_123), (0, 0)),
    ("datetime2_far", added.DateTime2(7), (0, 0), (_LAST_DAY, _LAST_MOMENT)),
    ("datetimeoffset_7", added.DateTimeOffset(7), (_DAY_2024, _NOON, 330), (_DAY_2024, 1, -300)),
    ("uniqueidentifier", UniqueIdentifier(), "6F9619FF-8B86-D011-B42D-00C04FC964FF", "0" * 32),
    ("varchar", added.VarChar(20), "fünf €", ""),
    ("varchar_max", added.VarChar(), "v" * 20_000, ""),
    ("nvarchar", NVarChar(20), "Łukasz 🐘", ""),
    ("nvarchar_max", added.LongText(), "ñ" * 20_000, ""),
    ("binary_4", Binary(4), b"\1\2\3\4", b"\0\0\0\0"),
    ("varbinary", VarBinary(20), b"\0\xff", b""),
    ("varbinary_max", added.LongBinary(), b"\xfe" * 20_000, b""),
    ("rowversion", Binary(8), bytes(range(8)), b"\xff" * 8),
    ("xml", added.Xml(), "<a>ü</a>", ""),
    ("sql_variant", added.Variant(), 42, "text"),
    ("hierarchyid", added.HierarchyId(), b"\x58", b""),
]

EVERY_TYPE = Table(
    "every_type",
    [Column(name, kind) for name, kind, _, _ in _EVERY_TYPE],
    [
        [first for _, _, first, _ in _EVERY_TYPE],
        [second for _, _, _, second in _EVERY_TYPE],
        [None] * len(_EVERY_TYPE),
    ],
)
PEOPLE = Table(
    "people",
    [Column("id", Integer(4)), Column("name", NVarChar(40)), Column("score", Float())],
    [[1, "Ada", 99.5], [2, "Grace", 87.25], [3, "Łukasz", None]],
)
#: In place of a plan that is shown instead of rows.
PLAN = "SELECT 'a plan' AS StmtText"
NUMBERS = Table("numbers", [Column("n", Integer(8))], [[number] for number in range(10_000)])
TABLES = [EVERY_TYPE, PEOPLE, NUMBERS]


def received(declared: list[tuple[str, str]], values: dict[str, Any]) -> QueryResult:
    """What the server was told about the parameters of this call: a row for each, in order."""
    columns = [
        Column("name", NVarChar(128)),
        Column("type", NVarChar(128)),
        Column("value", added.LongText()),
    ]
    rows = [[name, kind, repr(values.get(name))] for name, kind in declared]
    return QueryResult(columns, rows)
