"""Which folder on disk a notebook's kernel works in: its project is found from there."""

from __future__ import annotations

import os

from jupyter_core.utils import ensure_async
from jupyter_server.services.contents.manager import ContentsManager
from jupyter_server.services.kernels.kernelmanager import MappingKernelManager


class OutsideRoot(Exception):
    """A path leads out of the server's root folder."""


async def notebook_folder(contents: ContentsManager, kernels: MappingKernelManager, path: str) -> str:
    """Absolute folder that a kernel of this notebook would start in, or ``UNDERPASS_PROJECT``.

    Args:
        path: Contents path of the notebook; '' means the root folder.
    Raises:
        OutsideRoot: by its own text; links are followed, as everywhere else on the server.
    """
    require_within(kernels.root_dir, path)
    project = os.environ.get("UNDERPASS_PROJECT")
    return absolute(project or kernels.cwd_for_path(await ensure_async(contents.get_kernel_path(path))))


def require_within(root: str, path: str) -> None:
    """
    Raises:
        OutsideRoot: ``path`` leads out of the folder ``root``.
    """
    root = absolute(root)
    # Slashes at the front are none of the file system's: contents paths are relative.
    target = absolute(os.path.join(root, path.strip("/")))
    try:
        inside = "\0" not in path and os.path.commonpath([root, target]) == root
    except ValueError:
        # On different drives.
        inside = False
    if not inside:
        raise OutsideRoot


def absolute(folder: str) -> str:
    return os.path.abspath(folder)
