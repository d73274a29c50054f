"""Values as PostgreSQL wants them.

The driver tells the server the type that a value has in Python; text is then not comparable with a uuid, a
date or an enumeration, and ``bigint[]`` not with ``int[]``. So for text and lists the server is asked which
type it expects in that place, and the placeholder gets a cast to it.
"""

from __future__ import annotations

import datetime
import decimal
import re
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa

from underpass.failure import UnderpassError, fail
from underpass.statement import Edit, Statement
from underpass.tokens import MASK, tokenize

from .types import NamedType

_DIGITS = 38
_MINUTE = datetime.timedelta(minutes=1)
_NUMBERED = re.compile(r"\$(\d+)")
_TEXT = ("text", "varchar", "character varying", "bpchar", "character", "name", "unknown")


def plain_values(params: Sequence[Any]) -> list[Any]:
    """Values that Arrow can hold; numbers that it can not are sent as text.

    Raises:
        UnderpassError: a list within a list, or of bytes and others; a time of day whose zone says no offset.
    """
    return [_plain(value) for value in params]


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        if any(isinstance(item, list) for item in value):
            raise _refuse("A list of lists", "Send one list, or put the array together in SQL.")
        items = [_plain(item) for item in value]
        # An array has one type; a time with a zone is of another type than one without.
        kinds = {(type(item), getattr(item, "tzinfo", None) is None) for item in items if item is not None}
        if len(kinds) < 2:
            return items
        if any(isinstance(item, bytes) for item in items):
            raise _refuse("A list of bytes and other values", "Send two lists.")
        return [None if item is None else str(item) for item in items]
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, datetime.time) and value.tzinfo is not None:
        # Arrow's times have no zone.
        if value.utcoffset() is None:
            raise _refuse("A time of day in a zone whose offset depends on the day", "Send a datetime.")
        return value.isoformat()
    if isinstance(value, datetime.datetime) and (value.utcoffset() or _MINUTE) % _MINUTE:
        # Arrow's zones have whole minutes.
        return value.astimezone(datetime.timezone.utc)
    if isinstance(value, decimal.Decimal) and not _fits(value):
        return str(value)
    if isinstance(value, int) and not isinstance(value, bool) and not -(2**63) <= value < 2**63:
        return str(value)
    return value


def _fits(value: decimal.Decimal) -> bool:
    """Whether Arrow has such a number."""
    _, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        return False
    return len(digits) <= _DIGITS and max(len(digits) + exponent, -exponent) <= 2 * _DIGITS


def _refuse(what: str, fix: str) -> UnderpassError:
    return fail("invalid-request", "request", f"{what} can not be sent to PostgreSQL.", fix)


def want_types(values: Sequence[Any]) -> bool:
    """Whether the server must be asked for the types that it expects."""
    return any(isinstance(value, str | list) for value in values)


def parameter_batch(values: Sequence[Any]) -> pa.RecordBatch:
    """One row for the driver to bind. An empty list is one of text."""
    try:
        arrays = [
            pa.array([value], pa.list_(pa.string())) if value == [] else pa.array([value]) for value in values
        ]
    except UnicodeEncodeError:
        raise _refuse("Text with half of a surrogate pair", "Correct the text.") from None
    return pa.record_batch(arrays, names=[f"${number}" for number in range(1, len(values) + 1)])


def with_casts(sql: str, values: Sequence[Any], expected: Sequence[NamedType]) -> Statement:
    """``sql`` with casts where the server expects another type than the driver will announce."""
    casts = {
        number: f"${number}::{kind.sql}"
        for number, (value, kind) in enumerate(zip(values, expected, strict=True), start=1)
        if isinstance(value, list) or (isinstance(value, str) and kind.name not in _TEXT)
    }
    edits = [Edit(start, end, casts[number]) for number, start, end in _placeholders(sql) if number in casts]
    pieces, offset = [], 0
    for edit in edits:
        pieces += [sql[offset : edit.start], edit.text]
        offset = edit.end
    return Statement("".join([*pieces, sql[offset:]]), values, sql, 0, edits)


def _placeholders(sql: str) -> Iterator[tuple[int, int, int]]:
    """Number, start and end of each ``$n`` that is one, and not part of a string."""
    # Masked, because the tokenizer takes `$1||$` for the start of a dollar-quoted string.
    found = {match.start(): match for match in _NUMBERED.finditer(sql)}
    masked = _NUMBERED.sub(lambda match: MASK * len(match[0]), sql)
    for token in tokenize(masked, "postgres"):
        match = found.get(token.start)
        if match and token.end + 1 == match.end():
            yield int(match[1]), match.start(), match.end()
