"""A kernel in an environment that misses one driver, which pip can install there without a network.

``python -m tests.driverless FOLDER`` makes it; ``JUPYTER_PATH=FOLDER/jupyter`` finds the kernel.
"""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
import zipfile
from importlib.metadata import Distribution, distribution
from pathlib import Path

#: Name of the kernel.
KERNEL = "driverless"
#: Belongs to ``underpass[postgresql]``.
MISSING = "adbc-driver-postgresql"


def make_kernel(folder: Path) -> None:
    """Make an environment below ``folder`` with the packages of this one, the driver apart; its kernel."""
    driver = distribution(MISSING)
    packages, environment, wheels = folder / "packages", folder / "environment", folder / "wheels"
    packages.mkdir(parents=True)
    wheels.mkdir()
    parts = {Path(file).parts[0] for file in driver.files or ()}
    for path in Path(sysconfig.get_path("purelib")).iterdir():
        if path.name not in parts:
            (packages / path.name).symlink_to(path)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True)
    (own,) = environment.glob("lib/python3*/site-packages")
    (own / "others.pth").write_text(f"{packages}\n")
    # Announces the magics to IPython.
    (environment / "etc").symlink_to(Path(sys.prefix) / "etc")
    _write_wheel(driver, wheels)
    spec = folder / "jupyter" / "kernels" / KERNEL / "kernel.json"
    spec.parent.mkdir(parents=True)
    spec.write_text(
        json.dumps(
            {
                "argv": [
                    *(str(environment / "bin" / "python"), "-m", "ipykernel_launcher"),
                    *("-f", "{connection_file}"),
                ],
                "display_name": "Python without a driver",
                "language": "python",
                "env": {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels), "PIP_CONFIG_FILE": "/dev/null"},
            }
        )
    )


def _write_wheel(driver: Distribution, folder: Path) -> None:
    """Pack an installed distribution again."""
    tag = next(
        line.partition(":")[2].strip()
        for line in (driver.read_text("WHEEL") or "").splitlines()
        if line.startswith("Tag:")
    )
    name = f"{driver.name.replace('-', '_')}-{driver.version}-{tag}.whl"
    with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as wheel:
        for file in driver.files or ():
            if file.suffix != ".pyc" and file.name not in ("INSTALLER", "REQUESTED"):
                wheel.write(str(file.locate()), str(file))


if __name__ == "__main__":
    make_kernel(Path(sys.argv[1]).absolute())
