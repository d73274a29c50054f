"""What was looked at, what was found there, and the proof that looking there finds something."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from .treasure import Secret, Treasure, found

#: Bytes that are searched at once. Pieces overlap by more than any secret is long.
PIECE = 64 * 1024 * 1024
OVERLAP = 64 * 1024


@dataclass
class Count:
    """Things of one kind that were looked at."""

    things: int = 0
    bytes: int = 0


@dataclass
class Ledger:
    """Counts by kind of place; findings; canaries: harmless words that were put where secrets might be."""

    treasure: Treasure
    counts: dict[str, Count] = field(default_factory=lambda: defaultdict(Count))
    findings: set[tuple[str, str, str, str]] = field(default_factory=set)
    _canaries: dict[str, list[bytes]] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)

    def canary(self, kind: str, word: str | None = None) -> str:
        """A word to put into a place of this kind, or one that is there. Looking there has to find it."""
        word = word or f"canary{secrets.token_hex(10)}"
        self._canaries[kind] = [needle for _, needle in Secret(kind, (word.encode(),), True).needles()]
        return word

    def look(self, kind: str, where: str, data: bytes, but: Collection[str] = ()) -> None:
        """Search some bytes.

        Args:
            kind: Kind of place.
            where: The very place, for a finding.
            data: What is there.
            but: Names of secrets that belong there.
        """
        count = self.counts[kind]
        count.things += 1
        count.bytes += len(data)
        if kind not in self._seen and found(self._canaries.get(kind, ()), data):
            self._seen.add(kind)
        for secret, form in self.treasure.find(data, but):
            self.findings.add((kind, where, secret, form))

    def look_into(self, kind: str, path: Path, but: Collection[str] = ()) -> None:
        """Search a file, however large; one that is gone meanwhile counts as empty."""
        try:
            with path.open("rb") as file:
                rest = b""
                while piece := file.read(PIECE):
                    self.look(kind, str(path), rest + piece, but)
                    rest = piece[-OVERLAP:]
        except FileNotFoundError:
            return

    def look_below(self, kind: str, folder: Path, but: Collection[str] = ()) -> None:
        """Search every file of a folder."""
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                self.look_into(kind, path, but)

    def unseen(self) -> list[str]:
        """Kinds of places where a canary was put and not found."""
        return sorted(self._canaries.keys() - self._seen)

    def __str__(self) -> str:
        lines = [f"{'looked at':32} {'things':>8} {'bytes':>14}"]
        for kind, count in sorted(self.counts.items()):
            mark = "canary found" if kind in self._seen else ""
            lines.append(f"{kind:32} {count.things:8} {count.bytes:14,} {mark}".rstrip())
        secrets_ = ", ".join(sorted({secret.name for secret in self.treasure.secrets}))
        lines.append(f"secrets: {secrets_}")
        lines += [
            f"FOUND {secret} ({form}) in {kind}: {where}"
            for kind, where, secret, form in sorted(self.findings)
        ]
        return "\n".join(lines)
