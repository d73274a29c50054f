"""TLS in front of a server that speaks none, or has only one certificate.

``python -m tests.servers.tlsfront [OPTION] HOST:PORT HOST:PORT CERTIFICATE KEY [ALPN]`` ends TLS at the first
address and passes the content on to the second, with ``--encrypt`` through TLS again (unchecked). With
``--clients=AUTHORITY`` it lets in only who shows a certificate of that authority.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import sys
from pathlib import Path

from .certificates import Certificate
from .namespace import Namespace
from .relay import copy


class TlsFront:
    """One such process in the namespace."""

    def __init__(
        self,
        namespace: Namespace,
        listen: str,
        dial: str,
        certificate: Certificate,
        log: Path,
        alpn: str = "",
        *,
        encrypt: bool = False,
        clients: Path | None = None,
    ) -> None:
        files = [str(certificate.certificate), str(certificate.key)]
        options = [*(["--encrypt"] if encrypt else []), *([f"--clients={clients}"] if clients else [])]
        argv = [sys.executable, "-m", "tests.servers.tlsfront", *options, listen, dial, *files]
        self._process = namespace.start([*argv, alpn] if alpn else argv, log)
        self._process.wait_until(lambda: "listening" in log.read_text())

    def stop(self) -> None:
        """End it and its connections."""
        self._process.stop()


async def serve(listen: str, dial: str, context: ssl.SSLContext, behind: ssl.SSLContext | None) -> None:
    """Pass every connection on."""

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, _, port = dial.rpartition(":")
        with contextlib.closing(writer), contextlib.suppress(OSError):
            far_reader, far_writer = await asyncio.open_connection(host, int(port), ssl=behind)
            with contextlib.closing(far_writer):
                # TLS knows no half-closed connections: the first end is the end.
                copies = [
                    asyncio.create_task(copy(reader, far_writer)),
                    asyncio.create_task(copy(far_reader, writer)),
                ]
                await asyncio.wait(copies, return_when=asyncio.FIRST_COMPLETED)
                for task in copies:
                    task.cancel()
                await asyncio.gather(*copies, return_exceptions=True)

    host, _, port = listen.rpartition(":")
    server = await asyncio.start_server(relay, host, int(port), ssl=context)
    print("listening", flush=True)
    await server.serve_forever()


def _unchecked() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


if __name__ == "__main__":
    arguments = [argument for argument in sys.argv[1:] if not argument.startswith("--")]
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain(arguments[2], arguments[3])
    if len(arguments) > 4:
        own.set_alpn_protocols([arguments[4]])
    for option in sys.argv[1:]:
        if option.startswith("--clients="):
            own.verify_mode = ssl.CERT_REQUIRED
            own.load_verify_locations(option.removeprefix("--clients="))
    far = _unchecked() if "--encrypt" in sys.argv else None
    asyncio.run(serve(arguments[0], arguments[1], own, far))
