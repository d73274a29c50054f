"""What a command asks PyMongo for: methods of mongosh with their options, and which of them write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from underpass.failure import UnderpassError, fail

from .cell import Call, Command

_READ = ("find", "findOne", "aggregate", "countDocuments", "estimatedDocumentCount", "distinct")
_WRITE = ("insertOne", "insertMany", "updateOne", "updateMany", "replaceOne", "deleteOne", "deleteMany")
#: Required and allowed number of arguments.
_ARGUMENTS = {
    "find": (0, 3),
    "findOne": (0, 3),
    "aggregate": (0, 2),
    "countDocuments": (0, 2),
    "estimatedDocumentCount": (0, 1),
    "distinct": (1, 3),
    "insertOne": (1, 2),
    "insertMany": (1, 2),
    "updateOne": (2, 3),
    "updateMany": (2, 3),
    "replaceOne": (2, 3),
    "deleteOne": (1, 2),
    "deleteMany": (1, 2),
}
#: PyMongo's words for options of mongosh, by what takes them.
_COMMON = {"collation": "collation", "comment": "comment", "hint": "hint"}
_TIME = {"maxTimeMS": "max_time_ms"}
_CURSOR = {
    **_COMMON,
    **_TIME,
    "sort": "sort",
    "limit": "limit",
    "skip": "skip",
    "projection": "projection",
    "batchSize": "batch_size",
    "allowDiskUse": "allow_disk_use",
    "min": "min",
    "max": "max",
    "let": "let",
}
_OPTIONS: dict[str, dict[str, str]] = {
    "find": _CURSOR,
    "findOne": _CURSOR,
    "aggregate": {
        **{
            name: name
            for name in ("collation", "comment", "hint", "maxTimeMS", "allowDiskUse", "batchSize", "let")
        },
        "bypassDocumentValidation": "bypassDocumentValidation",
    },
    "countDocuments": {**_COMMON, "skip": "skip", "limit": "limit", "maxTimeMS": "maxTimeMS"},
    "estimatedDocumentCount": {"maxTimeMS": "maxTimeMS", "comment": "comment"},
    "distinct": {**_COMMON, "maxTimeMS": "maxTimeMS"},
    "insertOne": {"comment": "comment", "bypassDocumentValidation": "bypass_document_validation"},
    "insertMany": {
        "comment": "comment",
        "ordered": "ordered",
        "bypassDocumentValidation": "bypass_document_validation",
    },
    "updateOne": {**_COMMON, "upsert": "upsert", "arrayFilters": "array_filters", "let": "let"},
    "updateMany": {**_COMMON, "upsert": "upsert", "arrayFilters": "array_filters", "let": "let"},
    "replaceOne": {**_COMMON, "upsert": "upsert", "let": "let"},
    "deleteOne": {**_COMMON, "let": "let"},
    "deleteMany": {**_COMMON, "let": "let"},
}
#: Modifiers of a cursor that change nothing here: all rows come anyway.
_IDLE = ("toArray", "pretty")


@dataclass(frozen=True)
class Operation:
    """``arguments`` without options; ``options`` in PyMongo's words."""

    method: str
    database: str | None
    collection: str | None
    arguments: Sequence[Any]
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def writes(self) -> bool:
        return self.method in _WRITE or (self.method == "aggregate" and _has_output(self.arguments))


