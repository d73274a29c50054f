"""A client of one deployment: logged in, TLS as the integration says, every server through the tunnel."""

from __future__ import annotations

import re
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pymongo
from bson.codec_options import DatetimeConversion
from pymongo import MongoClient
from pymongo.errors import PyMongoError
from pymongo.monitoring import CommandListener

from underpass.connectors import failures
from underpass.connectors.tls import CONNECT_TIMEOUT, Tls, is_not_tls, speaks_tls
from underpass.failure import UnderpassError, fail
from underpass.ready import Ready

from .dial import Address, Dialler
from .errors import LABEL, login_failure
from .seeds import Seeds, seeds_of

Client = MongoClient[dict[str, Any]]

#: Options that fields decide or that would break a promise, with the field. The service refuses them first.
_DECIDED = {
    **dict.fromkeys(("host", "port"), "host"),
    **dict.fromkeys(("username", "password"), "user"),
    **dict.fromkeys(("authsource", "authmechanism"), "authSource"),
    **dict.fromkeys(("replicaset", "directconnection"), "replicaSet"),
    **dict.fromkeys(("retryreads", "retrywrites", "uuidrepresentation", "connect"), ""),
}
_TLS_OPTION = re.compile(r"(?:tls|ssl)", re.IGNORECASE)
#: Seconds that a client takes to end its sessions.
_GOODBYE = 1
#: Options that are dealt with in ``seeds``.
_OF_SEEDS = ("srvservicename", "srvmaxhosts")


@dataclass(frozen=True)
class Deployment:
    """What clients of it need; ``default`` is the database that ``db`` means."""

    dialler: Dialler
    seeds: Seeds
    settings: Mapping[str, Any]
    default: str

    @classmethod
    def of(cls, ready: Ready) -> Deployment:
        """Read the integration's fields and find out whether TLS is there; logs in nowhere.

        Raises:
            UnderpassError: at the stage ``resolve``, ``tcp``, ``forward`` or ``tls``.
        """
        tls = Tls.of(ready)
        seeds = seeds_of(ready)
        dialler = Dialler(ready, tls)
        settings = _settings(ready, seeds)
        dialler.encrypted = _encrypted(ready, dialler, seeds, tls.mode)
        if not dialler.encrypted and settings.get("authMechanism") in ("PLAIN", "MONGODB-X509"):
            raise failures.no_tls(ready, LABEL)
        return cls(dialler, seeds, settings, str(ready.fields.get("database") or "test"))

    def client(self, listener: CommandListener | None = None, only: Address | None = None) -> Client:
        """A client that dials when it is first used.

        Args:
            listener: Is told of every command.
            only: This server alone.
        """
        addresses = [only] if only else self.seeds.addresses
        settings = dict(self.settings)
        if only or self.seeds.direct:
            settings.pop("replicaSet", None)
            settings["directConnection"] = True
        return MongoClient(
            [_host_port(*address) for address in addresses],
            connect=False,
            event_listeners=[listener] if listener else [],
            _pool_class=self.dialler.pool_class(),
            **settings,
        )


def log_in(ready: Ready, deployment: Deployment, listener: CommandListener) -> Client:
    """A client that has been answered.

    Raises:
        UnderpassError: at any stage up to ``login``.
    """
    try:
        client = deployment.client(listener)
    except (PyMongoError, ValueError, TypeError) as error:
        raise fail(
            "invalid-field",
            "request",
            f"PyMongo does not take these options: {failures.scrubbed(str(error), ready)}",
            'Correct the field "options".',
            field="options",
        ) from None
    try:
        client.admin.command("ping", read_preference=client.read_preference)
    except Exception as error:
        reason = login_failure(error, ready, deployment.dialler, client)
        end(client)
        raise reason from None
    except BaseException:
        end(client)
        raise
    return client


def end(client: Client) -> None:
    """Close a client, with a goodbye only if its server is there: else PyMongo would look for it first."""
    with suppress(Exception), pymongo.timeout(_GOODBYE):
        client.close()


def _settings(ready: Ready, seeds: Seeds) -> dict[str, Any]:
    fields, options = ready.fields, dict(ready.fields.get("options") or {})
    for name in options:
        if name.lower() in _DECIDED or _TLS_OPTION.match(name) or not name.isalpha():
            field = _DECIDED.get(name.lower(), "sslMode" if _TLS_OPTION.match(name) else "")
            raise failures.option_refused(name, field)
    settings: dict[str, Any] = {
        "appName": "underpass",
        "connectTimeoutMS": CONNECT_TIMEOUT * 1000,
        "serverSelectionTimeoutMS": CONNECT_TIMEOUT * 1000,
        **seeds.options,
        **{name: value for name, value in options.items() if name.lower() not in _OF_SEEDS},
        # Nothing is ever sent twice.
        "retryReads": False,
        "retryWrites": False,
        "uuidRepresentation": "standard",
        "tz_aware": True,
        # Years that Python's dates do not have are no reason to fail.
        "datetime_conversion": DatetimeConversion.DATETIME_AUTO,
    }
    mechanism = fields.get("authMechanism")
    if mechanism == "MONGODB-X509":
        settings |= {"authMechanism": mechanism, "authSource": "$external"}
        if fields.get("user"):
            settings["username"] = fields["user"]
    elif fields.get("user"):
        settings |= {"username": fields["user"], "password": ready.secrets.get("password", "")}
        if mechanism not in (None, "DEFAULT"):
            settings["authMechanism"] = mechanism
        default = "$external" if mechanism == "PLAIN" else fields.get("database") or "admin"
        settings["authSource"] = fields.get("authSource") or seeds.options.get("authSource") or default
    if fields.get("replicaSet"):
        settings["replicaSet"] = fields["replicaSet"]
    return settings


def _encrypted(ready: Ready, dialler: Dialler, seeds: Seeds, mode: str) -> bool:
    """Ask the first server that answers: the driver would try in vain for as long as it looks for servers."""
    reason: UnderpassError | None = None
    for address in seeds.addresses:
        encrypted = _asked(ready, dialler, address, mode)
        if isinstance(encrypted, bool):
            return encrypted
        reason = reason or encrypted
    assert reason is not None
    raise reason


def _asked(ready: Ready, dialler: Dialler, address: Address, mode: str) -> bool | UnderpassError:
    """Whether to use TLS with this server, or why that is not to be found out."""
    host = address[0]
    try:
        endpoint = dialler.endpoint(*address)
        if mode == "preferred":
            return speaks_tls(endpoint.host, endpoint.port, dialler.tls(host))
        with socket.create_connection((endpoint.host, endpoint.port), CONNECT_TIMEOUT) as plain:
            dialler.context(host).wrap_socket(plain).close()
    except UnderpassError as error:
        return error
    except OSError as error:
        return failures.no_tls(ready, LABEL) if is_not_tls(error) else failures.not_reached(ready, error)
    return True


def _host_port(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
