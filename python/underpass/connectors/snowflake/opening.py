"""How the driver is told where to go and who to be. TLS is always on, and always checked."""

from __future__ import annotations

from typing import Any

import snowflake.connector
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from underpass.connectors.failures import login_refused, option_refused
from underpass.failure import fail
from underpass.ready import Ready

LABEL = "Snowflake"
#: Seconds for the log-in with all its attempts.
LOGIN_TIMEOUT = 30

#: Options of the driver that fields of the integration decide, or that would switch TLS off.
_DECIDED = {
    "account": "account",
    "user": "user",
    "password": "password",
    "passcode": "password",
    "token": "token",
    "token_file_path": "token",
    "authenticator": "token",
    "session_token": "token",
    "master_token": "token",
    "private_key": "privateKey",
    "private_key_file": "privateKey",
    "private_key_file_pwd": "privateKeyPassphrase",
    "private_key_password": "privateKeyPassphrase",
    "warehouse": "warehouse",
    "role": "role",
    "database": "database",
    "schema": "schema",
    "server_url": "account",
    "connection_name": "account",
    "connections_file_path": "account",
    "config": "account",
    "session_parameters": "",
    "protocol": "",
    "ssl": "",
    "tls_skip_verify": "",
    "verify_certificates": "",
    "verify_hostname": "",
    "insecure_mode": "",
    "disable_ocsp_checks": "",
    "paramstyle": "",
    "autocommit": "",
}
_NUMBERS = ("port", "login_timeout", "network_timeout", "socket_timeout", "proxy_port")


def open_connection(ready: Ready) -> Any:
    """Log in.

    Raises:
        UnderpassError: the integration is not complete, or an option can not be set.
        snowflake.connector.errors.Error: the rest.
    """
    options, parameters = _options(ready)
    fields = {name: ready.fields.get(name) for name in ("warehouse", "role", "database", "schema")}
    return snowflake.connector.connect(
        account=ready.fields["account"],
        user=ready.fields["user"],
        **_login(ready),
        **{name: value for name, value in fields.items() if value},
        **{"login_timeout": LOGIN_TIMEOUT, **options},
        protocol="https",
        paramstyle="qmark",
        autocommit=True,
        arrow_number_to_decimal=True,
        # Ends the session on the server, whatever runs in it.
        enable_server_session_keep_alive_auto_detection=False,
        session_parameters={"QUERY_TAG": "underpass", "CLIENT_TELEMETRY_ENABLED": False, **parameters},
    )


def _options(ready: Ready) -> tuple[dict[str, Any], dict[str, str]]:
    """The field ``options``: what is for the driver, and parameters of the session, in capitals."""
    options: dict[str, Any] = {}
    parameters: dict[str, str] = {}
    for name, value in (ready.fields.get("options") or {}).items():
        if name.isupper():
            parameters[name] = value
            continue
        if (field := _DECIDED.get(name.lower())) is not None:
            raise option_refused(name, field)
        flags = {"true": True, "false": False}
        options[name] = int(value) if name in _NUMBERS and value.isdigit() else flags.get(value, value)
    return options, parameters


def _login(ready: Ready) -> dict[str, Any]:
    secrets = ready.secrets
    if key := secrets.get("privateKey"):
        return {
            "authenticator": "SNOWFLAKE_JWT",
            "private_key": _key(key, secrets.get("privateKeyPassphrase")),
        }
    if token := secrets.get("token"):
        return {"authenticator": "PROGRAMMATIC_ACCESS_TOKEN", "token": token}
    if password := secrets.get("password"):
        return {"password": password}
    raise login_refused(ready, LABEL, "the integration has neither a password, a private key nor a token.")


def _key(pem: str, passphrase: str | None) -> bytes:
    """As the driver wants it."""
    try:
        key = load_pem_private_key(pem.encode(), passphrase.encode() if passphrase else None)
    except (ValueError, TypeError):
        # Without the exception: who knows what it repeats.
        raise fail(
            "invalid-field",
            "login",
            "The private key can not be read.",
            "Give the whole PEM text (-----BEGIN PRIVATE KEY----- …), and its passphrase where it has one.",
            field="privateKey",
        ) from None
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
