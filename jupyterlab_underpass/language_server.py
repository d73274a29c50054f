"""How ``jupyter-lsp`` starts the language server for SQL."""

from __future__ import annotations

import sys
from typing import Any

NAME = "underpass"


def specification(_manager: Any) -> dict[str, Any]:
    """What the entry point ``jupyter_lsp_spec_v1`` gives; the manager of language servers is not needed."""
    return {
        NAME: {
            "version": 2,
            "display_name": "Underpass",
            # The service that answers is started when somebody completes something.
            "argv": [sys.executable, "-m", "underpass", "language-server"],
            "languages": ["sql"],
            "mime_types": ["text/x-sql", "application/sql"],
            # Nothing is read from files: no copies of notebooks for its sake.
            "requires_documents_on_disk": False,
            "urls": {"home": "https://underpass.readthedocs.io"},
        }
    }
