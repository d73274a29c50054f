"""Replica sets of MongoDB behind the bastion: every member through a forward, each under its own name."""

from __future__ import annotations

import os
import sys
import threading
import time

import pytest

from tests.person import Person, behind, fields_of
from tests.servers import PrivateNetwork
from tests.servers.databases.mongodb import (
    HEADLESS_PORT,
    MEMBERS,
    NAME,
    NAMED,
    NAMED_PORT,
    SET,
    SET_PORT,
    STRAY,
    STRAY_NAME,
    STRAY_PORT,
    MongoDB,
)
from tests.systems.conftest import Connect
from underpass.connectors.base import Connector, Rows
from underpass.connectors.mongodb import MongoDB as MongoDBConnector
from underpass.failure import UnderpassError

SYSTEM = "mongodb"
SEEDS = f"mongodb://{','.join(f'{host}:{SET_PORT}' for host in MEMBERS[1:])}"


def rows(connector: Connector, cell: str = "db.one.find()") -> list[dict[str, object]]:
    answer = connector.run(cell, ())
    assert isinstance(answer, Rows)
    return answer.take().to_pylist()


def forwards(person: Person, port: int) -> set[str]:
    """Hosts of the forwards that lead to a port, as the service shows them."""
    return {each["remoteHost"] for each in person.request("status")["forwards"] if each["remotePort"] == port}


def test_every_member_is_found_from_one_and_forwarded(connect: Connect, person: Person) -> None:
    connector = connect(port=SET_PORT, replicaSet=SET)
    assert rows(connector) == [{"_id": 1}]
    assert forwards(person, SET_PORT) == set(MEMBERS)


def test_reading_from_secondaries_goes_to_one_and_is_stopped_there(
    connect: Connect, database: MongoDB
) -> None:
    connector = connect(port=SET_PORT, replicaSet=SET, options={"readPreference": "secondary"})
    failures: list[str] = []

    def work() -> None:
        try:
            connector.run(database.slow("on a secondary"), ())
        except UnderpassError as error:
            failures.append(error.failure["code"])

    thread = threading.Thread(target=work)
    thread.start()
    deadline = time.monotonic() + 20
    while not (members := database.members_running("on a secondary")):
        assert time.monotonic() < deadline
    assert set(members) <= {f"{host}:{SET_PORT}" for host in MEMBERS[1:]}
    before = time.monotonic()
    connector.cancel()
    thread.join(5)
    assert time.monotonic() - before < 1
    assert not database.running("on a secondary")
    assert failures == ["cancelled"]


def test_a_connection_string_names_several_members(connect: Connect, database: MongoDB) -> None:
    login = database.login(SET_PORT)
    user, password = login.fields["user"], login.secrets["password"]
    text = SEEDS.replace("//", f"//{user}:{password}@") + f"/shop?authSource=admin&replicaSet={SET}"
    connector = connect(host="", user="", connectionString=text, secrets={"password": ""})
    assert rows(connector) == [{"_id": 1}]


def test_a_name_in_the_dns_of_the_private_network_leads_to_its_members(
    connect: Connect, person: Person, database: MongoDB
) -> None:
    connector = connect(host="", connectionString=f"mongodb+srv://{NAME}", dnsServer=database.names)
    assert rows(connector) == [{"_id": 1}]
    assert forwards(person, NAMED_PORT) == set(NAMED)


def test_names_of_another_domain_are_refused(connect: Connect, database: MongoDB) -> None:
    with pytest.raises(UnderpassError) as caught:
        connect(host="", connectionString=f"mongodb+srv://{STRAY_NAME}", dnsServer=database.names)
    assert caught.value.failure["code"] == "forward-refused"
    assert "mongodb.internal" in caught.value.failure["message"]


def test_how_many_members_of_a_name_are_asked_must_be_a_number(connect: Connect, database: MongoDB) -> None:
    seeds = {"host": "", "connectionString": f"mongodb+srv://{NAME}", "dnsServer": database.names}
    with pytest.raises(UnderpassError) as caught:
        connect(**seeds, options={"srvMaxHosts": "two"})
    assert caught.value.failure["code"] == "invalid-field"
    assert rows(connect(**seeds, options={"srvMaxHosts": "2"})) == [{"_id": 1}]


