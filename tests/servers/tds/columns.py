"""Types of columns that pysqlbridge does not have, as [MS-TDS] 2.2.5.4 and 2.2.5.5 write them.

Values are given as what they are on the wire: exact integers (units of the last digit, of 10**-scale seconds,
days since 0001-01-01), bytes and text, so that nothing is rounded on the way here.
"""

# pyright: reportMissingImports=false, reportUntypedBaseClass=false
from __future__ import annotations

import struct
from dataclasses import dataclass

from pysqlbridge.tds.result import DEFAULT_COLLATION, ColumnType

_MAX = b"\xff\xff"
_PLP_NULL = b"\xff" * 8


def _chunked(value: bytes | None) -> bytes:
    """The form of values without a limit: total length, one chunk, the end."""
    if value is None:
        return _PLP_NULL
    chunk = struct.pack("<I", len(value)) + value if value else b""
    return struct.pack("<Q", len(value)) + chunk + struct.pack("<I", 0)


def _short(value: bytes | None) -> bytes:
    return b"\0" if value is None else bytes([len(value)]) + value


@dataclass(frozen=True)
class Decimal(ColumnType):
    """``decimal(precision, scale)``; values in units of the last digit."""

    precision: int
    scale: int

    @property
    def _width(self) -> int:
        return next(
            width for width, digits in ((4, 9), (8, 19), (12, 28), (16, 38)) if self.precision <= digits
        )

    def type_info(self) -> bytes:
        return bytes([0x6A, self._width + 1, self.precision, self.scale])

    def encode(self, value: int | None) -> bytes:
        if value is None:
            return b"\0"
        return _short(bytes([value >= 0]) + abs(value).to_bytes(self._width, "little"))


@dataclass(frozen=True)
class Money(ColumnType):
    """``money`` (8 bytes) or ``smallmoney`` (4); values in ten-thousandths."""

    width: int = 8

    def type_info(self) -> bytes:
        return bytes([0x6E, self.width])

    def encode(self, value: int | None) -> bytes:
        if value is None:
            return b"\0"
        if self.width == 4:
            return _short(struct.pack("<i", value))
        return _short(struct.pack("<iI", value >> 32, value & 0xFFFFFFFF))


@dataclass(frozen=True)
class SmallDateTime(ColumnType):
    """``smalldatetime``; values are (days since 1900-01-01, minutes)."""

    def type_info(self) -> bytes:
        return bytes([0x6F, 4])

    def encode(self, value: tuple[int, int] | None) -> bytes:
        return _short(None if value is None else struct.pack("<HH", *value))


@dataclass(frozen=True)
class Date(ColumnType):
    """``date``; days since 0001-01-01."""

    def type_info(self) -> bytes:
        return bytes([0x28])

    def encode(self, value: int | None) -> bytes:
        return _short(None if value is None else value.to_bytes(3, "little"))


@dataclass(frozen=True)
class Time(ColumnType):
    """``time(scale)``; units of 10**-scale seconds since midnight."""

    scale: int = 7

    @property
    def width(self) -> int:
        return 3 if self.scale <= 2 else 4 if self.scale <= 4 else 5

    def type_info(self) -> bytes:
        return bytes([0x29, self.scale])

    def encode(self, value: int | None) -> bytes:
        return _short(None if value is None else value.to_bytes(self.width, "little"))


@dataclass(frozen=True)
class DateTime2(Time):
    """``datetime2(scale)``; values are (days, units)."""

    def type_info(self) -> bytes:
        return bytes([0x2A, self.scale])

    def encode(self, value: tuple[int, int] | None) -> bytes:  # pyright: ignore[reportIncompatibleMethodOverride]
        if value is None:
            return b"\0"
        days, units = value
        return _short(units.to_bytes(self.width, "little") + days.to_bytes(3, "little"))


@dataclass(frozen=True)
class DateTimeOffset(Time):
    """``datetimeoffset(scale)``; values are (days, units, minutes): the instant in UTC, then the zone."""

    def type_info(self) -> bytes:
        return bytes([0x2B, self.scale])

    def encode(self, value: tuple[int, int, int] | None) -> bytes:  # pyright: ignore[reportIncompatibleMethodOverride]
        if value is None:
            return b"\0"
        days, units, zone = value
        moment = units.to_bytes(self.width, "little") + days.to_bytes(3, "little")
        return _short(moment + struct.pack("<h", zone))


@dataclass(frozen=True)
class VarChar(ColumnType):
    """``varchar(size)`` in code page 1252; without a size ``varchar(max)``."""

    size: int | None = None

    def type_info(self) -> bytes:
        return (
            bytes([0xA7]) + (_MAX if self.size is None else struct.pack("<H", self.size)) + DEFAULT_COLLATION
        )

    def encode(self, value: str | None) -> bytes:
        text = None if value is None else value.encode("cp1252")
        if self.size is None:
            return _chunked(text)
        return _MAX if text is None else struct.pack("<H", len(text)) + text


@dataclass(frozen=True)
class LongText(ColumnType):
    """``nvarchar(max)``; pysqlbridge's own leaves out the end of empty values."""

    def type_info(self) -> bytes:
        return bytes([0xE7]) + _MAX + DEFAULT_COLLATION

    def encode(self, value: str | None) -> bytes:
        return _chunked(None if value is None else value.encode("utf-16-le"))


@dataclass(frozen=True)
class LongBinary(ColumnType):
    """``varbinary(max)``."""

    def type_info(self) -> bytes:
        return bytes([0xA5]) + _MAX

    def encode(self, value: bytes | None) -> bytes:
        return _chunked(value)


@dataclass(frozen=True)
class Xml(ColumnType):
    """``xml`` without a schema."""

    def type_info(self) -> bytes:
        return bytes([0xF1, 0])

    def encode(self, value: str | None) -> bytes:
        return _chunked(None if value is None else value.encode("utf-16-le"))


@dataclass(frozen=True)
class HierarchyId(ColumnType):
    """``hierarchyid``, a type of the server's own in .NET; values are its bytes."""

    def type_info(self) -> bytes:
        names = b"".join(bytes([len(name)]) + name.encode("utf-16-le") for name in ("", "sys", "hierarchyid"))
        assembly = "Microsoft.SqlServer.Types.SqlHierarchyId"
        size = struct.pack("<H", 892)
        return bytes([0xF0]) + size + names + struct.pack("<H", len(assembly)) + assembly.encode("utf-16-le")

    def encode(self, value: bytes | None) -> bytes:
        return _chunked(value)


@dataclass(frozen=True)
class Variant(ColumnType):
    """``sql_variant``; values are int, or text as ``nvarchar``."""

    def type_info(self) -> bytes:
        return bytes([0x62]) + struct.pack("<I", 8009)

    def encode(self, value: int | str | None) -> bytes:
        if value is None:
            return struct.pack("<I", 0)
        if isinstance(value, int):
            content = bytes([0x38, 0]) + struct.pack("<i", value)
        else:
            text = value.encode("utf-16-le")
            content = bytes([0xE7, 7]) + DEFAULT_COLLATION + struct.pack("<H", 8000) + text
        return struct.pack("<I", len(content)) + content
