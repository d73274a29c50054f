"""How the driver is told where to go, who to be and what to check."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from queue import Empty, SimpleQueue
from urllib.request import getproxies, proxy_bypass

import adbc_driver_flightsql.dbapi as adbc
from adbc_driver_flightsql import DatabaseOptions

from underpass.connectors.failures import login_refused, no_tls, not_reached, option_refused
from underpass.connectors.tls import Tls, speaks_tls
from underpass.ready import Ready

LABEL = "Dremio"

#: Seconds for the answer to a login.
PATIENCE = 30
#: Bytes. Dremio's messages outgrow the driver's own limit of 16 MiB.
MESSAGE_SIZE = 64 << 20

_HEADER = DatabaseOptions.RPC_CALL_HEADER_PREFIX.value
#: Options that fields of the integration decide, or that lead out of the tunnel.
_DECIDED = {
    "uri": "host",
    "username": "user",
    "password": "password",
    "authorization": "token",
    "schema": "schema",
    DatabaseOptions.AUTHORIZATION_HEADER.value: "token",
    f"{_HEADER}authorization": "token",
    f"{_HEADER}schema": "schema",
    DatabaseOptions.AUTHORITY.value: "host",
    DatabaseOptions.TLS_OVERRIDE_HOSTNAME.value: "host",
    DatabaseOptions.TLS_ROOT_CERTS.value: "caCertificate",
    DatabaseOptions.TLS_SKIP_VERIFY.value: "sslMode",
    DatabaseOptions.MTLS_CERT_CHAIN.value: "sslMode",
    DatabaseOptions.MTLS_PRIVATE_KEY.value: "sslMode",
}


def open_connection(ready: Ready) -> adbc.Connection:
    """A connection that has logged in with a password, or that will show its token with each call.

    Raises:
        UnderpassError: the server can not be reached, has no TLS, or the integration is not complete.
        adbc.Error: the rest.
    """
    tls = Tls.of(ready)
    encrypted = _encrypted(ready, tls)
    options = {**_options(ready, tls, encrypted=encrypted), **_login(ready)}
    host = f"[{ready.endpoint.host}]" if ":" in ready.endpoint.host else ready.endpoint.host
    scheme = "grpc+tls" if encrypted else "grpc+tcp"
    # The driver would ask what the server can do, and follow the answer to whichever host it names, with the
    # token: it asks under this timeout, in vain.
    options[DatabaseOptions.TIMEOUT_QUERY.value] = "1e-9"
    try:
        connection = _connect(f"{scheme}://{host}:{ready.endpoint.port}", options)
    except TimeoutError as error:
        raise not_reached(ready, error) from None
    set_query_timeout(connection, str(PATIENCE))
    return connection


def set_query_timeout(connection: adbc.Connection, seconds: str) -> None:
    """For the planning of statements; 0 means for ever."""
    connection.adbc_connection.set_options(**{DatabaseOptions.TIMEOUT_QUERY.value: seconds})


def _connect(uri: str, options: Mapping[str, str]) -> adbc.Connection:
    """Log in.

    Raises:
        TimeoutError: the server did not answer. The driver itself would wait for ever.
        adbc.Error: the rest.
    """
    answers: SimpleQueue[adbc.Connection | Exception] = SimpleQueue()
    late = threading.Event()

    def work() -> None:
        try:
            connection = adbc.connect(uri, db_kwargs={**options}, autocommit=True)
        except Exception as error:
            answers.put(error)
            return
        answers.put(connection)
        if late.is_set():
            connection.close()

    threading.Thread(target=work, name="underpass-dremio-login", daemon=True).start()
    try:
        answer = answers.get(timeout=PATIENCE)
    except Empty:
        late.set()
        raise TimeoutError("no answer to the login") from None
    if isinstance(answer, Exception):
        raise answer
    return answer


def _encrypted(ready: Ready, tls: Tls) -> bool:
    if _behind_proxy(ready):
        # Only the driver knows the way.
        return True
    try:
        encrypted = speaks_tls(ready.endpoint.host, ready.endpoint.port, tls)
    except OSError as error:
        raise not_reached(ready, error) from None
    if not encrypted and tls.mode != "preferred":
        raise no_tls(ready, LABEL)
    return encrypted


def _behind_proxy(ready: Ready) -> bool:
    """Whether the driver goes through a proxy of the environment; it never does to a loopback address."""
    return (
        not ready.tunnelled
        and "https" in getproxies()
        and not proxy_bypass(f"{ready.endpoint.host}:{ready.endpoint.port}")
    )


def _options(ready: Ready, tls: Tls, *, encrypted: bool) -> dict[str, str]:
    options = {
        DatabaseOptions.WITH_MAX_MSG_SIZE.value: str(MESSAGE_SIZE),
        # Dremio knows a session by its cookie.
        DatabaseOptions.WITH_COOKIE_MIDDLEWARE.value: "true",
        # Lists and structs as such, not as JSON.
        f"{_HEADER}supports_complex_types": "true",
    }
    if schema := ready.fields.get("schema"):
        options[f"{_HEADER}schema"] = schema
    for name, value in (ready.fields.get("options") or {}).items():
        field = "token" if ".oauth." in name else _DECIDED.get(name.lower())
        if field is not None:
            raise option_refused(name, field)
        # Dremio's properties of a session are headers.
        options[name if name.startswith("adbc.") else f"{_HEADER}{name}"] = value
    if not encrypted:
        return {**options, DatabaseOptions.AUTHORITY.value: f"{tls.server_name}:{ready.server.port}"}
    options[DatabaseOptions.TLS_OVERRIDE_HOSTNAME.value] = tls.server_name
    options[DatabaseOptions.TLS_SKIP_VERIFY.value] = "false" if tls.verified else "true"
    if tls.verified and tls.authority:
        options[DatabaseOptions.TLS_ROOT_CERTS.value] = tls.authority
    return options


def _login(ready: Ready) -> dict[str, str]:
    token, user = ready.secrets.get("token"), ready.fields.get("user")
    if token:
        return {DatabaseOptions.AUTHORIZATION_HEADER.value: f"Bearer {token}"}
    if not user:
        raise login_refused(ready, LABEL, "the integration has neither a token nor a user.")
    return {"username": user, "password": ready.secrets.get("password", "")}
