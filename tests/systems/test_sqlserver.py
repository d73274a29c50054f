"""SQL Server through the bastion: what its values become, and what its statements do."""

from __future__ import annotations

from underpass.connectors.base import Connector, Rows

SYSTEM = "sqlserver"


def test_one_row(connector: Connector) -> None:
    answer = connector.run("SELECT 1 AS one", ())
    assert isinstance(answer, Rows)
    assert answer.take().to_pydict() == {"one": [1]}
