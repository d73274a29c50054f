"""What a browser sent as a secret comes back in no answer and in no log, whatever is wrong with it."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Iterator
from typing import Any

import pytest

from underpass.paths import find_paths

from .conftest import Browser


class Words:
    """Secrets that were sent, none like another."""

    def __init__(self) -> None:
        self.used: list[str] = []

    def new(self) -> str:
        self.used.append(f"s3cret-{secrets.token_hex(12)}")
        return self.used[-1]

    def found_in(self, text: str) -> list[str]:
        return [word for word in self.used if word in text]


@pytest.fixture
def words() -> Words:
    return Words()


@pytest.fixture(autouse=True)
def nothing_is_logged(words: Words, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """By the server with everything it can say, nor by the service."""
    caplog.set_level(logging.DEBUG)
    yield
    assert words.used
    said = "\n".join(record.getMessage() + str(record.exc_text) for record in caplog.get_records("call"))
    assert "underpass/rpc" in said
    assert words.found_in(said) == []
    log = find_paths().log
    assert words.found_in(log.read_text() if log.exists() else "") == []


def forms_of(word: str) -> list[Any]:
    """A secret as it is typed, and as what it should not be."""
    return [
        word,
        f"-----BEGIN PRIVATE KEY-----\n{word}\n-----END PRIVATE KEY-----",
        f'{{"type": "service_account", "private_key": "{word}"}}',
        f'{{"type": "service_account", "private_key": {word}',
        f"{word}\0",
        {"value": word},
        [word],
    ]


def sample(schema: dict[str, Any]) -> dict[str, Any]:
    """Values for the fields of a type."""
    of_type = {"integer": 1234, "boolean": True, "object": {"name": "value"}}
    return {
        field: wanted["enum"][0] if "enum" in wanted else of_type.get(wanted.get("type", ""), "db.internal")
        for field, wanted in schema["properties"].items()
        if not wanted.get("writeOnly") and "ertificate" not in field
    }


async def test_no_type_of_integration_tells_what_its_secrets_were(browser: Browser, words: Words) -> None:
    types = (await browser.call("underpass/types/list"))["types"]
    assert len(types) > 10
    outcomes = set()
    for type_ in types:
        fields = sample(type_["schema"])
        for name in type_["secrets"]:
            for value in forms_of(words.new()):
                params = {"type": type_["id"], "name": "Mine", "fields": fields, "secrets": {name: value}}
                answer = await browser.post(
                    {"method": "underpass/integrations/add", "params": params, "path": ""}
                )
                outcomes.add(answer.get("failure", {}).get("code", "result"))
                said = [json.dumps(answer)]
                for method in ("testDraft", "update"):
                    about = {**params, "integration": "Mine"}
                    body = {"method": f"underpass/integrations/{method}", "params": about, "path": ""}
                    said.append(await browser.send(json.dumps(body)))
                if "result" in answer:
                    added = {"integration": answer["result"]["id"]}
                    await browser.call("underpass/integrations/remove", added)
                assert words.found_in("".join(said)) == []
                # A secret in the wrong place is none the less one.
                misplaced = {**params, "fields": {**fields, name: value}, "secrets": {}}
                answer = await browser.post(
                    {"method": "underpass/integrations/add", "params": misplaced, "path": ""}
                )
                assert words.found_in(json.dumps(answer)) == []
    assert {"result", "invalid-field", "invalid-request"} <= outcomes


async def test_a_connection_url_that_is_refused_is_not_repeated(browser: Browser, words: Words) -> None:
    types = {type_["id"] for type_ in (await browser.call("underpass/types/list"))["types"]}
    schemes = {*types, "postgres", "mongodb+srv", "jdbc:sqlserver", "mssql", "jdbc:postgresql", "nonsense"}
    refused = 0
    for scheme in sorted(schemes):
        for url in (
            "{scheme}://me:{word}@host:port/db",
            "{scheme}://me:{word}@[::1/db",
            "{scheme}://me:{word}@/db",
            "{scheme}://me:{word}%zz@host/db",
            "{scheme}//me:{word}@host/db",
            "{scheme}://host;user=me;password={word};port=x;encrypt=maybe",
            "{scheme}://host/db?password={word}&sslmode=nonsense&port=x",
            "{scheme}://host/db?sslkey={word}&sslpassword={word}&credentials={word}",
        ):
            text = url.format(scheme=scheme, word=words.new())
            answer = await browser.post(
                {"method": "underpass/integrations/parseUrl", "params": {"url": text}, "path": ""}
            )
            if "failure" in answer:
                refused += 1
                assert words.found_in(json.dumps(answer)) == [], text
            else:
                # What was understood is for the form; what was not is not repeated among the remarks.
                assert words.found_in(json.dumps(answer["result"]["remarks"])) == [], text
    assert refused > 20


async def test_a_request_with_a_secret_instead_of_an_object_is_refused_without_it(
    browser: Browser, words: Words
) -> None:
    for shape in ("params", "secrets", "fields", "url"):
        word = words.new()
        params: Any = word if shape == "params" else {"type": "postgresql", "name": "x", shape: [word]}
        for method in ("add", "update", "parseUrl", "testDraft"):
            text = json.dumps({"method": f"underpass/integrations/{method}", "params": params, "path": ""})
            answer = await browser.send(text)
            assert words.found_in(answer) == [], (shape, method)
        for broken in (text[:-1], text[:-1] + ",}", text.replace('"', "'")):
            assert words.found_in(await browser.send(broken)) == []
