"""JupyterLab extension for secure database connections: the server's part and the built front end."""

from typing import Any

from .app import UnderpassExtension

__all__ = ["UnderpassExtension"]


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "jupyterlab-underpass"}]


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    return [{"module": "jupyterlab_underpass", "app": UnderpassExtension}]
