"""``underpass.environ``: the variables that kernels get, for scripts that no Jupyter server started."""

from __future__ import annotations

import os

from underpass.client import project_folder, shared_client

from .exceptions import as_errors


def environ(*, apply: bool = False) -> dict[str, str]:
    """The variables of the integrations that are connected to this project.

    For each tunnel four: ``MY_TUNNEL_LOCAL_HOST`` and ``_LOCAL_PORT``, which is what to dial, and
    ``MY_TUNNEL_REMOTE_HOST`` and ``_REMOTE_PORT``, where it leads. The ports are bound when this returns; a
    tunnel is connected when something dials it. They stay until this process ends. Passwords are never among
    them.

    Args:
        apply: Also set them in ``os.environ``, for libraries and child processes. A variable of that name
            that is there is overwritten.
    Returns:
        Names and values, all of them text.
    Raises:
        OperationalError: the tunnel service can not be started, or no port could be bound.
        InterfaceError: this kernel runs on another machine than the tunnels.
    """
    with as_errors():
        answer = shared_client().request("underpass/environment", {"folder": project_folder()})
    variables: dict[str, str] = {str(name): str(value) for name, value in answer["variables"].items()}
    if apply:
        os.environ.update(variables)
    return variables
