"""Failures as data, the same everywhere: which stage stopped, what happened, what to do."""

from __future__ import annotations

from typing import Any, TypedDict


class _Required(TypedDict):
    code: str
    stage: str
    message: str
    fix: str


class Failure(_Required, total=False):
    """What every process of Underpass says when something did not work. Never carries a secret."""

    detail: dict[str, Any]


class UnderpassError(Exception):
    """Something did not work; ``failure`` says what, and what to do about it."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure["message"])
        self.failure = failure

    def __str__(self) -> str:
        return f"{self.failure['message']} {self.failure['fix']}".strip()

    def __reduce__(self) -> tuple[type[UnderpassError], tuple[Failure]]:
        return UnderpassError, (self.failure,)

    def _render_traceback_(self) -> list[str]:
        """What a cell shows instead of a stack: IPython asks for it."""
        failure = self.failure
        lines = [f"\x1b[31m{failure['code']}\x1b[0m (stage: {failure['stage']})", failure["message"]]
        if excerpt := failure.get("detail", {}).get("excerpt"):
            lines += ["", str(excerpt), ""]
        if failure["fix"]:
            lines.append(f"\x1b[1mWhat to do:\x1b[0m {failure['fix']}")
        return lines


def fail(code: str, stage: str, message: str, fix: str, **detail: Any) -> UnderpassError:
    """Make the error to raise. ``message`` and ``fix`` are sentences for people."""
    failure: Failure = {"code": code, "stage": stage, "message": message, "fix": fix}
    if detail:
        failure["detail"] = detail
    return UnderpassError(failure)
