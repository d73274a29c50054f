"""Real kernels that run while integrations come, change and go."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any

import pytest

from .conftest import SSH_TUNNEL, Browser, end_service
from .kernels import PORT, Kernels, Notebook, add_kernelspec, asked

#: Blocks until somebody answers, as a long cell does.
WAITING_CELL = "answer = input()"


@pytest.fixture
def kernels(jp_serverapp: Any, jp_fetch: Any) -> Kernels:
    return Kernels(jp_serverapp, jp_fetch)


async def connect_tunnel(browser: Browser, path: str = "") -> str:
    """Add the integration; gives its local port."""
    return str((await browser.call("underpass/integrations/add", SSH_TUNNEL, path))["forward"]["localPort"])


async def port_of(notebook: Notebook) -> str | None:
    return await notebook.ask(f"__import__('os').environ.get({PORT!r})")


def requests_of_others(messages: list[dict[str, Any]], notebook: Notebook) -> list[str]:
    """What the kernel published about requests that are not this notebook's."""
    mine = notebook.client.session.session
    return [
        message["content"].get("execution_state", message["msg_type"])
        for message in messages
        if message["parent_header"].get("session", mine) != mine
    ]


async def test_a_variable_comes_and_goes_with_its_integration(browser: Browser, kernels: Kernels) -> None:
    kernel = await kernels.start()
    assert await kernels.variable(kernel) is None
    added = await browser.call("underpass/integrations/add", SSH_TUNNEL)
    assert await kernels.variable(kernel) == str(added["forward"]["localPort"])
    assert await kernels.variable(kernel, "MY_SSH_TUNNEL_REMOTE_HOST") == "db.internal"

    await browser.call("underpass/integrations/disconnect", {"integration": added["id"]})
    assert await kernels.variable(kernel) is None
    connected = await browser.call("underpass/integrations/connect", {"integration": added["id"]})
    assert await kernels.variable(kernel) == str(connected["forward"]["localPort"])
    await browser.call("underpass/integrations/remove", {"integration": added["id"]})
    assert await kernels.variable(kernel) is None


async def test_a_renamed_integration_gives_its_new_variables_and_takes_the_former(
    browser: Browser, kernels: Kernels
) -> None:
    added = await browser.call("underpass/integrations/add", SSH_TUNNEL)
    kernel = await kernels.start()
    await browser.call("underpass/integrations/update", {"integration": added["id"], "name": "Other"})
    assert await kernels.variable(kernel, "OTHER_LOCAL_PORT") == str(added["forward"]["localPort"])
    assert await kernels.variable(kernel) is None


async def test_nobody_sees_that_a_kernel_was_told(browser: Browser, kernels: Kernels) -> None:
    kernel = await kernels.start()
    async with kernels.notebook(kernel) as notebook:
        await notebook.run("1 / 0")
        await notebook.run("6 * 7")
        look = (
            "(_, In, dict(Out), get_ipython().execution_count, str(__import__('sys').last_value),"
            " sorted(globals()), 'underpass' in __import__('sys').modules,"
            " [*get_ipython().history_manager.get_range()])"
        )
        before = await notebook.ask(look)
        notebook.published.clear()
        port = await connect_tunnel(browser)
        await kernels.settled()
        seen = await notebook.seen()
        assert requests_of_others(seen, notebook) == ["busy", "idle"]
        assert await notebook.ask(look) == before
        assert await port_of(notebook) == port
        # The next cell has the next number.
        await notebook.run("pass")
        assert await notebook.ask("get_ipython().execution_count") == before[3] + 1


async def test_a_name_that_would_give_the_same_variables_is_refused_when_it_is_saved(
    browser: Browser,
) -> None:
    await browser.call("underpass/integrations/add", SSH_TUNNEL)
    other = await browser.call("underpass/integrations/add", {**SSH_TUNNEL, "name": "Other"})
    rename = {"integration": other["id"], "name": "my ssh-tunnel"}
    for method, params in (
        ("underpass/integrations/add", {**SSH_TUNNEL, "name": "MY-SSH-TUNNEL"}),
        ("underpass/integrations/update", rename),
    ):
        answer = await browser.post({"method": method, "params": params, "path": ""})
        assert answer["failure"]["code"] == "duplicate-name"
        assert answer["failure"]["detail"]["field"] == "name"


async def test_only_differences_are_told(browser: Browser, kernels: Kernels) -> None:
    await connect_tunnel(browser)
    kernel = await kernels.start()
    async with kernels.notebook(kernel) as notebook:
        await kernels.settled()
        await notebook.seen()
        notebook.published.clear()
        kernels.environment.current.ask_soon()
        await kernels.settled()
        assert requests_of_others(await notebook.seen(), notebook) == []


