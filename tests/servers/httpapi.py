"""An HTTP API with a bearer token.

``python -m tests.servers.httpapi ADDRESS PORT``, with the token in the environment.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TypedDict

from .namespace import HOSTS, Namespace

HOST = "api.internal"
PORT = 8080
TOKEN_VARIABLE = "HTTP_API_TOKEN"
PRODUCTS = [
    {"id": 1, "name": "Notebook, ruled", "price": 4.5},
    {"id": 2, "name": "Fountain pen", "price": 39.0},
    {"id": 3, "name": "Ink, blue-black", "price": 11.9},
]


class HTTPAPIDescription(TypedDict):
    """What a client inside the network needs."""

    host: str
    port: int
    token: str


class HTTPAPI:
    """The API's process in the namespace."""

    def __init__(self, namespace: Namespace, folder: Path) -> None:
        folder.mkdir()
        self.token = secrets.token_urlsafe(12)
        log = folder / "httpapi.log"
        argv = [sys.executable, "-m", "tests.servers.httpapi", HOSTS[HOST], str(PORT)]
        environment = {TOKEN_VARIABLE: self.token}
        self._process = namespace.start(argv, log, environment=environment)
        self._process.wait_until(lambda: "listening" in log.read_text())

    def stop(self) -> None:
        """Stop it."""
        self._process.stop()

    @property
    def description(self) -> HTTPAPIDescription:
        return {"host": HOST, "port": PORT, "token": self.token}


class RequestHandler(BaseHTTPRequestHandler):
    """``GET /`` and ``GET /products`` for those who show the token."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.headers.get("Authorization") != f"Bearer {os.environ[TOKEN_VARIABLE]}":
            self._answer(HTTPStatus.UNAUTHORIZED, {"error": "unauthorized"})
        elif self.path == "/":
            self._answer(HTTPStatus.OK, {"resources": ["/products"]})
        elif self.path == "/products":
            self._answer(HTTPStatus.OK, {"products": PRODUCTS})
        else:
            self._answer(HTTPStatus.NOT_FOUND, {"error": "not found"})

    def _answer(self, status: HTTPStatus, value: object) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if status is HTTPStatus.UNAUTHORIZED:
            self.send_header("WWW-Authenticate", "Bearer")
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    server = ThreadingHTTPServer((sys.argv[1], int(sys.argv[2])), RequestHandler)
    print("listening", flush=True)
    server.serve_forever()
