"""How much the front end makes a browser load."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

from tests.servers.process import PROJECT_FOLDER

LABEXTENSION = PROJECT_FOLDER / "jupyterlab_underpass" / "labextension"
#: Bytes, compressed as servers send them. Packages of JupyterLab and CodeMirror are shared, not ours.
MOST = 150_000


def size(path: Path) -> int:
    return len(gzip.compress(path.read_bytes()))


def test_the_front_end_is_small() -> None:
    scripts = [*LABEXTENSION.glob("static/*.js"), *LABEXTENSION.glob("static/*.css")]
    assert scripts
    assert sum(map(size, scripts)) <= MOST, {path.name: size(path) for path in scripts}


def test_nothing_of_the_editor_is_bundled_a_second_time() -> None:
    licences = json.loads((LABEXTENSION / "static" / "third-party-licenses.json").read_text())
    bundled = {package["name"] for package in licences["packages"]}
    assert not {
        name for name in bundled if name.startswith(("@codemirror/", "@lezer/", "@jupyterlab/", "@rjsf/"))
    }
