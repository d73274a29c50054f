"""No core files of processes that hold passwords."""

from __future__ import annotations

import functools
import sys
from contextlib import suppress


@functools.cache
def forbid_core_files() -> None:
    """Have this process, and what it starts, leave no core file from now on.

    Once: whoever needs core files and knows what they hold can raise the (soft) limit again.
    """
    if sys.platform == "win32":
        return
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    # One byte is less than any file, and also keeps Linux from handing one to a program.
    least = 1 if most == resource.RLIM_INFINITY or most > 0 else 0
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (least, most))
