"""Text of values that the driver leaves in PostgreSQL's binary format."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address
from typing import Any, cast

import pyarrow as pa
import pyarrow.compute

from underpass.connectors.uuids import uuid_text

# Its functions are made at run time, unknown to type checkers.
pc: Any = pyarrow.compute


def _binary_uuid(array: pa.Array) -> pa.Array:
    # Drivers before 1.13 do not know the type.
    return uuid_text(cast(pa.FixedSizeBinaryArray, array.cast(pa.binary(16))))


def _inet(value: bytes) -> str:
    _family, bits, is_cidr, length = value[:4]
    address = (IPv4Address if length == 4 else IPv6Address)(value[4 : 4 + length])
    return f"{address}/{bits}" if is_cidr or bits != 8 * length else str(address)


def _mac(value: bytes) -> str:
    return value.hex(":")


def _bits(value: bytes) -> str:
    count = int.from_bytes(value[:4], "big")
    return "".join(f"{byte:08b}" for byte in value[4:])[:count]


def _time_with_zone(value: bytes) -> str:
    seconds, microseconds = divmod(int.from_bytes(value[:8], "big", signed=True), 1_000_000)
    west = int.from_bytes(value[8:], "big", signed=True)
    sign, offset = "-" if west > 0 else "+", abs(west)
    text = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    fraction = f".{microseconds:06}".rstrip("0") if microseconds else ""
    minutes = f":{offset // 60 % 60:02}" if offset % 3600 else ""
    return f"{text}{fraction}{sign}{offset // 3600:02}{minutes}"


def _each_value_once(decode: Callable[[bytes], str]) -> Callable[[pa.Array], pa.Array]:
    def convert(array: pa.Array) -> pa.Array:
        encoded = cast(pa.DictionaryArray, pc.dictionary_encode(array))
        texts = [decode(value) for value in encoded.dictionary.to_pylist()]
        return pc.take(pa.array(texts, pa.string()), encoded.indices)

    return convert


#: Type name → text of an array of that type.
DECODERS: dict[str, Callable[[pa.Array], pa.Array]] = {
    "uuid": _binary_uuid,
    "inet": _each_value_once(_inet),
    "cidr": _each_value_once(_inet),
    "macaddr": _each_value_once(_mac),
    "macaddr8": _each_value_once(_mac),
    "bit": _each_value_once(_bits),
    "varbit": _each_value_once(_bits),
    "timetz": _each_value_once(_time_with_zone),
}
