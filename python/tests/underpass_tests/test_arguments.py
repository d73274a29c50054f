from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from underpass.arguments import Arguments, parse_arguments
from underpass.failure import UnderpassError

#: What the front ends' parser is tested with, too.
LINES: dict[str, Any] = json.loads(
    (Path(__file__).parents[3] / "packages/protocol/src/sqlCell/firstLines.json").read_text("utf-8")
)


@pytest.mark.parametrize("case", LINES["read"], ids=lambda case: case["line"])
def test_a_line_is_read_as_front_ends_read_it(case: dict[str, str | None]) -> None:
    arguments = parse_arguments(str(case["line"]))
    assert (arguments.integration, arguments.output) == (case["integration"], case["output"])


@pytest.mark.parametrize("case", LINES["quoted"], ids=lambda case: case["name"])
def test_a_name_that_a_front_end_wrote_is_read(case: dict[str, str]) -> None:
    assert parse_arguments(case["word"]).integration == case["name"]


@pytest.mark.parametrize("line", LINES["refused"])
def test_what_front_ends_do_not_understand_is_refused(line: str) -> None:
    with pytest.raises(UnderpassError):
        parse_arguments(line)


@pytest.mark.parametrize(
    ("line", "arguments"),
    [
        ("prod", Arguments("prod")),
        ('"My DB" -o df', Arguments("My DB", "df")),
        ("-o df 'My DB' --decimals float", Arguments("My DB", "df", decimals="float")),
        (r'"A \"quoted\" name" --output=rows', Arguments('A "quoted" name', "rows")),
        ("a --frame polars --limit 10", Arguments("a", frame="polars", limit=10)),
        ("a --write --frame arrow --limit 0", Arguments("a", frame="arrow", limit=0, write=True)),
    ],
)
def test_words_are_quoted_as_in_a_shell(line: str, arguments: Arguments) -> None:
    assert parse_arguments(line) == arguments


@pytest.mark.parametrize(
    ("line", "fix"),
    [
        ("", "Write: %%sql"),
        ("My DB", 'Put a name of several words in quotes: %%sql "My DB"'),
        ('"My DB', "Write: %%sql"),
        ("prod -o", "Write: %%sql"),
        ("prod -o 2x", "Use one like this: -o df"),
        ("prod -o for", "Use one like this: -o df"),
        ("prod --decimals double", "Write: %%sql"),
        ("prod --nonsense", "Write: %%sql"),
    ],
)
def test_a_mistake_is_answered_with_its_fix(line: str, fix: str) -> None:
    with pytest.raises(UnderpassError) as refusal:
        parse_arguments(line)
    assert refusal.value.failure["code"] == "invalid-request"
    assert refusal.value.failure["fix"].startswith(fix)
