"""BigQuery's REST interface, imitated. ``python -m tests.servers.bigquery PORT CONTROL``.

What it is: an imitation, because nothing that runs BigQuery's SQL can be had here: its emulator needs a C
compiler and modules that are not distributed. Log-in with a service account's key, jobs (insert, ask,
cancel), results in pages, datasets and tables, over HTTP as Google documents them. What it is not: BigQuery.
SQLite reads the statements, a column has the type of its table or of its value, and there is no storage API.

It listens on 127.0.0.1:PORT, and for the tests on a Unix socket at CONTROL. The environment has
``BIGQUERY_KEY``, the path of the service account's public key.
"""

from __future__ import annotations

import base64
import json
import os
import re
import secrets
import socketserver
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from .jobs import Duplicate, Jobs

JOBS = Jobs()
TOKENS: set[str] = set()
PROJECT = r"/bigquery/v2/projects/[^/]+"


class Refusal(Exception):
    """An answer with an error in it."""

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(message)
        error = {"reason": reason, "message": message}
        self.status = status
        self.body: dict[str, Any] = {
            "error": {"code": status, "message": message, "errors": [error], "status": reason}
        }


def decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def insert(asked: dict[str, Any]) -> dict[str, Any]:
    """Start a job. For one that says so, the answer is lost on its way."""
    answer = JOBS.insert(asked)
    if "lose the answer" in asked["configuration"]["query"]["query"]:
        raise Refusal(503, "backendError", "Try again.")
    return answer


def token(form: dict[str, list[str]]) -> dict[str, Any]:
    """Exchange a signed assertion for a token."""
    head, claims, signature = form["assertion"][0].split(".")
    with open(os.environ["BIGQUERY_KEY"], "rb") as file:
        key: Any = load_pem_public_key(file.read())
    try:
        key.verify(decoded(signature), f"{head}.{claims}".encode(), PKCS1v15(), SHA256())
    except InvalidSignature:
        refused = Refusal(400, "invalid_grant", "")
        refused.body = {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}
        raise refused from None
    made = secrets.token_urlsafe(24)
    TOKENS.add(made)
    return {"access_token": made, "expires_in": 3600, "token_type": "Bearer"}


class Handler(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    routes: ClassVar[list[tuple[str, str, Any]]] = [
        ("POST", rf"{PROJECT}/jobs", lambda asked, _: insert(asked)),
        ("GET", rf"{PROJECT}/jobs/(?P<id>[^/]+)", lambda asked, id: JOBS.job(id, asked)),
        ("GET", rf"{PROJECT}/queries/(?P<id>[^/]+)", lambda asked, id: JOBS.results(id, asked)),
        ("POST", rf"{PROJECT}/jobs/(?P<id>[^/]+)/cancel", lambda asked, id: JOBS.cancel(id, asked)),
        ("GET", rf"{PROJECT}/datasets", lambda *_: JOBS.datasets()),
        ("GET", rf"{PROJECT}/datasets/(?P<id>[^/]+)/tables", lambda _, id: JOBS.tables(id)),
        ("GET", rf"{PROJECT}/datasets/(?P<id>[^/]+/tables/[^/]+)", lambda _, id: JOBS.table(id)),
    ]

    def do_GET(self) -> None:
        self._answer("GET")

    def do_POST(self) -> None:
        self._answer("POST")

    def _answer(self, method: str) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            status, answer = 200, self._find(method, body)
        except Refusal as refusal:
            status, answer = refusal.status, refusal.body
        text = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def _find(self, method: str, body: bytes) -> Any:
        url = urlsplit(self.path)
        if url.path == "/token":
            return token(parse_qs(body.decode()))
        if url.path == "/running":
            return JOBS.running()
        if self.headers.get("Authorization", "").removeprefix("Bearer ") not in TOKENS:
            raise Refusal(401, "authError", "Request had invalid authentication credentials.")
        asked = (
            json.loads(body) if body else {name: values[0] for name, values in parse_qs(url.query).items()}
        )
        for verb, pattern, respond in self.routes:
            if verb == method and (found := re.fullmatch(pattern, url.path)):
                try:
                    return respond(asked, found.groupdict().get("id", ""))
                except Duplicate as error:
                    raise Refusal(409, "duplicate", f"Already Exists: Job {error}") from None
                except KeyError as error:
                    raise Refusal(404, "notFound", f"Not found: {error}") from None
        raise Refusal(404, "notFound", f"Not found: {url.path}")

    def log_message(self, format: str, *args: Any) -> None:
        print(format % args, flush=True)

    def address_string(self) -> str:
        return "client"


class Control(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """The same for the tests, past the network."""

    daemon_threads = True


if __name__ == "__main__":
    steering = Control(sys.argv[2], Handler)
    threading.Thread(target=steering.serve_forever, daemon=True).start()
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
