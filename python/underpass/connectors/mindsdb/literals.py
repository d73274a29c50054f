"""Values as MindsDB's SQL writes them.

Its prepared statements fail on most tables and know few types (docs/decisions/0014), so values become
literals. Two readers have to be kept from misunderstanding text: the lexer, which takes a backslash before a
quote of either kind for an escape, and what removes comments before that, which does not always know where
text ends.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from underpass.failure import UnderpassError, fail

#: Between these two characters text is cut, so that nobody takes them for a comment or a quoted quote.
_CUT = re.compile(r"""(?<=-)(?=-)|(?<=/)(?=\*)|(?<=\\)(?=['"])""")
#: What can make the remover of comments lose count of quotes.
_CONFUSING = re.compile(r'["`]|--|/\*|\\')


def literal(value: Any) -> str:
    """The value, for a place where an expression may stand.

    Raises:
        UnderpassError: MindsDB has nothing for it.
    """
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int):
        return _apart(str(int(value)))
    if isinstance(value, float | Decimal):
        number = Decimal(repr(float(value))) if isinstance(value, float) else value
        if not number.is_finite():
            raise _unsendable(f"{value} can not be sent to MindsDB.", "Send None, or a number.")
        # Its numbers have no exponents.
        text = format(number, "f")
        return _apart(text if "." in text or isinstance(value, Decimal) else f"{text}.0")
    if isinstance(value, datetime):
        return _text(value.isoformat(" "))
    if isinstance(value, date | time | timedelta | uuid.UUID):
        return _text(str(value))
    if isinstance(value, str):
        return _text(value)
    raise _unsendable(
        f"A value of type {type(value).__name__} can not be sent to MindsDB.",
        "Lists go behind IN; bytes nowhere.",
    )


def _apart(number: str) -> str:
    """Behind a minus, a second one would begin a comment."""
    return f" {number}" if number.startswith("-") else number


def _text(value: str) -> str:
    if "\0" in value:
        raise _unsendable("A zero character can not be sent to MindsDB.", "Leave it out.")
    pieces = [_piece(piece) for piece in _CUT.split(value)]
    return pieces[0] if len(pieces) == 1 else f"CONCAT({', '.join(pieces)})"


def _piece(text: str) -> str:
    quoted = text.replace("'", "''")
    if text.startswith("'") or text.endswith(("'", "\\")):
        # Quotes at both ends are all taken for those around it.
        return f"SUBSTRING('x{quoted}x', 2, {len(text)})"
    return f"'{quoted}'"


def check(sql: str, params: Sequence[Any]) -> None:
    """Refuse a statement in which a ``#`` of a value could be taken for the start of a comment.

    Args:
        sql: With the literals.
        params: What they were made of.
    """
    if any(isinstance(param, str) and "#" in param for param in params) and _CONFUSING.search(sql):
        raise _unsendable(
            "MindsDB can take a # in a value for a comment here.",
            "Use single quotes only, no comments and no backslashes in this statement; or leave the # out.",
        )


def _unsendable(message: str, fix: str) -> UnderpassError:
    return fail("invalid-request", "request", message, fix)