async def test_a_running_cell_goes_on_and_the_next_one_has_the_variable(
    browser: Browser, kernels: Kernels
) -> None:
    """Also a cell that asks for input: no request of ours may change how it does."""
    kernel = await kernels.start()
    async with kernels.notebook(kernel) as notebook:
        first = notebook.start(
            f"import os\n{WAITING_CELL}\nagain = input()\nprint(answer, again, os.environ.get({PORT!r}))"
        )
        await notebook.asked_for_input()
        port = await connect_tunnel(browser)
        await asked(kernels)
        second = notebook.start(f"print(os.environ.get({PORT!r}))")
        notebook.client.input("yes")
        await notebook.asked_for_input()
        notebook.client.input("no")
        assert (await notebook.finish(first)).text == "yes no None\n"
        assert (await notebook.finish(second)).text == f"{port}\n"


async def test_a_kernel_that_runs_a_cell_stays_busy_for_whoever_looks(
    browser: Browser, kernels: Kernels, jp_serverapp: Any
) -> None:
    """A server ends kernels that are idle for long, and a front end shows what is busy."""
    kernel = await kernels.start()
    async with kernels.notebook(kernel) as notebook:
        shown = jp_serverapp.kernel_manager.get_kernel(kernel)
        # What the kernel says before the server listens is lost to the server.
        while shown.execution_state != "idle":
            await notebook.run("pass")
        busy = asyncio.Event()
        shown.observe(lambda change: busy.set() if change.new == "busy" else None, "execution_state")
        cell = notebook.start(WAITING_CELL)
        await notebook.asked_for_input()
        await asyncio.wait_for(busy.wait(), 30)
        await connect_tunnel(browser)
        await asked(kernels)
        assert shown.execution_state == "busy"
        notebook.client.input("")
        await notebook.finish(cell)
        assert requests_of_others(notebook.published, notebook) == []


async def test_hooks_of_a_running_cell_do_not_run_before_it_ends(browser: Browser, kernels: Kernels) -> None:
    """One of them shows the figures of matplotlib, and closes them."""
    kernel = await kernels.start()
    async with kernels.notebook(kernel) as notebook:
        await notebook.run("n = []\nget_ipython().events.register('post_execute', lambda: n.append(1))")
        cell = notebook.start(f"n.clear()\n{WAITING_CELL}\nprint(len(n))")
        await notebook.asked_for_input()
        await connect_tunnel(browser)
        await asked(kernels)
        notebook.client.input("")
        assert (await notebook.finish(cell)).text == "0\n"


async def test_what_a_failing_cell_drops_is_told_again(browser: Browser, kernels: Kernels) -> None:
    kernel = await kernels.start()
    async with kernels.notebook(kernel) as notebook:
        failing = notebook.start(f"{WAITING_CELL}\n1 / 0")
        await notebook.asked_for_input()
        port = await connect_tunnel(browser)
        await asked(kernels)
        dropped = notebook.start("print('never')")
        notebook.published.clear()
        notebook.client.input("")
        assert (await notebook.finish(failing)).error == "ZeroDivisionError"
        assert (await notebook.reply(dropped))["status"] == "aborted"
        await kernels.settled()
        assert await port_of(notebook) == port
        assert requests_of_others(await notebook.seen(), notebook) == ["busy", "idle"] * 2


async def test_an_interrupted_cell_drops_nothing_for_good(
    browser: Browser, kernels: Kernels, jp_fetch: Any
) -> None:
    kernel = await kernels.start()
    async with kernels.notebook(kernel) as notebook:
        cell = notebook.start(WAITING_CELL)
        await notebook.asked_for_input()
        port = await connect_tunnel(browser)
        await asked(kernels)
        await jp_fetch("api", "kernels", kernel, "interrupt", method="POST", body="")
        assert (await notebook.finish(cell)).error == "KeyboardInterrupt"
        await kernels.settled()
        assert await port_of(notebook) == port


async def test_several_changes_during_one_cell_end_as_the_last_one(
    browser: Browser, kernels: Kernels
) -> None:
    kernel = await kernels.start()
    async with kernels.notebook(kernel) as notebook:
        cell = notebook.start(WAITING_CELL)
        await notebook.asked_for_input()
        added = await browser.call("underpass/integrations/add", SSH_TUNNEL)
        await asked(kernels)
        await browser.call("underpass/integrations/disconnect", {"integration": added["id"]})
        await asked(kernels)
        last = await browser.call("underpass/integrations/connect", {"integration": added["id"]})
        await asked(kernels)
        following = notebook.start(f"import os\nprint(os.environ.get({PORT!r}))")
        notebook.client.input("")
        await notebook.finish(cell)
        assert (await notebook.finish(following)).text == f"{last['forward']['localPort']}\n"


