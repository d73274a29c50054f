"""``python -m underpass.catalog_reader``: read names of tables and columns, for completion.

The tunnel service starts it and writes one line of JSON to its standard input, what ``underpass/ensure``
answers; secrets come in no other way. Then it asks, a line for each question, and gets a line
for each answer. It ends with the service: when its input ends.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from .failure import UnderpassError
from .probe import Service, failure_of

if TYPE_CHECKING:
    from .connectors.base import Connector

_ANSWERS: dict[str, Callable[[Connector, Mapping[str, Any]], list[Any]]] = {
    "searched": lambda connector, _: connector.searched(),
    "schemas": lambda connector, asked: connector.schemas(after=asked["after"]),
    "tables": lambda connector, asked: [
        (table.name, table.kind) for table in connector.tables(asked["schema"], after=asked["after"])
    ],
    "columns": lambda connector, asked: [
        (column.name, column.type) for column in connector.columns(asked["schema"], asked["table"])
    ],
}


def read(service: Service) -> None:
    """Log in and answer until nobody asks any more; a login that fails is not repeated."""
    from .connectors import find_connector

    ready = service.ready()
    try:
        ready.require_own_listener()
        connector = find_connector(ready.type).open(ready)
    except Exception as error:
        service.say(failure=failure_of(error, ready))
        return
    service.say(state="ready")
    while True:
        asked = service.hear()
        try:
            service.say(entries=_ANSWERS[asked["ask"]](connector, asked))
        except UnderpassError as error:
            service.say(failure=error.failure)
        except Exception as error:
            service.say(failure=failure_of(error, ready))


def main() -> int:
    """Never ends by itself but after a login that failed."""
    # Drivers print what they like: that is not for the service.
    outgoing = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    read(Service(sys.stdin, outgoing))
    # Threads of drivers, and what they register for the end, may take their time.
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
