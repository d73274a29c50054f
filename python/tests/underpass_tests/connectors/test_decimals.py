"""Numbers that come as text, at the edge of what a decimal128 holds."""

from __future__ import annotations

from decimal import Decimal

import pyarrow as pa
import pytest

from underpass.connectors.decimals import decimals

UNKNOWN = -1


def typmod(precision: int, scale: int) -> int:
    return ((precision << 16) | (scale & 0x7FF)) + 4


def read(*texts: str | None, modifier: int = UNKNOWN) -> tuple[list[object], str | None]:
    column, remark = decimals(pa.chunked_array([pa.array(texts, pa.string())]), modifier)
    return column.to_pylist(), remark


@pytest.mark.parametrize(
    "texts",
    [
        ["9" * 38],
        ["-" + "9" * 38],
        ["-" + "9" * 19 + "." + "9" * 19, "1"],
        ["-0." + "9" * 37],
        ["0.1", "-12345678901234567890.5", None],
    ],
)
def test_numbers_of_38_digits_are_exact(texts: list[str | None]) -> None:
    expected = [None if text is None else Decimal(text) for text in texts]
    assert read(*texts) == (expected, None)


@pytest.mark.parametrize(
    "texts",
    [
        ["9" * 39],
        ["-" + "9" * 39],
        ["9" * 38, "0.1"],
        ["-" + "9" * 20 + "." + "9" * 19],
        ["1", "NaN"],
        ["-Infinity"],
    ],
)
def test_what_does_not_fit_stays_text_with_a_remark(texts: list[str]) -> None:
    values, remark = read(*texts)
    assert values == texts
    assert remark is not None


@pytest.mark.parametrize(
    ("precision", "scale", "text"), [(38, 0, "-" + "9" * 38), (38, 38, "-0." + "9" * 38), (3, 5, "0.00999")]
)
def test_a_declared_precision_is_enough(precision: int, scale: int, text: str) -> None:
    assert read(text, modifier=typmod(precision, scale)) == ([Decimal(text)], None)


def test_more_than_was_declared_is_not_taken_for_another_number() -> None:
    values, remark = read("9" * 39, modifier=typmod(38, 0))
    assert values == ["9" * 39]
    assert remark is not None
