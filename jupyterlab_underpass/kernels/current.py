"""What the service says now that kernels are to have; and when to ask it again."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Collection, Mapping
from typing import Any

from jupyterlab_underpass.service import Service
from underpass.failure import UnderpassError

#: Seconds that a start waits for the service. With all else, that delays a kernel by half a second.
BUDGET = 0.45
#: Seconds in which hints become one question.
SETTLING = 0.05
#: Seconds between questions for the sake of forwards: they change all the time, and seldom their ports.
CALM = 1.0
#: Seconds until the next try, when the service can not be reached; after the last, a hint is waited for.
DELAYS = (1.0, 5.0, 30.0, 120.0)

#: What the variables of a folder depend on.
TOPICS = ("integrations", "forwards")


class CurrentVariables:
    """Asks for the variables of folders, for kernels that start and, after each hint, for those that run."""

    def __init__(
        self,
        service: Service,
        folders: Callable[[], Collection[str]],
        tell: Callable[[str, Mapping[str, str]], None],
        log: logging.Logger | logging.LoggerAdapter[Any],
    ) -> None:
        """
        Args:
            folders: Where kernels run.
            tell: Called with a folder and its variables, for the kernels there.
        """
        self._service = service
        self._folders = folders
        self._tell = tell
        self._log = log
        #: How many hints came.
        self.hints = 0
        self._asking: asyncio.Task[None] | None = None
        self._news = asyncio.Event()
        self._later: asyncio.TimerHandle | None = None

    async def at_start(self, folder: str) -> dict[str, str] | None:
        """Variables for a kernel that starts in ``folder``; None if the service did not say in time."""
        answer = self._service.request("underpass/environment", {"folder": folder}, repeatable=True)
        try:
            return (await asyncio.wait_for(answer, BUDGET))["variables"]
        except asyncio.TimeoutError:
            reason = f"no answer within {BUDGET * 1000:.0f} ms"
        except UnderpassError as error:
            reason = error.failure["code"]
        self._log.warning("A kernel starts without variables of its integrations: %s", reason)
        return None

    def hinted(self, method: str, params: Mapping[str, Any]) -> None:
        """A notification of the service."""
        topic = params.get("topic")
        if method != "underpass/changed" or topic not in TOPICS:
            return
        self.hints += 1
        if topic == "integrations":
            self.ask_soon()
        elif self._later is None:
            self._later = asyncio.get_running_loop().call_later(CALM, self._ask_at_last)

    def ask_soon(self) -> None:
        """Ask for all kernels that run."""
        self._news.set()
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())

    async def stop(self) -> None:
        if self._later is not None:
            self._later.cancel()
        if self._asking is not None:
            self._asking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._asking

    def _ask_at_last(self) -> None:
        self._later = None
        self.ask_soon()

    async def _ask(self) -> None:
        delays = iter(DELAYS)
        while self._news.is_set():
            await asyncio.sleep(SETTLING)
            self._news.clear()
            answered = await asyncio.gather(*(self._ask_for(folder) for folder in sorted(self._folders())))
            if not all(answered) and (delay := next(delays, None)) is not None:
                with contextlib.suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(self._news.wait(), delay)
                self._news.set()

    async def _ask_for(self, folder: str) -> bool:
        try:
            answer = await self._service.request(
                "underpass/environment", {"folder": folder}, repeatable=True, needed=False
            )
        except UnderpassError:
            # The service has said why to the log.
            return False
        self._tell(folder, answer["variables"])
        return True
