"""What must hold for every route of the extension and every method that is relayed, whichever they are."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_server.auth import Authorizer
from tornado.web import RequestHandler

from jupyterlab_underpass.app import METHODS
from jupyterlab_underpass.relay import RIGHTS
from underpass.paths import find_paths

from .conftest import Browser, Page

METHOD_RIGHTS: dict[str, str] = json.loads(METHODS.read_text(encoding="utf-8"))
FOREIGN = "https://evil.example"
PROTOCOL = Path(__file__).parents[2] / "packages" / "protocol" / "lib" / "index.js"


def only(*rights: str) -> dict[str, Any]:
    """Configuration of a server whose users have these rights on integrations, and no others."""

    class Only(Authorizer):
        async def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
            return resource == "underpass:integrations" and action in rights

    server = {"jpserver_extensions": {"jupyterlab_underpass": True}, "authorizer_class": Only}
    return {"ServerApp": server}


def body(method: str) -> dict[str, Any]:
    return {"method": method, "params": {}, "path": ""}


async def statuses(page: Page, **headers: str) -> dict[str, int]:
    """HTTP status of each relayed method, sent by a page with these headers."""
    return {method: await page.status(body(method), **headers) for method in METHOD_RIGHTS}


def nothing_arrived() -> bool:
    """The first request that is relayed starts the service."""
    return not find_paths().socket.exists()


def protocol_methods() -> dict[str, str]:
    """Every method of the protocol with its access, those of this machine's own processes too."""
    script = f"""
        const {{ methods }} = await import({json.dumps(str(PROTOCOL))});
        const entries = Object.entries(methods).map(([name, {{ access }}]) => [name, access]);
        console.log(JSON.stringify(Object.fromEntries(entries)));
    """
    command = ["node", "--input-type=module", "--eval", script]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def test_a_method_is_relayed_exactly_if_its_access_is_a_right_of_browsers() -> None:
    declared = protocol_methods()
    assert {name: access for name, access in declared.items() if access in RIGHTS} == METHOD_RIGHTS
    assert set(declared.values()) == {*RIGHTS, "local"}


async def test_methods_of_this_machines_own_processes_do_not_exist_for_browsers(browser: Browser) -> None:
    local = [name for name, access in protocol_methods().items() if access == "local"]
    assert len(local) > 3
    for method in local:
        assert await browser.refused(body(method)) == 403, method
    assert nothing_arrived()


@pytest.mark.parametrize(
    "jp_server_config",
    [
        pytest.param(only(*rights), id="+".join(rights) or "none")
        for rights in (
            (),
            ("read",),
            ("write",),
            ("execute",),
            ("read", "execute"),
            ("execute", "write"),
            RIGHTS,
        )
    ],
)
async def test_each_method_needs_its_own_right(browser: Browser, asked: list[str], jp_serverapp: Any) -> None:
    authorizer = jp_serverapp.authorizer
    granted = [
        right
        for right in RIGHTS
        if await authorizer.is_authorized(None, None, right, "underpass:integrations")
    ]
    expected = {method: 200 if right in granted else 403 for method, right in METHOD_RIGHTS.items()}
    assert {method: await browser.status(body(method)) for method in METHOD_RIGHTS} == expected
    assert asked == [method for method, right in METHOD_RIGHTS.items() if right in granted]
    assert nothing_arrived() == (granted == [])


async def test_a_wrong_token_or_none_is_refused(page: Page) -> None:
    refused = dict.fromkeys(METHOD_RIGHTS, 403)
    assert await statuses(page) == refused
    assert await statuses(page, Authorization="token wrong") == refused
    assert await statuses(page, Authorization="token ") == refused
    assert await statuses(page, Cookie="username-localhost=forged") == refused
    assert nothing_arrived()


async def test_a_cookie_without_the_header_against_forgery_is_refused(page: Page) -> None:
    await page.log_in()
    assert await statuses(page) == dict.fromkeys(METHOD_RIGHTS, 403)
    assert await statuses(page, **{"X-XSRFToken": "wrong"}) == dict.fromkeys(METHOD_RIGHTS, 403)
    assert nothing_arrived()


async def test_a_page_of_another_origin_is_refused(page: Page) -> None:
    await page.log_in()
    both = {"X-XSRFToken": page.xsrf, "Origin": FOREIGN}
    assert await statuses(page, **both) == dict.fromkeys(METHOD_RIGHTS, 404)
    assert await statuses(page, Origin=FOREIGN) == dict.fromkeys(METHOD_RIGHTS, 404)
    assert nothing_arrived()
    assert await page.status(body("underpass/types/list"), **{"X-XSRFToken": page.xsrf}) == 200


