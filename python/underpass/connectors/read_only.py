"""Integrations that are marked "Read-only": what is looked at before a statement is sent.

Where the server itself can be told to refuse writing, it is, and the look is only for what would undo that.
Elsewhere the look is all there is: a statement is sent only if it surely reads. See docs/read-only.md.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, cast

from underpass.failure import UnderpassError, fail

from .spoken import Lexis, NotUnderstood, Word, spoken

if TYPE_CHECKING:
    from underpass.ready import Ready

    from .base import Connector

_Run = TypeVar("_Run", bound=Callable[..., Any])

_FIX = 'Switch off "Read-only" in the integration if it is meant to write.'

#: Words that a statement which reads may begin with, in all systems.
READS = frozenset(("SELECT", "WITH", "VALUES", "TABLE", "SHOW", "DESCRIBE", "DESC", "EXPLAIN", "USE"))
#: Of a transaction, which changes nothing by itself.
TRANSACTIONS = frozenset(("BEGIN", "START", "COMMIT", "ROLLBACK", "END", "ABORT", "SAVEPOINT", "RELEASE"))
#: What can write in the middle of a statement that begins as one that reads.
WRITES = frozenset(
    (
        *("INSERT", "UPDATE", "DELETE", "MERGE", "INTO", "CREATE", "ALTER", "DROP", "GRANT", "REVOKE"),
        *("CALL", "EXEC", "EXECUTE", "PROCEDURE"),
    )
)
#: These only name something, whatever words are in them.
_ABOUT = frozenset(("SHOW", "DESCRIBE", "DESC", "LIST", "LS"))
_ANALYZE = frozenset(("ANALYZE", "ANALYSE"))


@dataclass(frozen=True)
class Rules:
    """What a system's connector lets through to the server."""

    #: None where the server needs no help: nothing is looked at.
    lexis: Lexis | None = None
    #: Words that a statement may begin with.
    first: frozenset[str] = READS | TRANSACTIONS
    #: Words that must be nowhere in it, quotes apart; none where the server refuses writing.
    never: frozenset[str] = frozenset()
    #: The same for words one behind the other.
    never_pairs: frozenset[tuple[str, str]] = frozenset()
    #: Names that would undo the protection; also within quotes, since functions take them as text.
    switches: tuple[str, ...] = ()
    #: Several statements are sent at once, as a batch.
    batches: bool = False
    #: What the server calls its own refusal, in ``detail["server"]`` or ``detail["sqlstate"]``.
    codes: frozenset[str | int] = frozenset()


@dataclass(frozen=True)
class Guard:
    """Stands before a connection of one integration. Against accidents, not against who wants to write."""

    name: str
    rules: Rules | None

    @classmethod
    def of(cls, ready: Ready, rules: Rules | None) -> Guard | None:
        """None for an integration that may write."""
        return cls(ready.name, rules) if ready.read_only else None

    def permit(self, sql: str) -> None:
        """Let a statement pass.

        Raises:
            UnderpassError: ``read-only``: it writes, or it is not certain that it does not. Nothing was sent.
        """
        if self.rules is None or self.rules.lexis is None:
            return
        try:
            words = spoken(sql, self.rules.lexis)
        except NotUnderstood as error:
            raise self.unclear(error.why, error.position) from None
        _Look(self, self.rules, words).permit(sql)

    def refused(self, what: str, position: int | None = None) -> UnderpassError:
        """What to raise for a statement that was not sent."""
        return self._failure(f"{what} was refused. Nothing was sent.", _FIX, position)

    def unclear(self, why: str, position: int) -> UnderpassError:
        """What to raise for a statement of which nobody knows what it does."""
        return self._failure(
            f"it is not certain that the statement only reads: {why}. Nothing was sent.",
            f"Write it in another way. {_FIX}",
            position,
        )

    def _failure(self, what: str, fix: str, position: int | None = None) -> UnderpassError:
        detail = {} if position is None else {"position": position + 1}
        return fail("read-only", "query", f'"{self.name}" is read-only: {what}', fix, **detail)

    def told(self, error: UnderpassError) -> UnderpassError:
        """A failure in other words, where it is the server that refuses to write."""
        failure = error.failure
        detail = failure.get("detail", {})
        codes = self.rules.codes if self.rules else frozenset()
        if failure["code"] != "query-failed" or codes.isdisjoint(
            (detail.get("server"), detail.get("sqlstate"))
        ):
            return error
        message = f'"{self.name}" is read-only: {failure["message"]}'
        return UnderpassError({**failure, "code": "read-only", "message": message, "fix": _FIX})


def can_not_be_read_only(ready: Ready, why: str) -> UnderpassError:
    """What to raise when the server does not take the request to refuse what writes. Nothing is run then."""
    return fail(
        "read-only",
        "login",
        f'"{ready.name}" is read-only, but the server can not be told to refuse what writes: {why}',
        'Switch off "Read-only" in the integration, and log in with a user that may only read.',
    )


def guarded(run: _Run) -> _Run:
    """For a connector's ``run``: the guard is asked before anything else happens."""

    @functools.wraps(run)
    def guarded_run(self: Connector, sql: str, *args: Any, **kwargs: Any) -> Any:
        if self.guard is None:
            return run(self, sql, *args, **kwargs)
        self.guard.permit(sql)
        try:
            return run(self, sql, *args, **kwargs)
        except UnderpassError as error:
            raise self.guard.told(error) from None

    return cast("_Run", guarded_run)


class _Look:
    """One look at one statement."""

    def __init__(self, guard: Guard, rules: Rules, words: Sequence[Word]) -> None:
        self._guard = guard
        self._rules = rules
        self._words = words

    def permit(self, sql: str) -> None:
        first = next((word for word in self._words if word.text not in (";", "(")), None)
        if first is None:
            # Nothing but comments: the server may say what it thinks of that.
            return
        if first.text not in self._rules.first:
            raise self._guard.refused(first.text or "The statement", first.position)
        if not self._rules.batches:
            self._require_one()
        lowered = sql.lower()
        for switch in self._rules.switches:
            if switch in lowered and first.text != "SHOW":
                raise self._guard.refused(f'A statement with "{switch}"', lowered.index(switch))
        for one, other in itertools.pairwise(self._words):
            if (one.text, other.text) in self._rules.never_pairs:
                raise self._guard.refused(f"{one.text} {other.text}", one.position)
        if first.text in _ABOUT or (first.text == "EXPLAIN" and not self._is_run()):
            return
        for word in self._words:
            if word.text in self._rules.never:
                raise self._guard.refused(word.text, word.position)

    def _is_run(self) -> bool:
        """Whether EXPLAIN runs what it explains."""
        return any(word.text in _ANALYZE for word in self._words)

    def _require_one(self) -> None:
        """One statement; semicolons may stand at its ends."""
        texts = [word.text for word in self._words]
        last = max(index for index, text in enumerate(texts) if text != ";")
        first = min(index for index, text in enumerate(texts) if text != ";")
        for word in self._words[first:last]:
            if word.text == ";":
                raise self._guard.unclear("there is another one behind it", word.position)
