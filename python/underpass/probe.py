"""``python -m underpass.probe``: log in with the driver that lives here and run a query, as a test.

The tunnel service starts it and writes one line of JSON to its standard input, what ``underpass/ensure``
answers; secrets come in no other way. It prints a line for each of the stages ``tls``, ``login`` and
``query``; the last one has ``failed`` where something did not work. It ends with the service: when its input
ends.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import sys
import threading
import time
from collections.abc import Mapping
from queue import SimpleQueue
from typing import IO, Any

from .failure import Failure, UnderpassError, fail
from .ready import Endpoint, Ready

STAGES = ("tls", "login", "query")


class Service:
    """The other end: told of stages, asked for forwards to further servers."""

    def __init__(self, incoming: IO[str], outgoing: IO[str]) -> None:
        self._incoming = incoming
        self._outgoing = outgoing
        self._answers: SimpleQueue[dict[str, Any]] = SimpleQueue()

    def ready(self) -> Ready:
        """What to test; from then on, this process ends when its input does."""
        answer = json.loads(self._incoming.readline())
        threading.Thread(target=self._listen, name="underpass-probe", daemon=True).start()
        return Ready.parse(answer, self._peer)

    def say(self, **message: Any) -> None:
        self._outgoing.write(json.dumps(message) + "\n")
        self._outgoing.flush()

    def hear(self) -> dict[str, Any]:
        """The next line; waits for it."""
        return self._answers.get()

    def _listen(self) -> None:
        for line in self._incoming:
            self._answers.put(json.loads(line))
        # Nobody wants to know any more; a driver may hang.
        os._exit(1)

    def _peer(self, host: str, port: int) -> Endpoint:
        self.say(peer={"host": host, "port": port})
        answer = self.hear()
        if "failure" in answer:
            raise UnderpassError(answer["failure"])
        return Endpoint(answer["endpoint"]["host"], answer["endpoint"]["port"])


class Walk:
    """One walk through the stages; ``failed`` afterwards."""

    def __init__(self, service: Service, ready: Ready, until: str) -> None:
        self._service = service
        self._ready = ready
        self._until = STAGES.index(until)
        self._began = 0.0
        self.failed = False

    def run(self) -> None:
        from .connectors import find_connector

        try:
            connector_class = find_connector(self._ready.type)
        except UnderpassError as error:
            self._begin("tls")
            self._fail("tls", _for_this_python(error.failure))
            return
        from .connectors.watching import Watch

        with Watch(connector_class, self._ready) as watch:
            self._begin("tls")
            try:
                self._ready.require_own_listener()
                connector = connector_class.open(self._ready)
            except Exception as error:
                self._not_opened(failure_of(error, self._ready), watch)
                return
            try:
                self._opened(connector, watch)
            finally:
                connector.close()

    def _opened(self, connector: Any, watch: Any) -> None:
        self._encrypted(watch, watch.encryption(connector))
        if self._until >= STAGES.index("login"):
            user = self._ready.fields.get("user")
            self._pass("login", message=f"Logged in as {user}" if user else "Logged in")
        if self._until >= STAGES.index("query"):
            self._begin("query")
            try:
                connector.try_out()
            except Exception as error:
                self._fail("query", failure_of(error, self._ready))
            else:
                self._pass("query", message="The server answered a query")

    def _not_opened(self, failure: Failure, watch: Any) -> None:
        """The failure says which stages had passed."""
        if failure["stage"] in ("login", "query"):
            self._encrypted(watch, watch.encryption(None))
            if self._until >= STAGES.index("login"):
                self._fail("login", failure)
            return
        certificate = watch.presented() if failure["code"] in _ABOUT_CERTIFICATES else None
        self._fail("tls", _for_this_python(failure), **_certificate(certificate))

    def _encrypted(self, watch: Any, encryption: Any) -> None:
        """The stage ``tls`` is over; its own time is known where the handshake was seen."""
        certificate = watch.presented() if encryption is None or encryption.encrypted else None
        took = watch.seconds_until_encrypted
        self._service.say(
            stage="tls",
            state="passed",
            milliseconds=None if took is None else _milliseconds(took),
            message=watch.sentence(encryption),
            detail={} if encryption is None else encryption.detail(),
            **_certificate(certificate),
        )
        if self._until >= STAGES.index("login"):
            began = self._began + (took or 0)
            self._begin("login")
            self._began = began

    def _begin(self, stage: str) -> None:
        self._began = time.monotonic()
        self._service.say(stage=stage, state="began")

    def _pass(self, stage: str, **more: Any) -> None:
        self._service.say(stage=stage, state="passed", milliseconds=self._elapsed(), **more)

    def _fail(self, stage: str, failure: Failure, **more: Any) -> None:
        self.failed = True
        self._service.say(stage=stage, state="failed", milliseconds=self._elapsed(), failure=failure, **more)

    def _elapsed(self) -> float:
        return _milliseconds(time.monotonic() - self._began)


#: Then people want to see the certificate.
_ABOUT_CERTIFICATES = ("tls-untrusted", "tls-name-mismatch", "tls-expired", "tls-not-yet-valid")


def failure_of(error: Exception, ready: Ready) -> Failure:
    """What to say of an error, without secrets."""
    if isinstance(error, UnderpassError):
        return error.failure
    from .connectors.failures import scrubbed

    return fail(
        "internal",
        "login",
        f"Unexpected error of the driver: {type(error).__name__}: {scrubbed(str(error), ready)}.",
        "Please report this.",
    ).failure


def _for_this_python(failure: Failure) -> Failure:
    """Nobody is in a cell: the command is for a terminal, and for this very Python."""
    detail = failure.get("detail", {})
    requirement = detail.get("requirement")
    if failure["code"] != "driver-missing" or not requirement or " " in requirement:
        return failure
    command = f"{sys.executable} -m pip install '{requirement}'"
    return {
        **failure,
        "message": f'The driver is not installed in the Python {sys.executable} ("{detail.get("missing")}").',
        "fix": command,
        "detail": {**detail, "command": command},
    }


def _certificate(der: bytes | None) -> Mapping[str, str]:
    return {} if der is None else {"certificate": base64.b64encode(der).decode()}


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 1)


def main() -> int:
    """Exit code 0 whether or not the connection works: the lines say it."""
    parser = argparse.ArgumentParser(
        prog="python -m underpass.probe", description="Log in to a database; started by `underpass test`."
    )
    parser.add_argument("--until", choices=STAGES, default="query", help="the last stage to run")
    until = parser.parse_args().until
    # Drivers print what they like: that is not for the service.
    outgoing = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    service = Service(sys.stdin, outgoing)
    Walk(service, service.ready(), until).run()
    sys.stderr.flush()
    outgoing.flush()
    # Threads of drivers, and what they register for the end, may take their time.
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
