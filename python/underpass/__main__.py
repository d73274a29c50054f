"""``python -m underpass``: the command, where it is not on the PATH."""

from __future__ import annotations

import sys

from .command import main

sys.exit(main())
