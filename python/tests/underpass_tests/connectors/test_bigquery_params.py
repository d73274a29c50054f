"""Lists of mixed numbers as BigQuery's arrays, which have one type."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from underpass.connectors.bigquery.params import parameters


@pytest.mark.parametrize(
    ("items", "kind", "sent"),
    [
        ([1, None], "INT64", ["1", None]),
        ([None], "STRING", [None]),
        ([1, 2.5, None], "FLOAT64", [1.0, 2.5, None]),
        ([1, Decimal("2.5")], "NUMERIC", ["1", "2.5"]),
        ([1, 2**70, Decimal("2.5")], "BIGNUMERIC", ["1", str(2**70), "2.5"]),
        # Rather refused by the server than sent as another number.
        ([2**53 + 1, 0.5], "STRING", [str(2**53 + 1), "0.5"]),
        ([Decimal("0.1"), 0.5], "STRING", ["0.1", "0.5"]),
        ([1, "a"], "STRING", ["1", "a"]),
    ],
)
def test_a_list_has_a_type_that_holds_all_its_items(items: list[Any], kind: str, sent: list[Any]) -> None:
    (told,) = (parameter.to_api_repr() for parameter in parameters([items]))
    assert told["parameterType"] == {"type": "ARRAY", "arrayType": {"type": kind}}
    assert [item["value"] for item in told["parameterValue"]["arrayValues"]] == sent
