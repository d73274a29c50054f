"""Whether the server should compress its pages: on a slow link that is quicker, on a fast one much slower."""

from __future__ import annotations

from typing import Literal

Encoding = Literal["identity", "gzip"]

#: Bytes of rows a second: no server compresses as fast.
FAST = 40_000_000
#: Bytes of rows by which a speed is known.
ENOUGH = 4_000_000
#: Bytes of rows after which the other way is tried again: what was slow at first may not be any more.
LONG = 250_000_000
#: Smaller answers say nothing of speed.
SMALL = 100_000


class Encodings:
    """Tries both ways on large results, and takes the faster one. Starts without compressing."""

    def __init__(self, *, compress: bool) -> None:
        self._compress = compress
        self._current: Encoding = "identity"
        self._speeds: dict[Encoding, float] = {}
        self._restart()
        self._since = 0

    @property
    def current(self) -> Encoding:
        """What to ask for next."""
        return self._current

    def measured(self, encoding: Encoding, size: int, seconds: float) -> None:
        """Count one answer.

        Args:
            encoding: What it came in.
            size: Bytes of it, when it is not compressed any more.
            seconds: From the request to the end of the answer.
        """
        if not self._compress or size < SMALL or encoding != self._current:
            return
        self._bytes += size
        self._seconds += seconds
        self._since += size
        if self._bytes < ENOUGH:
            return
        self._speeds[encoding] = self._bytes / max(self._seconds, 1e-6)
        self._restart()
        self._current = self._choose()

    def _choose(self) -> Encoding:
        other: Encoding = "gzip" if self._current == "identity" else "identity"
        if self._current == "identity" and self._speeds["identity"] > FAST:
            return "identity"
        if other not in self._speeds or self._since > LONG:
            self._since = 0
            return other
        return max(self._speeds, key=lambda encoding: self._speeds[encoding])

    def _restart(self) -> None:
        self._bytes, self._seconds = 0, 0.0
