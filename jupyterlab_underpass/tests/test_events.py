"""Hints on the event bus: what they say, and what they do not say."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import secrets
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_events import EventLogger
from jupyter_server.auth import Authorizer
from tornado.httpclient import HTTPClientError

from jupyterlab_underpass.events import PAUSE, TOPICS, Hints
from tests.servers import PrivateNetwork

from .conftest import SSH_TUNNEL, Browser, end_service

SCHEMA_ID = "https://underpass.readthedocs.io/events/changed/v1"
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
#: What Jupyter adds to every event.
ADDED = {"__timestamp__", "__schema__", "__schema_version__", "__metadata_version__"}


async def next_hint(socket: Any, topic: str) -> dict[str, Any]:
    """The next hint about ``topic`` that a browser gets."""
    while True:
        event = json.loads(await asyncio.wait_for(socket.read_message(), 20))
        if event.get("schema_id") == SCHEMA_ID and event["topic"] == topic:
            return event


async def test_a_new_integration_is_hinted_at(browser: Browser, jp_ws_fetch: Any) -> None:
    socket = await jp_ws_fetch("api", "events", "subscribe")
    added = await browser.call("underpass/integrations/add", SSH_TUNNEL)
    hint = await next_hint(socket, "integrations")
    assert hint["id"] == added["id"]
    listed = await browser.call("underpass/integrations/list")
    assert 1 <= hint["revision"] <= listed["revision"]
    socket.close()


async def test_the_loss_of_the_service_is_hinted_at(
    browser: Browser, jp_ws_fetch: Any, monkeypatch: Any
) -> None:
    # However young it is.
    monkeypatch.setattr("jupyterlab_underpass.service.STABLE", 0)
    socket = await jp_ws_fetch("api", "events", "subscribe")
    await browser.call("underpass/integrations/list")
    end_service(signal.SIGKILL)
    for topic in TOPICS:
        hint = await next_hint(socket, topic)
        assert (hint["id"], hint["revision"]) == ("", 0)
    socket.close()


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateNetwork]:
    with PrivateNetwork(tmp_path_factory.mktemp("network"), ("bastion", "postgresql")) as network:
        yield network


async def test_nothing_but_hints_leaves_through_the_bus_in_a_story(
    browser: Browser, jp_ws_fetch: Any, network: PrivateNetwork
) -> None:
    """Added with a secret, asked about its host key, approved, connected, tested, refused, removed."""
    bastion, database = network.bastion.description, network.postgresql.description
    password = secrets.token_hex(12)
    socket = await jp_ws_fetch("api", "events", "subscribe")
    network.bastion.authorize((await browser.call("underpass/key/show"))["publicKey"])
    ssh = {"sshHost": bastion["host"], "sshPort": bastion["port"], "sshUser": bastion["user"]}
    fields = {"host": database["host"], "user": "nobody-of-that-name", "database": "shop"}
    params = {
        "type": "postgresql",
        "name": "Payroll of all",
        "fields": {**fields, "sshEnabled": True, **ssh},
        "secrets": {"password": password},
    }
    added = await browser.call("underpass/integrations/add", params)
    about = {"integration": added["id"]}
    testing = asyncio.create_task(browser.call("underpass/integrations/test", about))
    prompts = await until(browser, "underpass/prompts/list", lambda answer: answer["prompts"])
    approved = {name: prompts["prompts"][0][name] for name in ("host", "port", "fingerprint")}
    await browser.call("underpass/hostKeys/approve", approved)
    report = await testing
    assert report["stages"][-1]["failure"]["stage"] == "login"
    await browser.call("underpass/integrations/prewarm", {"integrations": [added["name"]], "retry": True})
    await until(
        browser,
        "underpass/integrations/list",
        lambda answer: answer["integrations"][0]["forward"]["state"]["kind"] == "up",
    )
    await browser.call("underpass/hostKeys/remove", {"host": bastion["host"], "port": bastion["port"]})
    wrong = {
        **params,
        "name": "Nobody listens",
        "fields": {**fields, "sshEnabled": True, **ssh, "sshPort": 1},
    }
    lost = await browser.call("underpass/integrations/add", wrong)
    await browser.call("underpass/integrations/test", {"integration": lost["id"]})
    for integration in (added, lost):
        await browser.call("underpass/integrations/disconnect", {"integration": integration["id"]})
        await browser.call("underpass/integrations/remove", {"integration": integration["id"]})
    events = await everything_on(socket)

    assert {event["topic"] for event in events} >= {"integrations", "forwards", "prompts", "hostKeys"}
    for event in events:
        assert set(event) - ADDED == {"schema_id", "topic", "id", "revision"}
        assert event["schema_id"] == SCHEMA_ID
        assert event["topic"] in TOPICS
        assert event["id"] == "" or UUID.fullmatch(event["id"]), event
        assert isinstance(event["revision"], int)
    said = json.dumps(events)
    for word in (password, "Payroll", bastion["host"], database["host"], approved["fingerprint"], "nobody"):
        assert word not in said


async def until(browser: Browser, method: str, wanted: Callable[[Any], Any]) -> Any:
    """The first answer that is as wanted."""
    deadline = time.monotonic() + 20
    while not wanted(answer := await browser.call(method)):
        assert time.monotonic() < deadline, answer
        await asyncio.sleep(0.05)
    return answer


async def everything_on(socket: Any) -> list[dict[str, Any]]:
    """What the bus has said so far."""
    events = []
    with contextlib.suppress(asyncio.TimeoutError):
        while True:
            # Longer than the last hint may be held back.
            message = await asyncio.wait_for(socket.read_message(), 10 * PAUSE)
            events.append(json.loads(message))
    socket.close()
    return events


class Bus:
    """An event logger of Jupyter's, and what was emitted on it."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str, int]] = []
        self.logger = EventLogger()
        self.hints = Hints(self.logger)
        self.logger.add_listener(schema_id=SCHEMA_ID, listener=self._listen)

    async def _listen(self, logger: EventLogger, schema_id: str, data: dict[str, Any]) -> None:
        self.heard.append((data["topic"], data["id"], data["revision"]))

    def change(self, topic: str, id_: Any, revision: Any = 1, **more: Any) -> None:
        params = {"topic": topic, "id": id_, "revision": revision, **more}
        self.hints.forward("underpass/changed", params)

    async def silence(self) -> None:
        """Wait until all that waits was said."""
        await asyncio.sleep(3 * PAUSE)


