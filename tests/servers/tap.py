"""What really crossed the wire: relays between clients and a server that keep a record of both directions.

``python -m tests.servers.tap HOST:PORT HOST:PORT FOLDER [STRIPPER]`` listens at the first address and dials
the second. The first ``KEPT`` bytes of each connection go to ``FOLDER/<number>.up`` and ``.down``. A stripper
(see ``stripping``) is a proxy in between that makes a client believe that the server has no TLS.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import itertools
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .namespace import Namespace
from .stripping import ANSWERED, ASKED, STRIPPERS, Stripper

KEPT = 1 << 20
_CLIENT_HELLO = re.compile(rb"\x16\x03[\x00-\x03]..\x01\x00", re.DOTALL)
_SERVER_HELLO = re.compile(rb"\x16\x03[\x00-\x03]..\x02\x00", re.DOTALL)
_APPLICATION_DATA = re.compile(rb"\x17\x03\x03", re.DOTALL)


@dataclass(frozen=True)
class Wire:
    """Bytes of one connection as the network saw them: ``up`` from the client, ``down`` from the server."""

    up: bytes
    down: bytes

    @property
    def encrypted(self) -> bool:
        """A TLS handshake took place, and the client sent something under its protection."""
        return bool(
            _CLIENT_HELLO.search(self.up)
            and _SERVER_HELLO.search(self.down)
            and _APPLICATION_DATA.search(self.up)
        )

    def shows(self, text: str) -> bool:
        """Whether everybody on the way could read ``text``."""
        plain, wide = text.encode(), text.encode("utf-16-le")
        # Three ways to stand in base64; what depends on its neighbours is left out.
        encoded = [base64.b64encode(b"\0" * shift + plain)[4 if shift else 0 : -4] for shift in range(3)]
        forms = [plain, wide, *(form for form in encoded if len(form) > 8)]
        return any(form in self.up or form in self.down for form in forms)

    def names(self, host: str) -> bool:
        """Whether the client told the server in its first message (SNI) that it looks for ``host``."""
        hello = _CLIENT_HELLO.search(self.up)
        return hello is not None and host.encode() in self.up[hello.start() : hello.start() + 2048]


class Tap:
    """One relay in the namespace, and its record."""

    def __init__(
        self, namespace: Namespace, listen: str, dial: str, folder: Path, stripper: str | None = None
    ) -> None:
        folder.mkdir(parents=True)
        self._folder = folder
        log = folder / "tap.log"
        argv = [sys.executable, "-m", "tests.servers.tap", listen, dial, str(folder)]
        self._process = namespace.start([*argv, stripper] if stripper else argv, log)
        self._process.wait_until(lambda: "listening" in log.read_text())
        self._seen = 0

    def wires(self) -> list[Wire]:
        """Every connection since ``forget``, in order."""
        return [
            Wire(path.read_bytes(), path.with_suffix(".down").read_bytes())
            for path in sorted(self._folder.glob("*.up"))[self._seen :]
        ]

    def forget(self) -> None:
        """Leave out what was recorded until now."""
        self._seen = len(list(self._folder.glob("*.up")))

    def stop(self) -> None:
        """End it and its connections."""
        self._process.stop()


async def serve(
    listen: str,
    dial: str,
    folder: Path,
    strip: Callable[[], Stripper] | None,
    answered: tuple[bytes, bytes] | None,
    asked: Callable[[], Stripper] | None,
) -> None:
    """Relay every connection."""
    numbers = itertools.count()

    async def copy(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, record: Path, change: Stripper | None
    ) -> None:
        kept = 0
        with record.open("ab", buffering=0) as file, contextlib.suppress(ConnectionError):
            while block := await reader.read(1 << 18):
                if change is not None:
                    block = change(block)
                if kept < KEPT:
                    file.write(block[: KEPT - kept])
                    kept += len(block)
                writer.write(block)
                await writer.drain()
        with contextlib.suppress(OSError):
            writer.write_eof()

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number = next(numbers)
        up, down = folder / f"{number:06}.up", folder / f"{number:06}.down"
        down.touch()
        up.touch()
        with contextlib.closing(writer), contextlib.suppress(OSError, EOFError):
            first = b""
            if answered is not None:
                question, answer = answered
                first = await reader.readexactly(len(question))
                up.write_bytes(first)
                if first == question:
                    down.write_bytes(answer)
                    writer.write(answer)
                    first = b""
            host, _, port = dial.rpartition(":")
            far_reader, far_writer = await asyncio.open_connection(host, int(port))
            with contextlib.closing(far_writer):
                far_writer.write(first)
                await asyncio.gather(
                    copy(reader, far_writer, up, asked() if asked else None),
                    copy(far_reader, writer, down, strip() if strip else None),
                )

    host, _, port = listen.rpartition(":")
    server = await asyncio.start_server(relay, host, int(port))
    print("listening", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    name = sys.argv[4] if len(sys.argv) > 4 else ""
    proxy = STRIPPERS.get(name), ANSWERED.get(name), ASKED.get(name)
    asyncio.run(serve(sys.argv[1], sys.argv[2], Path(sys.argv[3]), *proxy))
