"""How MongoDB's clients dial: what is held on to in PyMongo, and what the fields of an integration mean."""

from __future__ import annotations

import dataclasses
import socket
import ssl
from typing import Any

import pytest
from pymongo.synchronous.pool import Pool

from underpass.connectors.mongodb.client import Deployment
from underpass.connectors.mongodb.dial import Dialler
from underpass.connectors.mongodb.seeds import seeds_of
from underpass.connectors.tls import Tls
from underpass.failure import UnderpassError
from underpass.ready import Endpoint, Ready


def ready(tunnelled: Any = True, **fields: Any) -> Ready:
    return Ready(
        id="1",
        name="Shop",
        type="mongodb",
        generation=1,
        endpoint=Endpoint("127.0.0.1", 9),
        server=Endpoint("Db.internal", 27017),
        tunnelled=tunnelled,
        fields=fields,
        secrets={"password": "hunter22"},
        peer=(lambda host, port: Endpoint(f"forward-to-{host}", port)) if tunnelled else Endpoint,
    )


def dialler(tunnelled: bool = True) -> Dialler:
    given = ready(tunnelled)
    return Dialler(given, Tls.of(given))


def test_pymongo_opens_its_sockets_in_the_way_that_is_known() -> None:
    """If this fails, PyMongo has changed: see ``dial``."""
    pool = dialler().pool_class()
    assert issubclass(pool, Pool)
    assert pool.connect is not Pool.connect
    assert Pool.connect.__globals__["Pool"] is Pool


def test_another_way_is_refused_rather_than_dialled_around(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Pool, "connect", lambda self: None)
    with pytest.raises(UnderpassError) as caught:
        dialler().pool_class()
    assert caught.value.failure["code"] == "driver-missing"


def test_the_own_server_is_behind_the_forward() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        forward = Endpoint(*listener.getsockname())
        given = dataclasses.replace(ready(), endpoint=forward)
        assert Dialler(given, Tls.of(given)).endpoint("db.internal", 27017) == forward


def test_nothing_is_sent_to_a_forward_whose_listener_is_gone() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        forward = Endpoint(*listener.getsockname())
    given = dataclasses.replace(ready(), endpoint=forward)
    with pytest.raises(UnderpassError) as caught:
        Dialler(given, Tls.of(given)).endpoint("db.internal", 27017)
    assert caught.value.failure["code"] == "listener-missing"


def test_other_servers_are_behind_their_own_forwards() -> None:
    assert dialler().endpoint("other.internal", 27017) == Endpoint("forward-to-other.internal", 27017)
    assert dialler().endpoint("db.internal", 27018) == Endpoint("forward-to-db.internal", 27018)
    assert dialler(tunnelled=False).endpoint("other", 1) == Endpoint("other", 1)


def test_without_a_way_to_ask_for_forwards_nothing_else_is_dialled() -> None:
    given = ready()
    bare = Ready.parse(
        {
            "integration": {"id": "1", "name": "Shop", "type": "mongodb"},
            "generation": 1,
            "tunnelled": True,
            "endpoint": {"host": "127.0.0.1", "port": 9},
            "server": {"host": "db", "port": 1},
            "fields": {},
            "secrets": {},
        }
    )
    with pytest.raises(UnderpassError) as caught:
        bare.peer("other", 1)
    assert caught.value.failure["code"] == "forward-refused"
    assert bare.peer != given.peer


@pytest.mark.parametrize("tunnelled", [True, False])
def test_a_member_that_is_a_socket_of_this_machine_is_not_dialled(tunnelled: bool) -> None:
    with pytest.raises(UnderpassError, match="refers to /tmp/x"):
        dialler(tunnelled).endpoint("/tmp/x.sock", 27017)


def test_each_server_has_a_tls_context_for_its_own_name() -> None:
    found = dialler()
    first, second = found.context("a.internal"), found.context("b.internal")
    assert [getattr(each, "server_name", None) for each in (first, second)] == ["a.internal", "b.internal"]
    assert found.context("a.internal") is first
    assert isinstance(first, ssl.SSLContext)


def test_the_dot_that_ends_a_name_stands_in_no_certificate() -> None:
    assert dialler().tls("a.internal.").server_name == "a.internal"


@pytest.mark.parametrize(
    ("fields", "addresses", "direct"),
    [
        ({}, [("Db.internal", 27017)], True),
        ({"replicaSet": "rs0"}, [("Db.internal", 27017)], False),
        ({"connectionString": "mongodb://a:1,[::1]:2,b"}, [("a", 1), ("::1", 2), ("b", 27017)], False),
    ],
)
def test_the_fields_say_where_to_begin(fields: dict[str, str], addresses: list[Any], direct: bool) -> None:
    found = seeds_of(ready(**fields))
    assert (found.addresses, found.direct) == (addresses, direct)


def test_a_password_is_not_sent_in_clear_text_by_ldap_logins(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = socket.create_server(("127.0.0.1", 0))
    given = Ready(
        **{
            **ready(user="me", authMechanism="PLAIN", sslMode="preferred").__dict__,
            "endpoint": Endpoint("127.0.0.1", plain.getsockname()[1]),
        }
    )
    monkeypatch.setattr("underpass.connectors.mongodb.client.speaks_tls", lambda *_: False)
    with plain, pytest.raises(UnderpassError) as caught:
        Deployment.of(given)
    assert caught.value.failure["stage"] == "tls"


@pytest.mark.parametrize("name", ["tls", "tlsInsecure", "ssl", "directConnection", "_pool_class"])
def test_options_that_would_undo_a_promise_are_refused(name: str) -> None:
    with pytest.raises(UnderpassError) as caught:
        Deployment.of(ready(options={name: "true"}))
    assert caught.value.failure["code"] == "invalid-field"
