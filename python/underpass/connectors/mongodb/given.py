"""Values of ``{{ }}``: what Python has as what BSON has, and where operators may be among them.

A value is data. A dict that came from outside, ``{"$ne": None}`` in place of a name, would change what a
query asks for. So operators are taken only where the expression is a whole argument, a whole stage of a
pipeline or the whole body of one: there nobody could have meant a plain value. Elsewhere keys that begin with
``$`` are refused, and in expressions of a pipeline also texts that begin with ``$``, which MongoDB would read
as the name of a field.
"""

from __future__ import annotations

import datetime
import decimal
import uuid
from collections.abc import Mapping
from typing import Any

from bson import Binary, Decimal128

from underpass.failure import UnderpassError, fail
from underpass.values import bindable

from .literals import Path

_PIPELINES = ("aggregate", "updateOne", "updateMany")
#: Where MongoDB runs text as JavaScript: the operator, and the keys below it that are data all the same.
_SCRIPTS: dict[str, tuple[str, ...]] = {
    "$where": (),
    "$function": ("args",),
    "$accumulator": ("initArgs", "accumulateArgs"),
}
#: Levels of nesting in a value: MongoDB allows no more, and a value may hold itself.
_DEPTH = 100


def bson_value(value: Any, source: str, depth: int = 0) -> Any:
    """What is sent for ``value``.

    Raises:
        UnderpassError: BSON has nothing like it; ``source`` is the expression it came from.
    """
    if depth > _DEPTH:
        raise _refuse(source, f"is nested in more than {_DEPTH} levels; MongoDB allows no more")
    if isinstance(value, Mapping):
        return {_key(key, source): bson_value(item, source, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [bson_value(item, source, depth + 1) for item in value]
    if type(value).__module__.partition(".")[0] == "bson":
        return value
    if hasattr(value, "search") and hasattr(value, "pattern"):
        # A compiled regular expression of Python's.
        return value
    plain = bindable(value, source)
    if isinstance(plain, list):
        return [bson_value(item, source, depth + 1) for item in plain]
    return _scalar(plain, source)


def _scalar(value: Any, source: str) -> Any:
    if isinstance(value, decimal.Decimal):
        try:
            return Decimal128(value)
        except decimal.DecimalException:
            raise _refuse(source, "has more digits than MongoDB's decimals (34)") from None
    if isinstance(value, uuid.UUID):
        return Binary.from_uuid(value)
    if isinstance(value, datetime.datetime):
        return value
    if isinstance(value, datetime.date):
        # BSON has no dates without a time.
        return datetime.datetime(value.year, value.month, value.day, tzinfo=datetime.timezone.utc)
    if isinstance(value, datetime.time | datetime.timedelta):
        raise _refuse(
            source, f"is a {type(value).__name__}, which MongoDB does not have; give a datetime or text"
        )
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise _refuse(source, "does not fit into 64 bits; give a Decimal")
    return value


def _key(key: Any, source: str) -> str:
    if not isinstance(key, str):
        raise _refuse(source, f"has a key that is no text ({type(key).__name__})")
    return key


def check_place(value: Any, method: str, path: Path, source: str, position: int) -> None:
    """Refuse operators that came with a value.

    Args:
        value: As ``bson_value`` gave it.
        method: Of the collection.
        path: From the method's arguments to the value; the first is the argument's number.
        source: The expression.
        position: Where it stands, from 0.
    """
    if _is_script(path):
        raise _refuse(
            source,
            "would be run as JavaScript by the server",
            "Write it into the cell.",
            position=position + 1,
        )
    if _is_whole(method, path):
        return
    if _has_operator(value):
        raise _refuse(
            source,
            "holds an operator (a key that begins with $), which is taken from the cell's own text only",
            "Write the operator into the cell, as in {$in: {{ names }}}; or give the whole filter.",
            position=position + 1,
        )
    if _is_expression(method, path) and _has_field(value):
        raise _refuse(
            source,
            "begins with $, so MongoDB would read it as the name of a field",
            "Write {$literal: {{ … }}} if it is text; write names of fields into the cell.",
            position=position + 1,
        )


def _is_whole(method: str, path: Path) -> bool:
    if len(path) == 1:
        return True
    stages = method in _PIPELINES and isinstance(path[1], int)
    return stages and (len(path) == 2 or (len(path) == 3 and str(path[2]).startswith("$")))


def _is_script(path: Path) -> bool:
    return any(
        key in _SCRIPTS and (*path, None)[place + 1] not in _SCRIPTS[str(key)]
        for place, key in enumerate(path)
    )


def _is_expression(method: str, path: Path) -> bool:
    """Whether texts that begin with ``$`` mean something at this place."""
    if "$literal" in path:
        return False
    if method in ("find", "findOne"):
        is_projection = path[0] == 1 or path[:2] == (2, "projection")
    else:
        is_projection = method == "projection"
    if "$expr" in path or "let" in (method, *path) or is_projection:
        return True
    is_stage = method in _PIPELINES and isinstance(path[1], int)
    # What is compared in a filter is plain data, in that of $lookup's own pipeline, too.
    return is_stage and "$match" not in path


def _has_operator(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(str(key).startswith("$") or _has_operator(item) for key, item in value.items())
    return isinstance(value, list) and any(map(_has_operator, value))


def _has_field(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(map(_has_field, value.values()))
    if isinstance(value, list):
        return any(map(_has_field, value))
    return isinstance(value, str) and value.startswith("$")


def _refuse(source: str, reason: str, fix: str = "Give another value.", **detail: Any) -> UnderpassError:
    return fail("invalid-request", "request", f"{{{{ {source} }}}} {reason}.", fix, **detail)
