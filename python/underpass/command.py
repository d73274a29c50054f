"""The ``underpass`` command: the bundled service, run by the right Node.js with the right paths."""

from __future__ import annotations

import os
import sys

from .failure import Failure, UnderpassError, fail


def main() -> int:
    """Become the command. Exit code as the command's; 1 if it can not be run."""
    from .node import find_node, find_service

    try:
        argv = [find_node(), str(find_service()), *sys.argv[1:]]
        return _become(argv, {**os.environ, **_folders(), "UNDERPASS_PYTHON": sys.executable})
    except UnderpassError as error:
        _report(error.failure)
        return 1


def _become(argv: list[str], environment: dict[str, str]) -> int:
    try:
        if os.name != "nt":
            os.execve(argv[0], argv, environment)
    except OSError as error:
        raise fail(
            "service-unavailable",
            "request",
            f"{argv[0]} can not be run ({error.strerror}).",
            "Install Node.js beside Python: pip install 'underpass[node]'",
        ) from error
    return _run(argv, environment)


def _run(argv: list[str], environment: dict[str, str]) -> int:
    """Windows can not replace a process; Ctrl-C goes to both, and the command decides what follows."""
    import signal
    import subprocess

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return subprocess.run(argv, env=environment, check=False).returncode


def _folders() -> dict[str, str]:
    """Jupyter's folders where only Jupyter knows them; on Linux the service finds the same ones by itself.

    Importing ``jupyter_core`` takes longer than everything else here.
    """
    home, runtime = os.environ.get("UNDERPASS_HOME"), os.environ.get("UNDERPASS_RUNTIME_DIR")
    if sys.platform.startswith("linux") or (home and runtime):
        return {}
    from jupyter_core import paths

    return {
        "UNDERPASS_HOME": home or os.path.join(paths.jupyter_data_dir(), "underpass"),
        "UNDERPASS_RUNTIME_DIR": runtime or paths.jupyter_runtime_dir(),
    }


def _report(failure: Failure) -> None:
    own = sys.argv[1 : sys.argv.index("--")] if "--" in sys.argv else sys.argv[1:]
    if "--json" in own:
        import json

        print(json.dumps(failure), file=sys.stderr)
    else:
        print(f"underpass: {failure['message']}\n  {failure['fix']}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
