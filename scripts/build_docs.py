"""Build the site of the guides into ``.build/docs``: ``python scripts/build_docs.py [--pictures]``.

``--pictures`` takes all pictures anew first, in a browser against real servers. The build fails upon a broken
link, a missing or heavy picture, and a page whose browser would have to ask another host for what it shows.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / ".build" / "docs"
PICTURES = ROOT / "docs" / "images"
#: Bytes of one picture.
HEAVY = 150_000


class Loaded(HTMLParser):
    """Addresses that a browser loads by itself, unlike those of links."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        names = ["src", "srcset", "poster"]
        if tag == "link" and values.get("rel") != "canonical":
            names.append("href")
        self.addresses += [value for name in names if (value := values.get(name))]


def take_pictures() -> int:
    """Run the tests in the browser that take any."""
    tests = sorted((ROOT / "ui-tests" / "tests").glob("*.spec.ts"))
    with_pictures = [path.name for path in tests if "screenshots'" in path.read_text()]
    return subprocess.run(
        ["npx", "playwright", "test", "--config=ui-tests", *with_pictures],
        cwd=ROOT,
        env={**os.environ, "UNDERPASS_SCREENSHOTS": "1"},
        check=False,
    ).returncode


def build() -> int:
    """Warnings are errors: a link or a picture that is not there, a page that nothing leads to."""
    # Not --quiet: what is not said is not counted, and --strict would let it pass.
    finished = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--clean", "--strict"],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        stderr=subprocess.STDOUT,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if finished.returncode:
        print(finished.stdout, file=sys.stderr)
    return finished.returncode


def faults() -> Iterator[str]:
    """What is wrong with the site that was built."""
    for picture in sorted(PICTURES.rglob("*.png")):
        if (size := picture.stat().st_size) > HEAVY:
            yield f"{picture.relative_to(ROOT)} has {size} bytes, more than {HEAVY}"
    for page in sorted(SITE.rglob("*.html")):
        parser = Loaded()
        parser.feed(page.read_text())
        for address in parser.addresses:
            if address.startswith(("http:", "https:", "//")):
                yield f"{page.relative_to(SITE)} loads {address}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, prog="make docs")
    parser.add_argument("--pictures", action="store_true", help="take all pictures anew first")
    if parser.parse_args().pictures and (code := take_pictures()):
        return code
    if code := build():
        return code
    found = list(faults())
    print(*found, sep="\n", end="\n" if found else "", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
