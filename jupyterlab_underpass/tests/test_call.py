"""Bodies that want to be read in two ways, or to stop whoever reads them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .conftest import DATABASE, SSH_TUNNEL, Browser

STATUS = {"method": "underpass/status", "params": {}, "path": ""}
#: What every JavaScript object has, and what makes it another one.
PROTOTYPE_NAMES = ("__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "valueOf")


def with_params(text: str) -> str:
    return f'{{"method": "underpass/integrations/list", "params": {text}, "path": ""}}'


@pytest.mark.parametrize(
    "body",
    [
        '{"method": "underpass/status", "method": "underpass/ensure", "params": {}, "path": ""}',
        '{"method": "underpass/ensure", "params": {}, "path": "", "method": "underpass/status"}',
        with_params('{"folder": "/a", "folder": "/etc"}'),
        with_params('{"a": [{"b": 1, "b": 2}]}'),
        with_params('{"a": NaN}'),
        with_params('{"a": -Infinity}'),
        with_params('{"a": 1e999}'),
        with_params(f'{{"a": {"9" * 5000}}}'),
        with_params('{"a": "\\ud800"}'),
        with_params('{"\\udfff": 1}'),
        with_params("[" * 100_000 + "]" * 100_000),
        with_params("{") + "[" * 200_000,
        json.dumps({**STATUS, "method": ["underpass/status"]}),
        json.dumps({**STATUS, "method": {"toString": "underpass/status"}}),
        json.dumps({**STATUS, "method": None}),
        json.dumps({**STATUS, "params": None}),
        json.dumps({**STATUS, "path": ["a"]}),
        json.dumps([STATUS, STATUS]),
        "\ufeff" + json.dumps(STATUS),
        json.dumps(STATUS) * 2,
        "",
    ],
    ids=lambda body: body[:60],
)
async def test_what_has_two_readings_or_none_is_refused(
    browser: Browser, asked: list[str], body: str
) -> None:
    assert await browser.refused(body) == 400
    assert asked == []


async def test_bytes_that_are_not_utf_8_are_refused(browser: Browser, asked: list[str]) -> None:
    for encoding in ("utf-16", "utf-32-be"):
        assert await browser.refused(json.dumps(STATUS).encode(encoding)) == 400
    assert await browser.refused(with_params('{"a": "é"}').encode("latin-1")) == 400
    assert asked == []


async def test_a_method_is_known_by_its_exact_name_alone(browser: Browser, asked: list[str]) -> None:
    names = (
        *PROTOTYPE_NAMES,
        "underpass/Status",
        "underpass/status ",
        "underpass/status\0",
        "underpass//status",
        "/underpass/status",
        "underpass/./status",
        "underpass/\u0455tatus",  # Cyrillic
        "\uff55nderpass/status",
        "underpass/status\u200b",
        "$/cancelRequest",
        "exit",
        "",
    )
    for name in names:
        assert await browser.refused({**STATUS, "method": name}) == 403, name
    assert asked == []


async def test_the_browser_chooses_neither_a_folder_nor_an_interpreter(
    browser: Browser, jp_serverapp: Any, monkeypatch: pytest.MonkeyPatch, jp_root_dir: Any
) -> None:
    (extension,) = jp_serverapp.extension_manager.extension_apps["jupyterlab_underpass"]
    request, relayed = extension.service.request, []

    async def noting(method: str, params: dict[str, Any], **kwargs: Any) -> Any:
        relayed.append(params)
        return await request(method, params, **kwargs)

    monkeypatch.setattr(extension.service, "request", noting)
    chosen = {"folder": "/etc", "python": "/tmp/evil", "integration": "x", "more": 1}
    for method in ("underpass/integrations/list", "underpass/integrations/test"):
        await browser.post({"method": method, "params": chosen, "path": ""})
    assert len(relayed) == 2
    for params in relayed:
        assert params["folder"] == str(jp_root_dir)
        assert params.get("python") != "/tmp/evil"
        assert (params["integration"], params["more"]) == ("x", 1)


async def test_names_of_javascripts_own_are_names_like_others(browser: Browser) -> None:
    before = await browser.call("underpass/status")
    # As text: Python has no trouble with these names.
    for name in PROTOTYPE_NAMES:
        own = {name: {"host": "evil", "sshEnabled": True}}
        for params in (
            own,
            {**DATABASE, "fields": own},
            {**DATABASE, "fields": {**DATABASE["fields"], **own}},
            {**DATABASE, "fields": {**DATABASE["fields"], "options": own}},
            {**DATABASE, "fields": {**DATABASE["fields"], "options": {name: "x"}}},
            {**DATABASE, "secrets": {name: "evil"}},
            {**DATABASE, "secrets": own},
            {**DATABASE, "type": name},
            {**SSH_TUNNEL, "type": name, "name": name},
        ):
            answer = await browser.post(
                {"method": "underpass/integrations/add", "params": params, "path": ""}
            )
            if "result" in answer:
                # Options may have any name; elsewhere "__proto__" is left out, and others are refused.
                assert name == "__proto__" or "options" in params["fields"], params
                assert answer["result"]["fields"].get("host") == "db.internal"
                assert answer["result"]["fields"].get("sshEnabled") is not True
                assert answer["result"]["secretsSet"] in ([], ["password"])
                await browser.call("underpass/integrations/remove", {"integration": answer["result"]["id"]})
            else:
                assert answer["failure"]["code"] != "internal", (name, params, answer)
        for method in ("get", "howToUse", "connect", "test", "remove"):
            body = {"method": f"underpass/integrations/{method}", "params": {"integration": name}, "path": ""}
            assert (await browser.post(body))["failure"]["code"] == "unknown-integration"
    for name in PROTOTYPE_NAMES:
        # As the name of an integration, it is one.
        added = await browser.call(
            "underpass/integrations/add", {**SSH_TUNNEL, "name": name}, f"{name}.ipynb"
        )
        assert added["name"] == name
    added = await browser.call("underpass/integrations/add", DATABASE)
    assert added["fields"]["host"] == "db.internal"
    assert added["fields"].get("sshEnabled") is not True
    assert (await browser.call("underpass/status"))["pid"] == before["pid"]
