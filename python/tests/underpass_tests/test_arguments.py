from __future__ import annotations

import pytest

from underpass.arguments import Arguments, parse_arguments
from underpass.failure import UnderpassError


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