def test_closed_connections_leave_no_thread_behind(connect: Connect) -> None:
    def monitors() -> set[threading.Thread]:
        return {thread for thread in threading.enumerate() if "pymongo" in thread.name}

    # Those of other tests may be ending just now.
    others = monitors()
    connector = connect(port=SET_PORT, replicaSet=SET)
    own = monitors() - others
    assert own
    connector.close()
    for thread in own:
        thread.join(5)
    assert not own & monitors()


def test_a_name_that_the_dns_does_not_know_is_told(connect: Connect, database: MongoDB) -> None:
    with pytest.raises(UnderpassError) as caught:
        connect(host="", connectionString="mongodb+srv://none.mongodb.internal", dnsServer=database.names)
    assert (caught.value.failure["code"], caught.value.failure["stage"]) == ("name-not-found", "resolve")


@pytest.mark.parametrize("mode", ["preferred", "required", "strict"])
def test_each_member_is_checked_under_its_own_name(mode: str, connect: Connect) -> None:
    connector = connect(port=SET_PORT, replicaSet=SET, mode=mode, options={"readPreference": "secondary"})
    assert rows(connector) == [{"_id": 1}]


def test_a_set_without_a_primary_can_be_read_but_says_what_is_missing(connect: Connect) -> None:
    fields = {"host": MEMBERS[1], "port": HEADLESS_PORT, "replicaSet": SET}
    connector = connect(**fields, options={"readPreference": "secondaryPreferred"})
    assert rows(connector) == [{"_id": 1}]
    with pytest.raises(UnderpassError) as caught:
        connect(**fields, options={"serverSelectionTimeoutMS": "2000"})
    message = caught.value.failure["message"]
    assert caught.value.failure["code"] == "connection-timed-out"
    assert f"{MEMBERS[0]}:{HEADLESS_PORT} not reached" in message
    assert f"{MEMBERS[1]}:{HEADLESS_PORT} RSSecondary" in message


def test_a_member_that_the_bastion_can_not_reach_is_not_dialled_in_another_way(
    connect: Connect, network: PrivateNetwork, person: Person
) -> None:
    connector = connect(port=STRAY_PORT, replicaSet=SET)
    assert rows(connector) == [{"_id": 1}]
    assert STRAY in forwards(person, STRAY_PORT)
    options = {"readPreference": "secondary", "serverSelectionTimeoutMS": "2000"}
    with pytest.raises(UnderpassError) as caught:
        connect(port=STRAY_PORT, replicaSet=SET, options=options)
    assert f"{STRAY}:{STRAY_PORT} not reached" in caught.value.failure["message"]


def test_another_name_of_the_set_is_told(connect: Connect) -> None:
    with pytest.raises(UnderpassError) as caught:
        connect(port=SET_PORT, replicaSet="other", options={"serverSelectionTimeoutMS": "2000"})
    assert caught.value.failure["code"] == "connection-timed-out"


@pytest.mark.parametrize("fields", [{"host": MEMBERS[2]}, {"connectionString": f"mongodb+srv://{NAME}"}])
def test_the_test_of_a_connection_passes(
    fields: dict[str, str], network: PrivateNetwork, person: Person, database: MongoDB
) -> None:
    values = {"port": SET_PORT, "dnsServer": database.names, **behind(network), **fields}
    person.add("mongodb", "Tested", values)
    try:
        python = {"program": sys.executable, "path": os.environ.get("PYTHONPATH", "")}
        report = person.request("integrations/test", integration="Tested", python=python)
        assert report["ok"], report
        assert report["stages"][-1]["stage"] == "query"
    finally:
        person.remove("Tested")


def test_closing_does_not_look_for_a_server_that_is_gone(
    network: PrivateNetwork, person: Person, database: MongoDB
) -> None:
    fields, secrets = fields_of(database, network, "offered", mode="strict")
    person.add("mongodb", "Gone", fields, secrets)
    connector = MongoDBConnector.open(person.ensure("Gone"))
    rows(connector)
    person.remove("Gone")
    assert not connector.ping()
    before = time.monotonic()
    connector.close()
    assert time.monotonic() - before < 3
