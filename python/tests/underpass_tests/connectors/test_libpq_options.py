"""What libpq is told, and what neither options nor the environment can change."""

from __future__ import annotations

from typing import Any

import pytest

from underpass.connectors.libpq import DECIDED, as_switches, connect, connection_options, split_options
from underpass.connectors.postgresql import PostgreSQL
from underpass.failure import UnderpassError
from underpass.ready import Endpoint, Ready


def make(fields: dict[str, Any], **changes: Any) -> Ready:
    values: dict[str, Any] = {
        "id": "1",
        "name": "My DB",
        "type": "postgresql",
        "generation": 1,
        "endpoint": Endpoint("127.0.0.1", 40000),
        "server": Endpoint("db.test", 5432),
        "tunnelled": True,
        "fields": {"user": "analyst", "database": "shop", **fields},
        "secrets": {"password": "correct horse"},
    }
    return Ready(**{**values, **changes})


@pytest.mark.parametrize("name", [*DECIDED, "SSLMODE", "HostAddr"])
def test_an_option_that_a_field_decides_is_refused_before_dialling(name: str) -> None:
    with pytest.raises(UnderpassError) as error:
        PostgreSQL.open(make({"options": {name: "x"}}))
    failure = error.value.failure
    assert (failure["code"], failure.get("detail", {})["field"]) == ("invalid-field", "options")
    assert name in failure["message"]


def test_words_of_libpq_are_told_from_settings_of_the_server() -> None:
    words, settings = split_options(make({"options": {"connect_timeout": "5", "search_path": "a, b"}}))
    assert words == {"connect_timeout": "5"}
    assert as_switches(settings) == r"-c search_path=a,\ b"


def test_the_tunnel_is_dialled_and_the_database_named() -> None:
    with connection_options(make({}), {}) as options:
        assert (options["host"], options["hostaddr"], options["port"]) == ("db.test", "127.0.0.1", 40000)


def test_without_a_tunnel_the_environment_does_not_say_where_to_dial(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGHOSTADDR", "192.0.2.1")
    nobody = Endpoint("127.0.0.1", 1)
    with pytest.raises(UnderpassError) as error:
        PostgreSQL.open(make({}, endpoint=nobody, server=nobody, tunnelled=False))
    assert error.value.failure["code"] == "connection-refused"


def test_a_dot_that_ends_the_name_is_not_part_of_it() -> None:
    with connection_options(make({}, server=Endpoint("db.test.", 5432)), {}) as options:
        assert (options["host"], options["hostaddr"]) == ("db.test", "127.0.0.1")


@pytest.mark.parametrize(
    ("refusal", "tried"),
    [
        ("server does not support SSL, but SSL was required", ["require", "disable"]),
        (
            'FATAL:  no pg_hba.conf entry for host "::1", user "a", database "b", SSL encryption',
            ["require", "disable"],
        ),
        ('FATAL:  password authentication failed for user "a"', ["require"]),
        ("SSL error: sslv3 alert handshake failure", ["require"]),
    ],
)
def test_preferred_goes_without_tls_only_where_the_server_offers_none(refusal: str, tried: list[str]) -> None:
    modes: list[str] = []

    def dial(mode: str) -> None:
        modes.append(mode)
        raise ConnectionError(refusal)

    with pytest.raises(UnderpassError):
        connect(make({"sslMode": "preferred"}), dial, ConnectionError, "PostgreSQL")
    assert modes == tried
