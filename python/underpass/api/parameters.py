"""From a statement with ``:name`` or ``?`` to one with the placeholders of its system, and values beside it.

They become the ``{{ }}`` of cells, so that values are bound in the same way: never as text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from underpass.connectors.base import Connector
from underpass.failure import UnderpassError
from underpass.statement import Edit, Statement
from underpass.tokens import tokenize

from .exceptions import ProgrammingError, as_error, failed

Parameters = Sequence[Any] | Mapping[str, Any]

_NAME = re.compile(r"\w+")
#: Behind these a colon belongs to what stands before it: casts, slices, paths.
_JOINED = re.compile(r"[\w:)\]\"`'}]")
#: Stands for braces that are in the text already, while ours are read.
_BRACES = "\ue001\ue001"
#: How ours begin.
_OPEN = "{{ "


def statements(connector: type[Connector], operation: str, parameters: Parameters | None) -> list[Statement]:
    """Cut a text into statements, with ``parameters`` bound; as it stands if there are none.

    Raises:
        ProgrammingError: a placeholder without a value, or the other way round; a value that can not be sent.
    """
    if not isinstance(operation, str):
        kind = type(operation).__name__
        raise _wrong(f"A statement must be text, not {kind}.", "For sqlalchemy.text use underpass.engine().")
    if not connector.dialect.tokenizer:
        # No SQL: there is nothing like a placeholder in its language.
        return _with_braces(connector, operation, parameters)
    if isinstance(parameters, str | bytes):
        raise _wrong("Parameters must be a sequence or a mapping, not text.", "Write [value].")
    rewriting = _Rewriting(operation)
    if parameters:
        rewriting.fill(connector.dialect.tokenizer, parameters)
    try:
        found = connector.statements(rewriting.text, rewriting.value)
    except UnderpassError as error:
        raise rewriting.explained(error) from None
    return [rewriting.restored(statement) for statement in found]


def _with_braces(
    connector: type[Connector], operation: str, parameters: Parameters | None
) -> list[Statement]:
    if parameters and not isinstance(parameters, Mapping):
        raise _wrong("Parameters of this system are named.", "Write {{ name }}, and give a mapping.")
    values = dict(parameters or {})
    return connector.statements(operation, named_values(values, "Add it to the parameters."))


def named_values(values: Mapping[str, Any], fix: str) -> Callable[[str], Any]:
    """Evaluates the expressions of ``{{ }}``, which see these values and nothing else: no builtins either."""
    known = {"__builtins__": {}, **values}

    def evaluate(code: str) -> Any:
        try:
            return eval(code, dict(known))
        except NameError as error:
            raise _wrong(f"There is no value for {{{{ {error.name} }}}}.", fix) from None

    return evaluate


def of_parameters(error: UnderpassError) -> UnderpassError:
    """The same failure, for somebody who does not write braces."""
    failure = error.failure
    fix = failure["fix"].replace("{{ value }}", ":value").replace("{{ }} is sent", "A parameter is sent")
    return UnderpassError({**failure, "fix": fix})


class _Rewriting:
    """A text, and where placeholders in it became braces."""

    def __init__(self, operation: str) -> None:
        self._original = operation
        self._edits: list[Edit] = []
        self._values: dict[str, Any] = {}
        #: What the person wrote for each of ours.
        self._written: dict[str, str] = {}
        self.text = operation.replace("{{", _BRACES)

    def fill(self, tokenizer: str, parameters: Parameters) -> None:
        """Put the parameters in."""
        masked = self.text
        if isinstance(parameters, Mapping):
            for start, end, name in _named(masked, tokenizer, parameters):
                self._put(start, end, parameters[name], f"v_{list(parameters).index(name)}")
        else:
            marks = [
                token.start
                for token in tokenize(masked, tokenizer)
                if token.text == "?" and token.start == token.end
            ]
            if len(marks) != len(parameters):
                raise _wrong(
                    f"The statement has {len(marks)} of the placeholder ?, but there are {len(parameters)} "
                    "parameters.",
                    "Give one value for each, in their order; or name them: :name and a mapping.",
                )
            for number, (start, value) in enumerate(zip(marks, parameters, strict=True)):
                self._put(start, start + 1, value, f"v_{number}")
        pieces, offset = [], 0
        for edit in self._edits:
            pieces += [masked[offset : edit.start], edit.text]
            offset = edit.end
        self.text = "".join([*pieces, masked[offset:]])

    def _put(self, start: int, end: int, value: Any, name: str) -> None:
        self._values[name] = value
        self._written[name] = self._original[start:end]
        self._edits.append(Edit(start, end, f"{_OPEN}{name} }}}}"))

    def value(self, code: str) -> Any:
        return self._values[code]

    def explained(self, error: UnderpassError) -> UnderpassError:
        """What is said of our braces, said of what the person wrote."""
        failure = as_error(error).failure
        message, fix = failure["message"], failure["fix"]
        for name, written in self._written.items():
            braces = f"{_OPEN}{name} }}}}"
            message, fix = message.replace(braces, written), fix.replace(braces, written)
        return as_error(UnderpassError({**failure, "message": message, "fix": fix}))

    def restored(self, statement: Statement) -> Statement:
        """The statement as a part of what the person wrote."""
        edits = [
            Edit(self._origin(edit.start), self._origin(edit.end), edit.text) for edit in statement.edits
        ]
        return replace(
            statement,
            sql=statement.sql.replace(_BRACES, "{{"),
            cell=self._original,
            start=self._origin(statement.start),
            edits=edits,
        )

    def _origin(self, offset: int) -> int:
        """Where in the original stands what is at ``offset`` now."""
        shift = 0
        for edit in self._edits:
            begin = edit.start + shift
            if offset <= begin:
                break
            grown = len(edit.text) - (edit.end - edit.start)
            if offset < begin + len(edit.text):
                return edit.start
            shift += grown
        return offset - shift


def _named(text: str, tokenizer: str, values: Mapping[str, Any]) -> Iterator[tuple[int, int, str]]:
    """Start, end and name of each ``:name`` that is one, and no text, comment, cast or slice."""
    for token in tokenize(text, tokenizer):
        name = _NAME.match(text, token.end + 1)
        if token.text != ":" or token.end != token.start or name is None:
            continue
        if token.start and _JOINED.match(text[token.start - 1]):
            continue
        if name[0] in values:
            yield token.start, name.end(), name[0]
        elif not name[0][0].isdigit():
            raise _wrong(f"There is no value for :{name[0]}.", "Add it to the parameters.")


def _wrong(message: str, fix: str) -> ProgrammingError:
    error = failed(ProgrammingError, "invalid-request", message, fix)
    assert isinstance(error, ProgrammingError)
    return error
