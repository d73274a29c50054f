"""What a cell offers beside its error: a front end may run the command that installs what is missing.

The text of the error says everything; this is for programs. It is shown as data of a type of its own, which a
front end without a renderer for it shows as one line of text.
"""

from __future__ import annotations

import re

from IPython.display import display

from .failure import Failure

MIME_TYPE = "application/vnd.underpass.failure+json"

#: What ``pip install`` can add to a running kernel. Front ends have the same rule: notebooks come from
#: anywhere.
_INSTALLABLE = re.compile(r"underpass\[[a-z]+\]|polars|cryptography")


def show_offer(failure: Failure) -> None:
    """Show ``failure`` to programs, if it is about something that a front end can install."""
    requirement = str(failure.get("detail", {}).get("requirement", ""))
    if failure["code"] == "driver-missing" and _INSTALLABLE.fullmatch(requirement):
        display({MIME_TYPE: failure, "text/plain": f"Missing: {requirement}"}, raw=True)
