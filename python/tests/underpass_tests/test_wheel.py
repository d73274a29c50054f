from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

SOURCE = Path(__file__).parents[2]


def build(folder: Path, *, service: bool) -> subprocess.CompletedProcess[str]:
    ignored = shutil.ignore_patterns("tests", "__pycache__", *([] if service else ["_service"]))
    shutil.copytree(SOURCE, folder / "source", ignore=ignored)
    return subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder / "dist"],
        cwd=folder / "source",
        capture_output=True,
        text=True,
    )


def test_a_wheel_has_the_service_and_the_startup_file(tmp_path: Path) -> None:
    built = build(tmp_path, service=True)
    assert built.returncode == 0, built.stderr
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    names = {name.partition(".data/")[2] or name for name in zipfile.ZipFile(wheel).namelist()}
    assert "underpass/_service/underpass.cjs" in names
    assert "data/etc/ipython/startup/00-underpass.py" in names


def test_without_the_service_there_is_no_wheel(tmp_path: Path) -> None:
    built = build(tmp_path, service=False)
    assert built.returncode != 0
    assert "npm run bundle" in built.stderr