def operation_of(command: Command, *, write: bool) -> Operation:
    """What to run.

    Raises:
        UnderpassError: the method or an option is not known, or it writes where only reading is allowed;
            nothing was sent.
    """
    method, arguments = command.method.name, list(command.method.arguments)
    if method not in _ARGUMENTS:
        raise _refuse(
            command.method,
            f"{method} can not be used in a cell.",
            f"These can: {', '.join(_READ)}; with --write also {', '.join(_WRITE)}.",
        )
    if command.collection is None and method != "aggregate":
        raise _refuse(command.method, f"{method} needs a collection.", f"Write db.collection.{method}(…).")
    least, most = _ARGUMENTS[method]
    if not least <= len(arguments) <= most:
        number = str(most) if least == most else f"{least} to {most}"
        raise _refuse(command.method, f"{method} takes {number} arguments, not {len(arguments)}.")
    options: dict[str, Any] = {}
    if least < most and len(arguments) == most and method not in ("find", "findOne"):
        options = _options(command.method, method, arguments.pop())
    elif method in ("find", "findOne"):
        if len(arguments) == 3:
            options = _options(command.method, method, arguments.pop())
        if len(arguments) == 2 and (projection := arguments.pop()) is not None:
            options["projection"] = projection
    elif method == "estimatedDocumentCount" and arguments:
        options = _options(command.method, method, arguments.pop())
    for call in command.modifiers:
        options |= _modifier(call, method)
    if isinstance(sort := options.get("sort"), Mapping):
        options["sort"] = list(sort.items())
    _check(command.method, method, arguments)
    if not isinstance(options.get("projection", {}), Mapping | list):
        raise _refuse(command.method, "A projection is an object.", "Write it in braces, as in {name: 1}.")
    operation = Operation(method, command.database, command.collection, arguments, options)
    if operation.writes and not write:
        what = "$out and $merge write" if method == "aggregate" else f"{method} writes"
        raise _refuse(
            command.method,
            f"{what}, and this cell may only read. Nothing was sent.",
            "Add --write to the first line of the cell if that is meant.",
        )
    return operation


def _modifier(call: Call, method: str) -> dict[str, Any]:
    if call.name in _IDLE and not call.arguments:
        return {}
    name = "projection" if call.name == "project" else call.name
    if method not in ("find", "findOne", "aggregate") or name not in _OPTIONS[method]:
        known = [*_OPTIONS[method], *_IDLE] if method in ("find", "aggregate") else []
        raise _refuse(
            call,
            f"{method} has no modifier {call.name}.",
            f"These are known: {', '.join(known)}." if known else "Leave it out.",
        )
    if name == "allowDiskUse" and not call.arguments:
        return {_OPTIONS[method][name]: True}
    if len(call.arguments) != 1:
        raise _refuse(call, f"{call.name} takes 1 argument, not {len(call.arguments)}.")
    return _options(call, method, {name: call.arguments[0]})


def _options(call: Call, method: str, given: Any) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        raise _refuse(
            call, f"The options of {method} must be an object.", "Write them like {maxTimeMS: 5000}."
        )
    known = _OPTIONS[method]
    if unknown := [name for name in given if name not in known]:
        raise _refuse(call, f"{method} has no option {unknown[0]}.", f"These are known: {', '.join(known)}.")
    return {known[name]: value for name, value in given.items()}


def _check(call: Call, method: str, arguments: Sequence[Any]) -> None:
    """Tell here what the driver would tell in words of Python."""
    if method == "aggregate" and arguments and not isinstance(arguments[0], list):
        raise _refuse(call, "aggregate takes a list of stages.", "Write aggregate([{$match: {…}}, …]).")
    if method == "insertMany" and not isinstance(arguments[0], list):
        raise _refuse(call, "insertMany takes a list of documents.", "Write insertMany([{…}, {…}]).")
    filters = arguments[1:2] if method == "distinct" else arguments[:1]
    if method not in ("aggregate", "insertMany") and not all(isinstance(each, Mapping) for each in filters):
        raise _refuse(call, f"{method} takes an object here.", "Write it in braces, as in {name: 1}.")


def _has_output(value: Any) -> bool:
    """Whether a stage writes, at any depth: MongoDB refuses the rest."""
    if isinstance(value, Mapping):
        return any(key in ("$out", "$merge") or _has_output(item) for key, item in value.items())
    return isinstance(value, Sequence) and not isinstance(value, str | bytes) and any(map(_has_output, value))


def _refuse(call: Call, message: str, fix: str = "Correct it.") -> UnderpassError:
    return fail("invalid-request", "request", message, fix, position=call.position + 1)
