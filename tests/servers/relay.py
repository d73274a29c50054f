"""Carry TCP connections into a namespace: ``python -m tests.servers.relay DESCRIPTOR HOST:PORT``.

``DESCRIPTOR`` is an inherited socket that listens outside; ``HOST:PORT`` is dialled inside.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys


async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Copy until the end of ``reader``, and pass the end on."""
    with contextlib.suppress(ConnectionError):
        while block := await reader.read(1 << 18):
            writer.write(block)
            await writer.drain()
    with contextlib.suppress(OSError):
        if writer.can_write_eof():
            writer.write_eof()


async def serve(listener: socket.socket, host: str, port: int) -> None:
    """Relay every connection that ``listener`` accepts."""

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.closing(writer), contextlib.suppress(ConnectionError):
            far_reader, far_writer = await asyncio.open_connection(host, port)
            with contextlib.closing(far_writer):
                await asyncio.gather(copy(reader, far_writer), copy(far_reader, writer))

    server = await asyncio.start_server(relay, sock=listener)
    await server.serve_forever()


if __name__ == "__main__":
    far_host, _, far_port = sys.argv[2].rpartition(":")
    asyncio.run(serve(socket.socket(fileno=int(sys.argv[1])), far_host, int(far_port)))
