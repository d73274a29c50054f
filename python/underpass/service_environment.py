"""What the tunnel service inherits from whoever starts it. ``serviceEnvironment.ts`` has the same list."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

KEPT = frozenset(
    {
        # The user, and where programs and temporary files are.
        *("HOME", "USER", "LOGNAME", "SHELL", "PATH", "TMPDIR", "TZ", "LANG"),
        # Whom to ask for keys and secrets: agent, keyring, Kerberos.
        *("SSH_AUTH_SOCK", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR"),
        *("DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "KRB5CCNAME", "KRB5_CONFIG"),
        *("XDG_DATA_HOME", "XDG_CONFIG_HOME"),
        # Where libpq's files are, to import from them.
        *("PGSERVICEFILE", "PGSYSCONFDIR", "PGPASSFILE"),
        # Windows.
        *("SYSTEMROOT", "WINDIR", "COMSPEC", "PATHEXT", "TEMP", "TMP"),
        *("USERPROFILE", "USERNAME", "USERDOMAIN", "APPDATA", "LOCALAPPDATA", "PROGRAMDATA"),
    }
)
KEPT_PREFIX = re.compile("(UNDERPASS|LC)_")
#: Of one kernel or terminal, where the service is for all of them.
DROPPED = frozenset({"UNDERPASS_PROJECT", "UNDERPASS_PYTHON"})


def service_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The same whoever starts the service.

    A kernel's credentials, proxies and PYTHONPATH are not its business; NODE_OPTIONS could open a debugger
    to every user of the machine.
    """

    def is_kept(name: str) -> bool:
        known = name.upper() if os.name == "nt" else name
        return (known in KEPT or KEPT_PREFIX.match(known) is not None) and known not in DROPPED

    return {name: value for name, value in environment.items() if is_kept(name)}
