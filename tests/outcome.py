"""What came out of a cell, the same for every way to run one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Outcome:
    """Outputs of one cell, gathered from the kernel's messages."""

    #: Everything that was printed or shown as plain text, the text of an error too.
    text: str = ""
    #: Name of the exception, if the cell failed.
    error: str | None = None
    shown: list[Mapping[str, Any]] = field(default_factory=list)

    def receive(self, message: Mapping[str, Any]) -> None:
        """Take one IOPub message of the kernel."""
        content = message["content"]
        match message["header"]["msg_type"]:
            case "stream":
                self.text += content["text"]
            case "execute_result" | "display_data":
                self.shown.append(content["data"])
                self.text += content["data"].get("text/plain", "") + "\n"
            case "update_display_data":
                self.shown.append(content["data"])
            case "error":
                self.error = content["ename"]
                self.text += "\n".join(content["traceback"])
