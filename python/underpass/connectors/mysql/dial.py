"""From an integration to a login: the address, TLS and who one is."""

from __future__ import annotations

import re
from typing import Any

# Not used here, but needed to log in to MySQL 8 and later: it is missed in time.
import cryptography  # noqa: F401
import pymysql
from pymysql.constants import CLIENT

from underpass.connectors.sockets import dial
from underpass.connectors.tls import CONNECT_TIMEOUT, Tls
from underpass.failure import fail
from underpass.ready import Ready

from .errors import login_failure

#: What may be given beside the fields; all else is known, or would undo what the fields say.
OPTIONS = ("collation", "init_command", "program_name", "server_public_key", "sql_mode", "time_zone")


def options_of(ready: Ready) -> dict[str, str]:
    """The integration's further options.

    Raises:
        UnderpassError: one that is not allowed, or can not be.
    """
    options: dict[str, str] = dict(ready.fields.get("options") or {})
    for name, value in options.items():
        if name not in OPTIONS:
            raise _wrong_option(name, "is not one that can be set here", f"Use one of: {', '.join(OPTIONS)}.")
        if name == "collation" and not re.fullmatch(r"utf8mb4_\w+", value):
            raise _wrong_option(name, "must be one of utf8mb4", "Such as utf8mb4_unicode_ci.")
    return options


def _wrong_option(name: str, reason: str, fix: str) -> Exception:
    message = f'The option "{name}" {reason}.'
    return fail("invalid-field", "request", message, fix, field="options", option=name)


def log_in(ready: Ready, label: str) -> Any:
    """Dial, agree upon TLS, log in.

    Returns:
        PyMySQL's connection.
    Raises:
        UnderpassError: stage ``resolve``, ``tcp``, ``forward``, ``tls`` or ``login``.
    """
    options = options_of(ready)
    options.pop("time_zone", None)
    tls = Tls.of(ready)
    # Its stub is of an older one.
    connect: Any = pymysql.Connection
    connection = connect(
        **{"program_name": "underpass", **options},
        host=ready.server.host,
        user=ready.fields["user"],
        # Text would be sent in Latin-1, which no server expects.
        password=ready.secrets.get("password", "").encode(),
        database=ready.fields.get("database") or None,
        charset="utf8mb4",
        autocommit=True,
        ssl=tls.context(),
        # A hostile server could ask for any file.
        local_infile=False,
        read_timeout=CONNECT_TIMEOUT,
        write_timeout=CONNECT_TIMEOUT,
        defer_connect=True,
    )
    if tls.mode == "preferred":
        # Then the server's greeting decides.
        connection._ssl_required = False
        connection.client_flag &= ~CLIENT.SSL
    try:
        connection.connect(dial(ready))
    except Exception as error:
        raise login_failure(error, ready, label) from None
    return connection
