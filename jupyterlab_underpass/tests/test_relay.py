"""Who may send what through ``POST underpass/rpc``, and what comes back."""

from __future__ import annotations

import json
import logging
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest
from jupyter_server.auth import Authorizer
from tornado.httpclient import HTTPClientError

from .conftest import DATABASE, SSH_TUNNEL, Browser

LIST = {"method": "underpass/integrations/list", "params": {}, "path": ""}
ADD = {"method": "underpass/integrations/add", "params": SSH_TUNNEL, "path": ""}
CONNECT = {"method": "underpass/integrations/connect", "params": {"integration": "x"}, "path": ""}


class ReadOnly(Authorizer):
    """Somebody who may look at integrations, and nothing else. Asynchronous, as an authorizer may be."""

    async def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        return (action, resource) == ("read", "underpass:integrations")


async def test_an_integration_is_added_and_listed(browser: Browser, jp_root_dir: Path) -> None:
    added = await browser.call("underpass/integrations/add", SSH_TUNNEL)
    listed = await browser.call("underpass/integrations/list")
    assert listed["project"] == str(jp_root_dir)
    assert [integration["id"] for integration in listed["integrations"]] == [added["id"]]
    assert listed["integrations"][0]["environmentPrefix"] == "MY_SSH_TUNNEL"


async def test_a_failure_of_the_service_is_an_answer(browser: Browser) -> None:
    await browser.call("underpass/integrations/add", SSH_TUNNEL)
    answer = await browser.post(ADD)
    assert answer["failure"]["code"] == "duplicate-name"
    assert {"stage", "message", "fix"} <= answer["failure"].keys()


async def test_a_request_without_a_token_is_refused(browser: Browser, jp_serverapp: Any) -> None:
    assert await browser.refused(LIST, headers={"Authorization": "token wrong"}) == 403


async def test_a_cookie_alone_is_refused(
    browser: Browser, jp_serverapp: Any, http_server_client: Any, jp_base_url: str
) -> None:
    """What a page of another origin could make the browser send."""
    token = jp_serverapp.identity_provider.token
    cookies: SimpleCookie = SimpleCookie()
    for page in ("login", f"login?token={token}"):
        options = {"follow_redirects": False, "raise_error": False}
        answer = await http_server_client.fetch(f"{jp_base_url}{page}", **options)
        for header in answer.headers.get_list("Set-Cookie"):
            cookies.load(header)
    cookie = "; ".join(f"{name}={morsel.coded_value}" for name, morsel in cookies.items())
    own = {"Cookie": cookie, "Authorization": ""}
    assert await browser.refused(LIST, headers=own) == 403
    with_xsrf = {**own, "X-XSRFToken": cookies["_xsrf"].value}
    assert "result" in await browser.post(LIST, headers=with_xsrf)


@pytest.mark.parametrize(
    "jp_server_config",
    [
        {
            "ServerApp": {
                "jpserver_extensions": {"jupyterlab_underpass": True},
                "authorizer_class": ReadOnly,
            }
        }
    ],
)
async def test_a_user_who_may_only_read_can_not_write_or_execute(browser: Browser) -> None:
    assert await browser.refused(ADD) == 403
    assert await browser.refused(CONNECT) == 403
    assert (await browser.call("underpass/integrations/list"))["integrations"] == []


@pytest.mark.parametrize(
    "method",
    ["underpass/ensure", "underpass/environment", "underpass/hold", "underpass/initialize", "shutdown", ""],
)
async def test_a_method_that_is_not_for_browsers_is_refused(browser: Browser, method: str) -> None:
    assert await browser.refused({"method": method, "params": {"integration": "x"}, "path": ""}) == 403


@pytest.mark.parametrize(
    "path", ["../x.ipynb", "a/../../x.ipynb", "..", "/../x.ipynb", "../root_dir2/x.ipynb", "\0"]
)
async def test_a_path_out_of_the_root_folder_is_refused(browser: Browser, path: str) -> None:
    assert await browser.refused({**LIST, "path": path}) == 403


@pytest.mark.parametrize(
    "body",
    ["{", "[]", "null", '{"method": 1}', '{"method": "underpass/status", "params": []}', '{"params": {}}'],
)
async def test_a_malformed_body_is_refused(browser: Browser, body: str) -> None:
    assert await browser.refused(body) == 400


async def test_the_folder_is_that_of_the_notebook_whatever_the_browser_says(
    browser: Browser, jp_root_dir: Path
) -> None:
    (jp_root_dir / "team").mkdir()
    for path, folder in {"team/a.ipynb": "team", "/team/a.ipynb": "team", "gone/a.ipynb": "", "": ""}.items():
        listed = await browser.call("underpass/integrations/list", {"folder": "/etc"}, path)
        assert listed["project"] == str(jp_root_dir / folder)


async def test_a_browser_forgets_the_project_that_it_names_and_not_its_own(
    browser: Browser, jp_root_dir: Path
) -> None:
    gone = jp_root_dir / "gone"
    gone.mkdir()
    await browser.call("underpass/integrations/add", {**SSH_TUNNEL, "name": "Other"}, "gone/a.ipynb")
    await browser.call("underpass/integrations/add", SSH_TUNNEL)
    gone.rmdir()
    await browser.call("underpass/projects/forget", {"project": str(gone)})
    projects = (await browser.call("underpass/projects/list"))["projects"]
    assert [project["folder"] for project in projects] == [str(jp_root_dir)]


async def test_a_project_that_the_server_was_given_counts_for_all_notebooks(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNDERPASS_PROJECT", str(tmp_path))
    assert (await browser.call("underpass/integrations/list"))["project"] == str(tmp_path)
    assert await browser.refused({**LIST, "path": "../x.ipynb"}) == 403


async def test_no_secret_is_answered_or_logged(browser: Browser, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    added = await browser.call("underpass/integrations/add", DATABASE)
    assert added["secretsSet"] == ["password"]
    listed = await browser.call("underpass/integrations/list")
    again = await browser.post({"method": "underpass/integrations/add", "params": DATABASE, "path": ""})
    whole = json.dumps({"method": "underpass/integrations/add", "params": DATABASE, "path": ""})
    with pytest.raises(HTTPClientError) as refusal:
        await browser.post(whole[:-1])
    assert refusal.value.response is not None
    answers = [json.dumps([added, listed, again]), refusal.value.response.body.decode()]
    assert "underpass/rpc" in caplog.text
    for text in (*answers, caplog.text):
        assert "correct horse" not in text
