"""People who may not do everything on a Jupyter server."""

from __future__ import annotations

import os
from typing import Any

from jupyter_server.auth import Authorizer

#: Names the rights on integrations, separated by spaces.
RIGHTS = "UNDERPASS_TEST_RIGHTS"


class SomeRights(Authorizer):
    """Everything but what the environment does not name."""

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        return resource != "underpass:integrations" or action in os.environ[RIGHTS].split()
