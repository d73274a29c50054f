"""How much memory this process may still take: of the machine, of its control groups, of its own limit."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from .failure import fail

_UNITS = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(I?)B?", re.IGNORECASE)
#: Where Linux keeps control groups: version 2, and the memory's tree of version 1.
_GROUPS = Path("/sys/fs/cgroup")
_GROUPS_1 = _GROUPS / "memory"


def bytes_of(text: str) -> int:
    """``2GB``, ``512MiB``, ``1.5g``: a number of bytes.

    Raises:
        ValueError: it is none.
    """
    found = _SIZE.fullmatch(text.strip())
    if found is None or (found[3] and not found[2]):
        raise ValueError(text)
    base = 1024 if found[3] else 1000
    return int(float(found[1]) * base ** _UNITS[found[2].upper()])


def in_words(size: float) -> str:
    """A number of bytes for people."""
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} GB" if size < 100 else f"{size:,.0f} GB"


def available() -> int | None:
    """Bytes that this process can still take before something is refused to it, or it is ended.

    None where the system does not say. What the system only keeps in case somebody reads it again counts as
    free.
    """
    rooms = [room for room in (_of_machine(), *_of_groups(), _of_process()) if room is not None]
    return max(0, min(rooms)) if rooms else None


def _of_machine() -> int | None:
    if sys.platform == "linux":
        with suppress(OSError, ValueError, IndexError):
            text = Path("/proc/meminfo").read_text("ascii")
            return int(text.split("MemAvailable:", 1)[1].split(None, 1)[0]) * 1024
    try:
        import psutil
    except ModuleNotFoundError:
        # It comes with every Jupyter kernel; plain IPython may be without it.
        return None
    return psutil.virtual_memory().available


def _of_groups() -> Iterator[int]:
    """What each control group of this process that has a limit leaves, the outer ones included."""
    try:
        lines = Path("/proc/self/cgroup").read_text("utf-8", "replace").splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if not controllers:
            names = ("memory.max", "memory.current", "inactive_file")
            yield from _of_tree(_GROUPS, path, names)
        elif "memory" in controllers.split(","):
            names = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
            yield from _of_tree(_GROUPS_1, path, names)


def _of_tree(root: Path, path: str, names: tuple[str, str, str]) -> Iterator[int]:
    # Within a container the path may be the host's, and its own group is the root.
    folder = root / path.strip("/")
    for group in (folder, *folder.parents):
        with suppress(OSError, ValueError):
            yield _left_in(group, *names)
        if group == root:
            return


def _left_in(group: Path, limit: str, usage: str, cache: str) -> int:
    """
    Raises:
        OSError: there is no such group.
        ValueError: it has no limit.
    """
    most = int((group / limit).read_text("ascii"))
    used = int((group / usage).read_text("ascii"))
    for line in (group / "memory.stat").read_text("ascii").splitlines():
        name, _, value = line.partition(" ")
        if name == cache:
            used -= int(value)
    return most - used


def _of_process() -> int | None:
    """What ``ulimit -v`` leaves."""
    if sys.platform != "linux":
        return None
    import resource

    most, _ = resource.getrlimit(resource.RLIMIT_AS)
    if most == resource.RLIM_INFINITY:
        return None
    pages = int(Path("/proc/self/statm").read_text("ascii").split(None, 1)[0])
    return most - pages * resource.getpagesize()


def resident() -> int | None:
    """Bytes of memory that this process has; None where the system does not say."""
    if sys.platform == "linux":
        import resource

        return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * resource.getpagesize()
    try:
        import psutil
    except ModuleNotFoundError:
        return None
    return psutil.Process().memory_info().rss


def limit_of(text: str, where: str) -> int | None:
    """What somebody wrote as a limit; None for ``none``.

    Args:
        text: ``4GB``, ``none``.
        where: What it was written as, for people: ``--max-memory``.
    Raises:
        UnderpassError: it is no size.
    """
    if text.strip().lower() == "none":
        return None
    try:
        return bytes_of(text)
    except ValueError:
        raise fail(
            "invalid-request",
            "request",
            f'{where} must be a size such as 4GB, or none; "{text}" is neither.',
            "Use one like this: --max-memory 4GB",
        ) from None
