"""Cells on a connector of SQL Server, without a kernel."""

from __future__ import annotations

from typing import Any

import pytest

from underpass.connectors.base import Affected, Connector, Rows
from underpass.connectors.sqlserver import SQLServer
from underpass.failure import Failure, UnderpassError


def answers(
    connector: Connector, cell: str, limit: int | None = None, **values: Any
) -> list[Rows | Affected]:
    """What each batch of a cell gives."""
    statements = SQLServer.statements(cell, lambda source: eval(source, dict(values)))
    return [connector.run(one.sql, one.params, limit=limit) for one in statements]


def rows(connector: Connector, cell: str, limit: int | None = None, **values: Any) -> list[dict[str, Any]]:
    """The rows of the last batch."""
    answer = answers(connector, cell, limit, **values)[-1]
    assert isinstance(answer, Rows)
    return answer.take().to_pylist()


def failure(connector: Connector, cell: str, **values: Any) -> Failure:
    """Why a cell does not work."""
    with pytest.raises(UnderpassError) as caught:
        answers(connector, cell, **values)
    return caught.value.failure