@pytest.mark.parametrize(
    "type_", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
async def test_what_a_form_can_send_is_refused_whatever_else_it_has(page: Page, type_: str) -> None:
    await page.log_in()
    sent = {"X-XSRFToken": page.xsrf, "Content-Type": type_}
    assert await statuses(page, **sent) == dict.fromkeys(METHOD_RIGHTS, 415)
    assert nothing_arrived()


async def test_no_answer_is_for_other_origins(page: Page) -> None:
    await page.log_in()
    for method in ("POST", "OPTIONS", "GET"):
        for headers in ({}, {"Origin": FOREIGN}, {"X-XSRFToken": page.xsrf}):
            answer = await page.send(
                method, json.dumps(body("underpass/types/list")) if method == "POST" else None, **headers
            )
            assert "Access-Control-Allow-Origin" not in answer.headers, (method, headers)
            assert "Access-Control-Allow-Credentials" not in answer.headers


async def test_other_verbs_do_nothing(page: Page, asked: list[str]) -> None:
    text = json.dumps(body("underpass/types/list"))
    verbs = {"GET": None, "HEAD": None, "DELETE": None, "PUT": text, "PATCH": text}
    for verb, sent in verbs.items():
        assert (await page.send(verb, sent)).code in (403, 405), verb
    await page.log_in()
    for verb, sent in verbs.items():
        assert (await page.send(verb, sent, **{"X-XSRFToken": page.xsrf})).code == 405, verb
    options = await page.send("OPTIONS", None)
    assert not options.body
    assert asked == []
    assert nothing_arrived()


def routes(server: Any) -> list[tuple[str, type[RequestHandler], Any]]:
    """Path below the base URL, handler and matcher of each route that is made of the extension's own code."""
    base = server.web_app.settings["base_url"]
    found = []
    for rule in rules(server.web_app.default_router):
        if rule.target.__module__.startswith("jupyterlab_underpass."):
            path = re.sub(r"\\(.)", r"\1", rule.matcher.regex.pattern.removesuffix("$"))
            assert "(" not in path, f"{path} takes arguments: give this test some"
            found.append((path.removeprefix(base), rule.target, rule.matcher))
    assert "underpass/rpc" in [path for path, _, _ in found]
    return found


def rules(router: Any) -> Iterator[Any]:
    """Those that lead to a handler."""
    for rule in router.rules:
        if isinstance(rule.target, type):
            yield rule
        elif hasattr(rule.target, "rules"):
            yield from rules(rule.target)


@pytest.mark.parametrize(
    "jp_server_config",
    [
        {
            "ServerApp": {
                "jpserver_extensions": {"jupyterlab_underpass": True},
                "allow_unauthenticated_access": False,
                # Theirs do not pass it.
                "terminals_enabled": False,
            }
        }
    ],
)
async def test_every_route_passes_the_servers_own_check_for_authentication(
    jp_serverapp: Any, page: Page
) -> None:
    for path, handler, matcher in routes(jp_serverapp):
        assert jp_serverapp.web_app._check_handler_auth(matcher, handler) == []
        for verb in set(handler.SUPPORTED_METHODS) - {"OPTIONS"}:
            sent = "{}" if verb in ("POST", "PUT", "PATCH") else None
            assert (await page.send(verb, sent, path=path)).code == 403, (verb, path)
    assert nothing_arrived()


@pytest.mark.parametrize("jp_server_config", [only()])
async def test_every_route_refuses_those_without_a_right(jp_serverapp: Any, page: Page) -> None:
    await page.log_in()
    for path, handler, _ in routes(jp_serverapp):
        for verb in set(handler.SUPPORTED_METHODS) - {"OPTIONS"}:
            implemented = getattr(handler, verb.lower()) is not RequestHandler._unimplemented_method
            sent = json.dumps(body("underpass/types/list")) if verb in ("POST", "PUT", "PATCH") else None
            answer = await page.send(verb, sent, path=path, **{"X-XSRFToken": page.xsrf})
            assert answer.code == (403 if implemented else 405), (verb, path)
    assert nothing_arrived()


@pytest.mark.parametrize("jp_base_url", ["/", "/user/ana%20b/lab/"])
async def test_the_route_lies_below_the_base_url_as_on_a_hub(
    browser: Browser, page: Page, jp_base_url: str
) -> None:
    assert (await browser.call("underpass/types/list"))["types"]
    if jp_base_url != "/":
        elsewhere = await page.send("POST", "{}", path="/underpass/rpc")
        assert elsewhere.code in (403, 404)
