"""What the guides say of SQL cells."""

import re
from pathlib import Path

import nbformat

from underpass.arguments import parse_arguments

ROOT = Path(__file__).resolve().parents[3]


def first_lines() -> list[tuple[str, str]]:
    """Of the cells on all pages and of the demo: where it stands, and what is behind the magic."""
    texts = [(path, path.read_text()) for path in (ROOT / "docs").rglob("*.md")]
    texts.append((ROOT / "README.md", (ROOT / "README.md").read_text()))
    demo = ROOT / "demo" / "demo.ipynb"
    texts += [(demo, cell.source) for cell in nbformat.read(demo, as_version=4).cells]
    return [
        (str(path.relative_to(ROOT)), line)
        for path, text in texts
        if "decisions" not in path.parts
        for line in re.findall(r"^ *%%(?:sql|underpass) (.+)$", text, re.MULTILINE)
    ]


def test_the_first_line_of_each_sql_cell_of_the_guides_is_understood() -> None:
    found = first_lines()
    assert len(found) >= 5
    for page, line in found:
        assert parse_arguments(line).integration, page
