"""The language server, found and started by the real ``jupyter-lsp``."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import DATABASE, Browser

# jupyter-lsp's own: it uses what is old, and leaves it to its servers to end.
pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning",
    "ignore::ResourceWarning",
    "ignore::pytest.PytestUnraisableExceptionWarning",
)

PROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"


@pytest.fixture
def jp_server_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """With ``jupyter-lsp``, and with the entry points that the distribution has."""
    # Python 3.10 reads no TOML.
    points = re.findall(
        r'^\[project\.entry-points\.(\w+)\]\n(\w+) = "(.+)"', PROJECT.read_text(), re.MULTILINE
    )
    assert points
    installed = tmp_path / "installed" / "jupyterlab_underpass-0.1.0.dist-info"
    installed.mkdir(parents=True)
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: jupyterlab-underpass\nVersion: 0.1.0\n")
    lines = [line for group, name, target in points for line in (f"[{group}]", f"{name} = {target}")]
    (installed / "entry_points.txt").write_text("\n".join(lines))
    monkeypatch.syspath_prepend(str(installed.parent))
    extensions = {"jupyterlab_underpass": True, "jupyter_lsp": True}
    # Others that are installed here are not meant.
    return {
        "ServerApp": {"jpserver_extensions": extensions},
        "LanguageServerManager": {"autodetect": True},
    }


async def test_jupyter_lsp_lists_it(jp_fetch: Callable[..., Any]) -> None:
    status = json.loads((await jp_fetch("lsp", "status")).body)
    spec = status["sessions"]["underpass"]["spec"]
    assert spec["languages"] == ["sql"]
    assert spec["display_name"] == "Underpass"


async def test_an_editor_gets_completions_from_it(
    browser: Browser, jp_ws_fetch: Callable[..., Any], jp_root_dir: Path
) -> None:
    await browser.call("underpass/integrations/add", DATABASE)
    editor = Editor(await jp_ws_fetch("lsp", "ws", "underpass"))
    folder = jp_root_dir.as_uri()
    started = await editor.request(
        "initialize", {"processId": None, "rootUri": f"{folder}/.virtual_documents", "capabilities": {}}
    )
    assert started["capabilities"]["completionProvider"]
    await editor.notify("initialized", {})
    uri = f"{folder}/.virtual_documents/a.ipynb.sql"
    await editor.open(uri, '%%sql "My')
    (item,) = (await editor.complete(uri, 0, 9))["items"]
    assert item["textEdit"]["newText"] == '"My DB"'
    assert item["textEdit"]["range"] == {
        "start": {"line": 0, "character": 6},
        "end": {"line": 0, "character": 9},
    }
    await editor.open(f"{folder}/b.sql", "SELECT 1 fr")
    (item,) = [
        item for item in (await editor.complete(f"{folder}/b.sql", 0, 11))["items"] if item["label"] == "from"
    ]
    assert item["textEdit"]["range"]["start"] == {"line": 0, "character": 9}
    editor.close()


class Editor:
    """A client of a language server, on a web socket of the Jupyter server."""

    def __init__(self, socket: Any) -> None:
        self._socket = socket
        self._count = 0

    async def request(self, method: str, params: dict[str, Any]) -> Any:
        self._count += 1
        await self._send(id=self._count, method=method, params=params)
        while True:
            message = json.loads(await self._socket.read_message())
            if message.get("id") == self._count and "method" not in message:
                assert "error" not in message, message
                return message["result"]

    async def notify(self, method: str, params: dict[str, Any]) -> None:
        await self._send(method=method, params=params)

    async def open(self, uri: str, text: str) -> None:
        document = {"uri": uri, "languageId": "sql", "version": 1, "text": text}
        await self.notify("textDocument/didOpen", {"textDocument": document})

    async def complete(self, uri: str, line: int, character: int) -> Any:
        position = {"line": line, "character": character}
        return await self.request(
            "textDocument/completion", {"textDocument": {"uri": uri}, "position": position}
        )

    def close(self) -> None:
        self._socket.close()

    async def _send(self, **message: Any) -> None:
        await self._socket.write_message(json.dumps({"jsonrpc": "2.0", **message}))
