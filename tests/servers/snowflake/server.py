"""fakesnow's server, with what Snowflake's own driver needs beside it. ``PYTHON server.py PORT CONTROL``.

What it is: fakesnow (DuckDB that reads Snowflake's SQL) behind Snowflake's own HTTP interface, plus log-in
with a password or a key pair, statements that run in the background and can be asked for and aborted, and a
list of those that run. What it is not: Snowflake. It has no warehouses and no roles, and its results come in
one piece, never from a cloud's storage.

It listens on 127.0.0.1:PORT, and for the tests on a Unix socket at CONTROL. The environment has
``SNOWFLAKE_USER``, ``SNOWFLAKE_PASSWORD`` and ``SNOWFLAKE_KEY``, the path of a public key. It runs on the
Python of its own environment.
"""

# pyright: reportMissingImports=false

import asyncio
import base64
import gzip
import json
import os
import re
import sys
import uuid
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from importlib import import_module
from typing import Any

import uvicorn
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

# The package has a function of the same name.
fakesnow: Any = import_module("fakesnow.server")

USER, PASSWORD = os.environ["SNOWFLAKE_USER"], os.environ["SNOWFLAKE_PASSWORD"]
WRONG_LOGIN, WRONG_TOKEN = "390100", "390144"
RUNNING, CANCELLED = "333334", "000604"


class Job:
    """A statement that was sent with ``asyncExec``."""

    def __init__(self, request: Request, sql: str, answer: "asyncio.Task[Response]") -> None:
        self.id = str(uuid.uuid4())
        self.sql, self.answer, self.aborted = sql, answer, False
        self.connection = fakesnow.to_conn(fakesnow.to_token(request))

    def abort(self) -> None:
        self.aborted = True
        self.connection._duck_conn.interrupt()


jobs: dict[str, Job] = {}


def from_binding(value: dict[str, Any], convert: Any = fakesnow.from_binding) -> Any:
    """Also numbers with fractions and times without a zone, which fakesnow does not expect."""
    if value["value"] is not None and value["type"] in ("FIXED", "REAL"):
        number = Decimal(value["value"])
        return float(number) if value["type"] == "REAL" else int(number) if number % 1 == 0 else number
    if value["value"] is not None and value["type"] == "TIMESTAMP_NTZ":
        return datetime.fromtimestamp(0, timezone.utc).replace(tzinfo=None) + timedelta(
            microseconds=int(value["value"]) // 1000
        )
    return convert(value)


fakesnow.from_binding = from_binding


async def content(request: Request) -> dict:
    body = await request.body()
    return json.loads(gzip.decompress(body) if request.headers.get("Content-Encoding") == "gzip" else body)


def refused(code: str, message: str, **data: str) -> JSONResponse:
    return JSONResponse({"success": False, "code": code, "message": message, "data": data or None})


def decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def is_signed(token: str) -> bool:
    """Whether it is a JSON Web Token of the user's, signed with the user's key."""
    head, claims, signature = token.split(".")
    with open(os.environ["SNOWFLAKE_KEY"], "rb") as file:
        key: Any = load_pem_public_key(file.read())
    try:
        key.verify(decoded(signature), f"{head}.{claims}".encode(), PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return json.loads(decoded(claims))["sub"].split(".")[-1] == USER.upper()


async def login(request: Request) -> Response:
    asked = (await content(request))["data"]
    if asked.get("AUTHENTICATOR", "").upper() == "SNOWFLAKE_JWT":
        if not is_signed(asked["TOKEN"]):
            return refused(WRONG_TOKEN, "JWT token is invalid.")
    elif (asked.get("LOGIN_NAME", "").upper(), asked.get("PASSWORD")) != (USER.upper(), PASSWORD):
        return refused(WRONG_LOGIN, "Incorrect username or password was specified.")
    answer = json.loads((await fakesnow.login_request(request)).body)
    answer["data"] |= {
        "masterToken": "renews nothing",
        "validityInSeconds": 3600,
        "masterValidityInSeconds": 14400,
        "sessionId": len(fakesnow.sessions),
    }
    return JSONResponse(answer)


async def query(request: Request) -> Response:
    asked = await content(request)
    if not asked.get("asyncExec"):
        return await fakesnow.query_request(request)
    job = Job(request, asked["sqlText"], asyncio.create_task(fakesnow.query_request(request)))
    jobs[job.id] = job
    return JSONResponse(
        {
            "success": True,
            "code": RUNNING,
            "message": "Asynchronous execution in progress.",
            "data": {"queryId": job.id, "getResultUrl": f"/queries/{job.id}/result", "progressDesc": None},
        }
    )


#: How the tokenizer says where it stopped, and how Snowflake does: columns count from 0.
PLACE = re.compile(r"Line (\d+), Col: (\d+)")


def body_of(job: Job) -> dict:
    if job.aborted:
        data = {"errorCode": CANCELLED, "sqlState": "57014", "queryId": job.id}
        return {"success": False, "code": CANCELLED, "message": "SQL execution canceled", "data": data}
    answer = json.loads(job.answer.result().body)
    if answer.get("data"):
        answer["data"]["queryId"] = job.id
    if place := PLACE.search(answer.get("message") or ""):
        answer["message"] = (
            f"SQL compilation error:\nsyntax error line {place[1]} at position {int(place[2]) - 1}"
        )
    return answer


async def result(request: Request) -> Response:
    job = jobs[request.path_params["id"]]
    await asyncio.wait([job.answer])
    return JSONResponse(body_of(job))


async def status(request: Request) -> Response:
    job = jobs.get(request.path_params["id"])
    if job is None:
        return JSONResponse({"success": True, "data": {"queries": []}})
    told: dict[str, str] = {"id": job.id, "status": "RUNNING"}
    if job.answer.done():
        answer = body_of(job)
        told["status"] = "SUCCESS" if answer["success"] else "FAILED_WITH_ERROR"
        if not answer["success"]:
            told |= {"errorCode": answer["code"], "errorMessage": answer["message"]}
    return JSONResponse({"success": True, "data": {"queries": [told]}})


async def abort(request: Request) -> Response:
    if (job := jobs.get(request.path_params["id"])) and not job.answer.done():
        job.abort()
    return JSONResponse({"success": True, "data": None, "code": None, "message": None})


async def running(_: Request) -> Response:
    return JSONResponse([job.sql for job in jobs.values() if not job.answer.done()])


async def ignored(_: Request) -> Response:
    return JSONResponse({"success": True, "data": None, "code": None, "message": None})


OWN = [
    Route("/session/v1/login-request", login, methods=["POST"]),
    Route("/queries/v1/query-request", query, methods=["POST"]),
    Route("/queries/{id}/result", result),
    Route("/queries/{id}/abort-request", abort, methods=["POST"]),
    # The fifth driver writes two slashes.
    Route("/monitoring/queries/{id}", status),
    Route("/monitoring/queries//{id}", status),
    Route("/telemetry/send", ignored, methods=["POST"]),
]


async def serve(port: int, control: str) -> None:
    app = Starlette(routes=[*OWN, *fakesnow.routes])
    steering = Starlette(routes=[Route("/running", running)])
    await asyncio.gather(
        uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port)).serve(),
        uvicorn.Server(uvicorn.Config(steering, uds=control, log_level="warning")).serve(),
    )


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), sys.argv[2]))
