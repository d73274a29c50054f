"""The ``underpass`` command: the bundled service, run by the right Node.js with the right paths."""

from __future__ import annotations

import os
import subprocess
import sys

from .failure import UnderpassError


def main() -> int:
    """Become the command. Exit code as the command's; 1 if it can not be run."""
    from .node import find_node, find_service
    from .paths import find_paths

    try:
        argv = [find_node(), str(find_service()), *sys.argv[1:]]
        environment = {**os.environ, **find_paths().environment()}
    except UnderpassError as error:
        print(f"{error.failure['message']}\n{error.failure['fix']}", file=sys.stderr)
        return 1
    if os.name != "nt":
        os.execve(argv[0], argv, environment)
    # Windows can not replace a process.
    return subprocess.run(argv, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
