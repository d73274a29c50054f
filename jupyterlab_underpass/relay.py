"""``POST underpass/rpc``: requests of the browser, relayed to the tunnel service."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Any

from jupyter_core.utils import ensure_async
from jupyter_server.base.handlers import APIHandler
from tornado import web

from underpass.failure import UnderpassError

from .call import Call
from .folders import OutsideRoot, notebook_folder
from .interpreters import interpreter_of
from .service import Service

#: Bytes of a request. The largest that people send holds certificates and keys.
LONGEST_BODY = 1024 * 1024
#: Rights that a browser can have. A method with any other access is not for browsers.
RIGHTS = ("read", "write", "execute")
#: Parameters that are not the browser's to choose: where files are read, and what program is run.
OURS = ("folder", "python")
#: Methods that run drivers.
DRIVERS = (
    "underpass/integrations/test",
    "underpass/integrations/testDraft",
    "underpass/language/complete",
)


@web.stream_request_body
class RelayHandler(APIHandler):
    """Answers ``{"result": …}`` or ``{"failure": …}``; HTTP errors are about the request and who sent it."""

    auth_resource = "underpass:integrations"

    def initialize(self, methods: Mapping[str, str], service: Service) -> None:
        """
        Args:
            methods: What may be relayed, and the right that each needs: read, write or execute.
        """
        super().initialize()
        self.methods = methods
        self.service = service
        self._body = bytearray()
        self._relaying: asyncio.Task[Any] | None = None

    async def prepare(self) -> None:
        """Refuse what needs no look into the body before any of it was read."""
        await super().prepare()
        if self.request.method != "POST":
            return
        if self.current_user is None:
            raise web.HTTPError(403)
        if self.request.headers.get("Content-Type", "").split(";")[0].strip().lower() != "application/json":
            # The other types are those that a page of another origin can send without asking first.
            raise web.HTTPError(415, reason="The body must be application/json")
        # One that is no number is refused by the server itself.
        with contextlib.suppress(ValueError):
            if int(self.request.headers.get("Content-Length", "0")) > LONGEST_BODY:
                raise too_long()

    def data_received(self, chunk: bytes) -> None:
        """Keep a piece of the body, unless that makes it too long."""
        self._body += chunk
        if len(self._body) > LONGEST_BODY:
            # It came in chunks, without a length. The answer ends the connection: this is the last piece.
            self._body.clear()
            self.send_error(413, exc_info=(web.HTTPError, too_long(), None))

    def on_connection_close(self) -> None:
        """Nobody waits for the answer any more."""
        super().on_connection_close()
        if self._relaying is not None:
            self._relaying.cancel()

    @web.authenticated
    async def post(self) -> None:
        call = Call.parse(bytes(self._body))
        self._body.clear()
        access = self.methods.get(call.method)
        if access not in RIGHTS:
            raise web.HTTPError(403, reason="This method is not relayed")
        allowed = await ensure_async(
            self.authorizer.is_authorized(self, self.current_user, access, self.auth_resource)
        )
        if not allowed:
            raise web.HTTPError(403, reason=f"Not authorized to {access} {self.auth_resource}")
        try:
            folder = await notebook_folder(self.contents_manager, self.kernel_manager, call.path)
        except OutsideRoot:
            raise web.HTTPError(403, reason="The path leads out of the root folder") from None
        self.log.debug("Relaying %s", call.method)
        params = {name: value for name, value in call.params.items() if name not in OURS}
        self._relaying = asyncio.ensure_future(
            self.service.request(
                call.method,
                {**params, "folder": folder, **await self._python(call)},
                repeatable=access != "write",
                needed=access != "read",
            )
        )
        try:
            result = await self._relaying
        except asyncio.CancelledError:
            if not self._relaying.cancelled():
                raise
            # Only for the log: the one who asked is gone.
            self.set_status(499, "Nobody waits for the answer")
        except UnderpassError as error:
            self.finish({"failure": error.failure})
        else:
            self.finish({"result": result})

    async def _python(self, call: Call) -> dict[str, Any]:
        """The Python that has the drivers, for the methods that run one."""
        if call.method not in DRIVERS:
            return {}
        return {
            "python": await interpreter_of(
                call.path, self.session_manager, self.kernel_manager, self.kernel_spec_manager
            )
        }


def too_long() -> web.HTTPError:
    return web.HTTPError(413, reason=f"The body is longer than {LONGEST_BODY} bytes")
