"""What becomes of a driver that is not complete."""

from __future__ import annotations

import json
import os
import subprocess
import sys

SCRIPT = """\
import json
from underpass.connectors import find_connector
from underpass.failure import UnderpassError
try:
    find_connector("redshift")
except UnderpassError as error:
    print(json.dumps(error.failure))
"""


def test_psycopg_without_a_libpq_is_answered_with_the_line_that_installs_it() -> None:
    finished = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        # An implementation that is not installed.
        env={**os.environ, "PSYCOPG_IMPL": "c"},
        stdout=subprocess.PIPE,
        check=True,
    )
    failure = json.loads(finished.stdout)
    assert failure["code"] == "driver-missing"
    assert "%pip install 'underpass[redshift]'" in failure["fix"]
