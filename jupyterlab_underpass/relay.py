"""``POST underpass/rpc``: requests of the browser, relayed to the tunnel service."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jupyter_core.utils import ensure_async
from jupyter_server.base.handlers import APIHandler
from tornado import web

from underpass.failure import UnderpassError

from .folders import OutsideRoot, notebook_folder
from .service import Service


@dataclass(frozen=True)
class Call:
    """What a browser asks for. Parameters may hold secrets: nothing of them goes into a log or an error."""

    method: str
    params: dict[str, Any]
    #: Contents path of the notebook that it is about; '' for none.
    path: str

    @classmethod
    def parse(cls, body: bytes) -> Call:
        """
        Raises:
            HTTPError: 400, without a word of the body.
        """
        # Not get_json_body: it logs a body that it can not parse.
        try:
            call = json.loads(body)
        except ValueError:
            raise web.HTTPError(400, reason="The body is not JSON") from None
        if not isinstance(call, dict):
            raise web.HTTPError(400, reason="The body is not an object")
        method, params, path = call.get("method"), call.get("params", {}), call.get("path", "")
        if not (isinstance(method, str) and isinstance(params, dict) and isinstance(path, str)):
            raise web.HTTPError(400, reason="The body needs method, params and path")
        return cls(method, params, path)


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

    @web.authenticated
    async def post(self) -> None:
        call = Call.parse(self.request.body)
        access = self.methods.get(call.method)
        if access is None:
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
        try:
            result = await self.service.request(
                # The browser does not choose a folder, only a notebook.
                call.method,
                {**call.params, "folder": folder},
                repeatable=access != "write",
            )
        except UnderpassError as error:
            self.finish({"failure": error.failure})
        else:
            self.finish({"result": result})