ONE, OTHER = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"


async def test_a_burst_becomes_a_first_hint_and_a_last_one() -> None:
    bus = Bus()
    for revision in range(1, 501):
        bus.change("forwards", ONE, revision)
    bus.change("integrations", OTHER, 7)
    await bus.silence()
    assert bus.heard == [("forwards", ONE, 1), ("integrations", OTHER, 7), ("forwards", ONE, 500)]


async def test_a_burst_about_several_things_is_about_none_of_them() -> None:
    bus = Bus()
    for revision, id_ in enumerate((ONE, OTHER, ONE, OTHER, ONE), start=1):
        bus.change("integrations", id_, revision)
    await bus.silence()
    bus.change("integrations", OTHER, 6)
    await bus.silence()
    assert bus.heard == [("integrations", ONE, 1), ("integrations", "", 5), ("integrations", OTHER, 6)]


async def test_an_id_that_says_something_is_left_out() -> None:
    bus = Bus()
    for topic, id_ in (("hostKeys", "db.internal"), ("prompts", "h:22 SHA256:x"), ("tests", None)):
        bus.change(topic, id_, fields={"host": "x"}, secrets={"password": "x"})
    await bus.silence()
    assert bus.heard == [("hostKeys", "", 1), ("prompts", "", 1), ("tests", "", 1)]


async def test_other_notifications_and_unknown_topics_stay_here() -> None:
    bus = Bus()
    bus.hints.forward("underpass/testStage", {"topic": "tests", "id": ONE, "revision": 1})
    bus.hints.forward("underpass/progress", {"request": "x", "message": "x"})
    bus.change("secrets", ONE)
    bus.change("integrations", ONE, "1")
    bus.change("forwards", ONE, -1)
    await bus.silence()
    assert bus.heard == []


async def test_a_failing_listener_does_not_stop_hints(browser: Browser, jp_serverapp: Any) -> None:
    async def failing(**_: Any) -> None:
        raise RuntimeError

    jp_serverapp.event_logger.add_listener(schema_id=SCHEMA_ID, listener=failing)
    await browser.call("underpass/integrations/add", SSH_TUNNEL)
    assert len((await browser.call("underpass/integrations/list"))["integrations"]) == 1


class NoEvents(Authorizer):
    """Somebody who may do all but listen to the bus."""

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        return resource != "events"


@pytest.mark.parametrize(
    "jp_server_config",
    [{"ServerApp": {"jpserver_extensions": {"jupyterlab_underpass": True}, "authorizer_class": NoEvents}}],
)
async def test_listening_needs_the_servers_right_to_listen(browser: Browser, jp_ws_fetch: Any) -> None:
    await browser.call("underpass/integrations/add", SSH_TUNNEL)
    with pytest.raises(HTTPClientError) as refusal:
        await jp_ws_fetch("api", "events", "subscribe")
    assert refusal.value.code == 403


def test_the_schema_allows_nothing_else() -> None:
    text = (Path(__file__).parents[1] / "events" / "changed.yaml").read_text()
    assert "additionalProperties: false" in text
    assert f"enum: [{', '.join(TOPICS)}]" in text
