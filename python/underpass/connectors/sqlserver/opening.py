"""From an integration to a connection that keeps its promise about TLS."""

from __future__ import annotations

import mssql_python

from underpass.connectors.failures import no_tls, not_reached
from underpass.connectors.tls import Tls
from underpass.ready import Ready

from .dsn import connect
from .errors import LABEL, library_missing, login_failure, not_sql_server
from .prelogin import Encryption, NotUnderstood, greeting
from .redirects import may_redirect, refuse_redirect


def open_connection(ready: Ready) -> mssql_python.Connection:
    """Ask the server about TLS, then log in as the integration's mode allows.

    Raises:
        UnderpassError: as ``Connector.open`` says.
    """
    tls = Tls.of(ready)
    encrypted = _offered(ready, tls)
    try:
        return connect(ready, tls, encrypted=encrypted)
    except mssql_python.Error as error:
        # Without the driver's exception: it may hold the connection string.
        raise login_failure(error, ready) from None
    except ImportError:
        # Its other half, which has the library.
        raise library_missing() from None


def _offered(ready: Ready, tls: Tls) -> bool:
    """Whether the server has TLS; with strict its certificate is looked at, too."""
    try:
        with greeting(ready) as server:
            answer = server.ask()
            encrypted = answer.encryption is not Encryption.NOT_SUPPORTED
            if not encrypted and tls.mode != "preferred":
                raise no_tls(ready, LABEL)
            redirects = may_redirect(ready, answer)
            if encrypted and (tls.verified or redirects):
                server.secure(tls)
            if redirects:
                refuse_redirect(server, ready, LABEL)
            return encrypted
    except NotUnderstood as error:
        raise not_sql_server(ready, str(error)) from None
    except OSError as error:
        raise not_reached(ready, error) from None
