"""A server of names, by TCP alone, that knows one deployment: what ``mongodb+srv://`` asks the DNS for.

``python -m tests.servers.mongodb.names HOST:PORT OPTIONS NAME NAME HOST:PORT …``: the address to listen on,
the text of the TXT records (options of the connection string), two names of the deployment, and its members.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Sequence

import dns.flags
import dns.message
import dns.rcode
import dns.rrset


def answer(question: bytes, options: str, names: Sequence[str], members: Sequence[str]) -> bytes:
    """What the server says."""
    asked = dns.message.from_wire(question)
    response = dns.message.make_response(asked)
    response.flags |= dns.flags.AA | dns.flags.RA
    owner, zone, kind = asked.question[0].to_text().lower().split()
    name = owner.removeprefix("_mongodb._tcp.").rstrip(".")
    if name not in names:
        response.set_rcode(dns.rcode.NXDOMAIN)
    elif kind == "srv" and owner != f"{name}.":
        split = (member.rpartition(":") for member in members)
        records = [f"0 5 {port} {host}." for host, _, port in split]
        response.answer.append(dns.rrset.from_text(owner, 60, zone.upper(), "SRV", *records))
    elif kind == "txt" and owner == f"{name}.":
        response.answer.append(dns.rrset.from_text(owner, 60, zone.upper(), "TXT", f'"{options}"'))
    return response.to_wire()


async def serve(listen: str, options: str, names: Sequence[str], members: Sequence[str]) -> None:
    """Answer for ever."""

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.closing(writer), contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                size = int.from_bytes(await reader.readexactly(2), "big")
                said = answer(await reader.readexactly(size), options, names, members)
                writer.write(len(said).to_bytes(2, "big") + said)
                await writer.drain()

    host, _, port = listen.rpartition(":")
    server = await asyncio.start_server(one, host, int(port))
    print("listening", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], sys.argv[2], sys.argv[3:5], sys.argv[5:]))