async def test_a_cell_that_the_debugger_has_stopped_is_left_alone(browser: Browser, kernels: Kernels) -> None:
    kernel = await kernels.start()
    async with kernels.notebook(kernel) as notebook:
        source = "x = 1\ny = 2\nprint(x + y)"
        sequence = iter(range(1, 99))

        async def debug(command: str, **arguments: Any) -> dict[str, Any]:
            body = {"type": "request", "seq": next(sequence), "command": command, "arguments": arguments}
            reply = await notebook.control("debug_request", body)
            assert reply["success"], reply
            return reply.get("body", {})

        await debug("initialize", clientID="test", adapterID="", pathFormat="path")
        await debug("attach")
        path = (await debug("dumpCell", code=source))["sourcePath"]
        await debug("setBreakpoints", source={"path": path}, breakpoints=[{"line": 2}], sourceModified=False)
        await debug("configurationDone")
        cell = notebook.start(source)
        thread = await notebook.debugger_stopped()
        port = await connect_tunnel(browser)
        await asked(kernels)
        assert (await debug("stackTrace", threadId=thread))["stackFrames"][0]["line"] == 2
        await debug("continue", threadId=thread)
        assert (await notebook.finish(cell)).text == "3\n"
        await kernels.settled()
        assert await port_of(notebook) == port
        await debug("disconnect", restart=False, terminateDebuggee=False)


async def test_a_variable_that_the_user_has_set_is_neither_overwritten_nor_removed(
    browser: Browser, kernels: Kernels
) -> None:
    kernel = await kernels.start()
    async with kernels.notebook(kernel) as notebook:
        await notebook.run(f"import os\nos.environ[{PORT!r}] = '1'")
        added = await browser.call("underpass/integrations/add", SSH_TUNNEL)
        await kernels.settled()
        assert await port_of(notebook) == "1"
        assert await kernels.variable(kernel, "MY_SSH_TUNNEL_LOCAL_HOST") == "127.0.0.1"
        await browser.call("underpass/integrations/disconnect", {"integration": added["id"]})
        await kernels.settled()
        assert await port_of(notebook) == "1"
        assert await kernels.variable(kernel, "MY_SSH_TUNNEL_LOCAL_HOST") is None


async def test_a_variable_of_ours_that_the_user_has_changed_is_his(
    browser: Browser, kernels: Kernels
) -> None:
    added = await browser.call("underpass/integrations/add", SSH_TUNNEL)
    kernel = await kernels.start()
    async with kernels.notebook(kernel) as notebook:
        await notebook.run(
            f"import os\nos.environ[{PORT!r}] = '1'\ndel os.environ['MY_SSH_TUNNEL_LOCAL_HOST']"
        )
        await browser.call("underpass/integrations/disconnect", {"integration": added["id"]})
        await kernels.settled()
        assert await port_of(notebook) == "1"
        await kernels.restart(kernel)
    connected = await browser.call("underpass/integrations/connect", {"integration": added["id"]})
    # The next process is a new one.
    assert await kernels.variable(kernel) == str(connected["forward"]["localPort"])


async def test_a_port_that_somebody_took_while_the_service_was_away_is_replaced(
    browser: Browser, kernels: Kernels
) -> None:
    port = await connect_tunnel(browser)
    kernel = await kernels.start()
    assert await kernels.variable(kernel) == port
    end_service(signal.SIGKILL)
    with socket.socket() as thief:
        thief.bind(("127.0.0.1", int(port)))
        thief.listen()
        listed = await browser.call("underpass/integrations/list")
        replaced = str(listed["integrations"][0]["forward"]["localPort"])
        assert replaced != port
        assert await kernels.variable(kernel) == replaced


async def test_a_service_that_comes_back_with_the_same_ports_has_nothing_to_tell(
    browser: Browser, kernels: Kernels
) -> None:
    port = await connect_tunnel(browser)
    kernel = await kernels.start()
    async with kernels.notebook(kernel) as notebook:
        await notebook.seen()
        notebook.published.clear()
        end_service(signal.SIGKILL)
        await browser.call("underpass/status")
        await kernels.settled()
        assert requests_of_others(await notebook.seen(), notebook) == []
        assert await port_of(notebook) == port


async def test_a_lost_service_is_started_again_for_the_kernels_that_need_its_ports(
    browser: Browser, kernels: Kernels, monkeypatch: pytest.MonkeyPatch
) -> None:
    # However young it is.
    monkeypatch.setattr("jupyterlab_underpass.service.STABLE", 0)
    port = await connect_tunnel(browser)
    await kernels.start()
    end_service(signal.SIGKILL)
    connected = asyncio.Event()
    (app,) = kernels._server.extension_manager.extension_apps["jupyterlab_underpass"]
    monkeypatch.setattr(app.service, "on_connected", connected.set)
    await asyncio.wait_for(connected.wait(), 30)
    await kernels.settled()
    socket.create_connection(("127.0.0.1", int(port))).close()


