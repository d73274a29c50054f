"""The connections that all cells of this kernel, and ``underpass.sql``, share."""

from __future__ import annotations

import atexit

from .pool import Pool

_pool = Pool()
atexit.register(_pool.close)


def kernel_pool() -> Pool:
    """The only one of this process."""
    return _pool
