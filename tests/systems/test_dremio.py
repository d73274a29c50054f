"""Dremio's connector, through the bastion, on a Flight SQL server in its place."""

from __future__ import annotations

from underpass.connectors.base import Connector, Rows

SYSTEM = "dremio"


def rows(connector: Connector, sql: str, *params: object, limit: int | None = None) -> list[dict]:
    answer = connector.run(sql, params, limit=limit)
    assert isinstance(answer, Rows)
    return answer.take().to_pylist()


def test_a_statement_gives_its_rows(connector: Connector) -> None:
    assert rows(connector, "SELECT 1 AS one, 'x' AS letter") == [{"one": 1, "letter": "x"}]