async def test_kernels_below_have_the_variables_of_their_own_project(
    browser: Browser, kernels: Kernels, jp_root_dir: Path, tmp_path: Path, jp_serverapp: Any
) -> None:
    for folder in ("ours", "theirs", "below"):
        (jp_root_dir / folder).mkdir()
    ours, theirs, below = [await kernels.start(f"{folder}/a.ipynb") for folder in ("ours", "theirs", "below")]
    env = {**os.environ, "UNDERPASS_PROJECT": str(jp_root_dir / "ours")}
    assigned = await jp_serverapp.kernel_manager.start_kernel(path="theirs", env=env)
    port = await connect_tunnel(browser, "ours/a.ipynb")
    assert [await kernels.variable(kernel) for kernel in (ours, theirs, below, assigned)] == [
        port,
        None,
        None,
        port,
    ]
    # The root becomes a project: what has none of its own belongs to it.
    root = await browser.call("underpass/integrations/add", {**SSH_TUNNEL, "name": "Root"})
    there = [await kernels.variable(kernel, "ROOT_LOCAL_PORT") for kernel in (ours, theirs, below, assigned)]
    expected = str(root["forward"]["localPort"])
    assert there == [None, expected, expected, None]


async def test_kernels_that_other_extensions_start_are_told_too(
    browser: Browser, kernels: Kernels, jp_serverapp: Any
) -> None:
    kernel = await jp_serverapp.kernel_manager.start_kernel(path="")
    port = await connect_tunnel(browser)
    assert await kernels.variable(kernel) == port


async def test_many_kernels_are_told_at_once(browser: Browser, kernels: Kernels) -> None:
    started = await asyncio.gather(*(kernels.start(f"{number}.ipynb") for number in range(20)))
    added = await browser.call("underpass/integrations/add", SSH_TUNNEL)
    await kernels.settled()
    ports = {await kernels.variable(kernel) for kernel in started}
    assert ports == {str(added["forward"]["localPort"])}


@pytest.mark.parametrize("end", ["restart", "crash", "shut down"])
async def test_a_kernel_may_end_before_it_was_told(browser: Browser, kernels: Kernels, end: str) -> None:
    kernel = await kernels.start()
    async with kernels.notebook(kernel) as notebook:
        pid = await notebook.ask("__import__('os').getpid()")
        notebook.start(WAITING_CELL)
        await notebook.asked_for_input()
        port = await connect_tunnel(browser)
        await asked(kernels)
    if end == "restart":
        await kernels.restart(kernel)
    elif end == "crash":
        restarted = kernels.restarted()
        os.kill(pid, signal.SIGKILL)
        await restarted
    else:
        await kernels.shut_down(kernel)
    await kernels.settled()
    if end != "shut down":
        assert await kernels.variable(kernel) == port
    assert not [talk for talk in talks() if "KernelProcess" in talk]


async def test_a_kernel_without_the_servers_environment_is_left_alone(
    browser: Browser, kernels: Kernels, jp_data_dir: Path
) -> None:
    """In a container or at the other end of SSH, the port would be wrong."""
    launch = [
        "env",
        "--unset=JPY_PARENT_PID",
        sys.executable,
        "-m",
        "ipykernel_launcher",
        "-f",
        "{connection_file}",
    ]
    add_kernelspec(jp_data_dir, "contained", launch, "python")
    kernel = await kernels.start(name="contained")
    await connect_tunnel(browser)
    assert await kernels.variable(kernel) is None


async def test_a_stopped_server_leaves_nothing_behind(
    browser: Browser, kernels: Kernels, jp_serverapp: Any
) -> None:
    manager = jp_serverapp.kernel_manager
    kernel = await kernels.start()
    async with kernels.notebook(kernel) as notebook:
        notebook.start(WAITING_CELL)
        await notebook.asked_for_input()
        await connect_tunnel(browser)
        await asked(kernels)
        assert len(talks()) == 1
    await asyncio.wait_for(jp_serverapp.cleanup_extensions(), 3)
    for owner, method in (
        (manager, "start_kernel"),
        (manager, "remove_kernel"),
        (manager.get_kernel(kernel), "restart_kernel"),
    ):
        assert method not in vars(owner)
    assert talks() == []


def talks() -> list[str]:
    """Tasks of ours that go on."""
    names = [str(task.get_coro()) for task in asyncio.all_tasks()]
    return [name for name in names if "KernelProcess." in name or "CurrentVariables." in name]
