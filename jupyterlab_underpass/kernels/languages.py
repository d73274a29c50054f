"""How a running kernel is told to change variables, by its language.

What is sent holds host names and ports, nothing secret. It imports nothing of ours, as kernels may run in
other environments, leaves no names behind and never fails: an error would drop what the user has queued. It
does nothing in a process that does not have the environment it was launched with (in a container, say).
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from typing import Any

from .variables import Change, Value

#: What a kernel has from the server that launched it. On Windows it is a handle, another one in each process.
PARENT = None if os.name == "nt" else ("JPY_PARENT_PID", str(os.getpid()))

PYTHON = """
from os import environ
if parent is None or environ.get(parent[0]) == parent[1]:
    for name, (new, ours) in changes.items():
        if environ.get(name) in ours:
            if new is not None:
                environ[name] = new
            elif name in environ:
                del environ[name]
"""

R = """
base::evalq({
  if (%s) for (change in list(%s)) {
    if (Sys.getenv(change[1], unset = NA) %%in%% change[-(1:2)]) {
      if (is.na(change[2])) Sys.unsetenv(change[1])
      else do.call(Sys.setenv, structure(list(change[2]), names = change[1]))
    }
  }
}, base::new.env(parent = base::baseenv()))
"""

#: Content of an ``execute_request`` that makes the changes.
Request = Callable[[Mapping[str, Change]], dict[str, Any]]


def python_request(changes: Mapping[str, Change]) -> dict[str, Any]:
    """No code, but an expression, which IPython evaluates without the steps of a cell: nothing is compiled
    into its cache, and neither ``_`` nor the last traceback takes notice."""
    given = {
        "parent": PARENT,
        "changes": {name: (change.new, change.ours) for name, change in changes.items()},
    }
    return request("", {"underpass": f"__import__('builtins').exec({PYTHON!r}, {given!r})"})


def r_request(changes: Mapping[str, Change]) -> dict[str, Any]:
    """IRkernel has no expressions, only silent cells; ``base`` only, as the user's names may hide others."""
    same = (
        "TRUE" if PARENT is None else f"identical(Sys.getenv({r_string(PARENT[0])}), {r_string(PARENT[1])})"
    )
    vectors = [
        f"c({', '.join(r_string(value) for value in (name, change.new, *change.ours))})"
        for name, change in changes.items()
    ]
    return request(R % (same, ", ".join(vectors)))


def request(code: str, expressions: Mapping[str, str] | None = None) -> dict[str, Any]:
    return {
        "code": code,
        "silent": True,
        "store_history": False,
        "user_expressions": expressions or {},
        # As the cells of front ends: IPython remembers what the last request said.
        "allow_stdin": True,
        "stop_on_error": False,
    }


def r_string(value: Value) -> str:
    # The escapes of JSON are R's, too.
    return "NA_character_" if value is None else json.dumps(value, ensure_ascii=False)


REQUESTS: Mapping[str, Request] = {"python": python_request, "r": r_request}
