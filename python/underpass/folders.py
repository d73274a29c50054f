"""The folders of the workspace and of its service: made for the user alone, refused where others could write.

The service does the same.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .failure import UnderpassError, fail

WRITABLE_BY_OTHERS = 0o022


def open_home(path: Path) -> Path:
    """The workspace's real path.

    Raises:
        UnderpassError: ``storage-failed``
    """
    fix = "Set UNDERPASS_HOME to a folder of yours, or unset it."
    with _explained(f"The workspace's folder {path} can not be used", fix, path):
        _make_private(path)
        real = Path(os.path.realpath(path))
        if not real.is_dir():
            raise _error(errno.ENOTDIR)
        if not os.access(real, os.R_OK | os.X_OK):
            raise _error(errno.EACCES)
        return real


def open_runtime(path: Path) -> Path:
    """Where the socket lies. Who can write there could put another in its place, and be told passwords.

    Raises:
        UnderpassError: ``storage-failed`` or ``service-unavailable``
    """
    fix = "Set UNDERPASS_RUNTIME_DIR to a folder of yours on a local disk."
    with _explained(f"The runtime folder {path} can not be used", fix, path):
        _make_private(path)
        found = path.stat()
        if not os.access(path, os.W_OK | os.X_OK):
            raise _error(errno.EACCES)
    if not stat.S_ISDIR(found.st_mode) or not _is_own(found):
        raise _refused(f"The runtime folder {path} is not a folder of yours.", fix, path)
    if os.name != "nt" and found.st_mode & WRITABLE_BY_OTHERS:
        raise _refused(
            f"Others may write to the runtime folder {path}, and so could pose as the tunnel service.",
            f'Take that right away: chmod go-w "{path}"',
            path,
        )
    return path


def private_folder(path: Path) -> Path:
    """A folder in a place where everybody may write: it must be ours alone.

    Raises:
        UnderpassError: ``service-unavailable``
    """
    _make_private(path)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or not _is_own(found) or found.st_mode & 0o077:
        raise _refused(
            f"{path} is not a private folder of yours.",
            "Set UNDERPASS_RUNTIME_DIR to a short path of a folder that only you can use.",
            path,
        )
    return path


def _make_private(path: Path) -> None:
    """Make a folder and those above it, closed to others whatever the umask is. One that is there stays."""
    if path.exists():
        return
    if path.parent != path:
        _make_private(path.parent)
    with suppress(FileExistsError):
        path.mkdir(mode=0o700)
        path.chmod(0o700)


def _is_own(found: os.stat_result) -> bool:
    return os.name == "nt" or found.st_uid == os.getuid()


@contextmanager
def _explained(what: str, fix: str, path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = errno.errorcode.get(error.errno or 0, str(error))
        raise fail("storage-failed", "request", f"{what} ({reason}).", fix, path=str(path)) from None


def _error(number: int) -> OSError:
    return OSError(number, os.strerror(number))


def _refused(message: str, fix: str, path: Path) -> UnderpassError:
    return fail("service-unavailable", "request", message, fix, path=str(path))
