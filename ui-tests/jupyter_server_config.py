"""A Jupyter server for the tests in the browser, with a workspace of its own that is empty at first."""

import atexit
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

from jupyterlab.galata import configure_jupyter_server

# A new one each time: the tunnel service of the last run may still wait for its next client in the old one.
state = Path(tempfile.mkdtemp(prefix="underpass-ui-"))
atexit.register(shutil.rmtree, state, ignore_errors=True)
for folder in ("root", "runtime"):
    (state / folder).mkdir()

os.environ["JUPYTERLAB_GALATA_ROOT_DIR"] = str(state / "root")
os.environ["JUPYTER_CONFIG_DIR"] = str(state / "jupyter-config")
os.environ["IPYTHONDIR"] = str(state / "ipython")
# Kernels that tests make.
kernels = Path(__file__).resolve().parents[1] / ".build" / "ui-tests" / "kernels"
others = os.environ.get("JUPYTER_PATH", "")
os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, (str(kernels / "jupyter"), others)))
# Tests play the administrator with it.
policy = state / "policy.json"
policy.write_text("{}")
os.environ["UNDERPASS_POLICY_FILE"] = str(policy)
os.environ["UNDERPASS_HOME"] = str(state / "home")
os.environ["UNDERPASS_RUNTIME_DIR"] = str(state / "runtime")
# Not those of whoever runs the tests.
os.environ["PGPASSFILE"] = str(state / "pgpass")
os.environ["PGSERVICEFILE"] = str(state / "pg_service.conf")

c = get_config()  # noqa: F821  # pyright: ignore[reportUndefinedVariable]
configure_jupyter_server(c)
c.ServerApp.port = int(os.environ["UNDERPASS_UI_PORT"])
# Containers of test runners often have no other user.
c.ServerApp.allow_root = True

# A kernel that is said to run on another machine.
sys.path.append(str(Path(__file__).resolve().parents[1]))
from tests.provisioner import NAME, DistantProvisioner, install  # noqa: E402

install(NAME, DistantProvisioner)
distant = state / "distant" / "kernels" / "distant"
distant.mkdir(parents=True)
(distant / "kernel.json").write_text(
    json.dumps(
        {
            "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            # Behind "Python 3", which other tests get as the first one.
            "display_name": "Somewhere else",
            "language": "python",
            "metadata": {"kernel_provisioner": {"provisioner_name": NAME}},
        }
    )
)
os.environ["JUPYTER_PATH"] += os.pathsep + str(state / "distant")
