"""Everything that a browser sends, receives and keeps."""

from __future__ import annotations

import base64
import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, WebSocket

from .ledger import Ledger

#: The requests with which a person sends what was typed. Only upwards.
TYPED = ("underpass/integrations/add", "underpass/integrations/update", "underpass/integrations/testDraft")

#: All caches, databases and stores of a page, as text.
EVERYTHING_KEPT = """async () => {
  const caches_ = [];
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      caches_.push([name, request.url, await (await cache.match(request)).text()]);
    }
  }
  const rows = [];
  for (const { name } of await indexedDB.databases()) {
    const database = await new Promise((resolve, reject) => {
      const opening = indexedDB.open(name);
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(opening.error);
    });
    for (const store of database.objectStoreNames) {
      rows.push([name, store, await new Promise((resolve, reject) => {
        const reading = database.transaction(store).objectStore(store).getAll();
        reading.onsuccess = () => resolve(reading.result);
        reading.onerror = () => reject(reading.error);
      })]);
    }
    database.close();
  }
  return {
    localStorage: { ...localStorage }, sessionStorage: { ...sessionStorage },
    cookie: document.cookie, caches: caches_, indexedDB: rows, title: document.title, url: location.href
  };
}"""

#: Puts a word into each of them.
KEEP = """async word => {
  localStorage.setItem('kept', word);
  sessionStorage.setItem('kept', word);
  document.cookie = `kept=${word}; path=/`;
  const cache = await caches.open('kept');
  await cache.put('/kept', new Response(word));
  const database = await new Promise((resolve, reject) => {
    const opening = indexedDB.open('kept', 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore('kept', { keyPath: 'id' });
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
  await new Promise((resolve, reject) => {
    const writing = database.transaction('kept', 'readwrite').objectStore('kept').put({ id: 1, word });
    writing.onsuccess = resolve;
    writing.onerror = reject;
  });
  database.close();
}"""


class Traffic:
    """Frames of websockets and messages of the console as they pass; requests and answers by the archive."""

    def __init__(self, context: BrowserContext) -> None:
        self._frames: list[tuple[str, bytes]] = []
        self._console: list[str] = []
        context.on("page", self._follow)
        for page in context.pages:
            self._follow(page)

    def _follow(self, page: Page) -> None:
        page.on("websocket", self._listen)
        page.on("console", lambda message: self._console.append(message.text))
        page.on("pageerror", lambda error: self._console.append(str(error)))

    def _listen(self, socket: WebSocket) -> None:
        def take(direction: str) -> Any:
            return lambda payload: self._frames.append(
                (f"{direction} {socket.url}", payload if isinstance(payload, bytes) else payload.encode())
            )

        socket.on("framesent", take("sent to"))
        socket.on("framereceived", take("received from"))

    def look(self, ledger: Ledger, archive: Path, typed: Collection[str]) -> None:
        """Search all of it.

        Args:
            archive: An HTTP archive (HAR) of the context, whose bodies lie beside it.
            typed: Names of the secrets that a person typed.
        """
        for where, payload in self._frames:
            ledger.look("websocket frames", where, payload)
        for message in self._console:
            ledger.look("browser console", "console", message.encode())
        for entry in json.loads(archive.read_text(encoding="utf-8"))["log"]["entries"]:
            sent, received = entry["request"], entry["response"]
            where = f"{sent['method']} {sent['url']}"
            body = content_of(sent.get("postData", {}), archive.parent)
            allowed = typed if method_of(body) in TYPED else ()
            ledger.look("HTTP requests", where, body, allowed)
            heads = json.dumps([sent["url"], sent["headers"], received["headers"]], ensure_ascii=False)
            ledger.look("HTTP headers", where, heads.encode())
            ledger.look("HTTP answers", where, content_of(received["content"], archive.parent))


def method_of(body: bytes) -> str | None:
    """What a request to the tunnel service asks for."""
    try:
        return json.loads(body)["method"]
    except (ValueError, KeyError, TypeError):
        return None


def content_of(part: dict[str, Any], folder: Path) -> bytes:
    """A body, from the archive or from the file beside it."""
    if file := part.get("_file"):
        return (folder / file).read_bytes()
    text = part.get("text", "")
    return base64.b64decode(text) if part.get("encoding") == "base64" else text.encode()
