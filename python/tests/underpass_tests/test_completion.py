"""Completion in a real kernel's SQL cells, from a real server's catalog."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from .conftest import Server
from .test_magic import Kernel


@pytest.fixture
def kernel(workspace: Path, database: str, server: Server) -> Iterator[Kernel]:
    server.run(
        "CREATE TABLE IF NOT EXISTS orders (id int, customer_name text);"
        "CREATE SCHEMA IF NOT EXISTS stock; CREATE TABLE IF NOT EXISTS stock.parts (part_number int);"
        "GRANT USAGE ON SCHEMA stock TO analyst"
    )
    kernel = Kernel(workspace)
    yield kernel
    kernel.close()


def complete(kernel: Kernel, cell: str) -> list[str]:
    """What the kernel offers at ``|`` now."""
    request = kernel.client.complete(cell.replace("|", ""), cell.index("|"))
    while True:
        message = kernel.client.get_shell_msg(timeout=20)
        if message["parent_header"].get("msg_id") == request:
            return message["content"]["matches"]


def completed(kernel: Kernel, statement: str, expected: str) -> list[str]:
    """What the kernel offers at ``|``, once it has read the catalog."""
    deadline = time.monotonic() + 20
    while True:
        matches = complete(kernel, f'%%sql "My DB" -o df\n{statement}')
        if expected in matches or time.monotonic() > deadline:
            return matches


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("SELECT * FROM ord|", "orders"),
        ("SELECT * FROM sto|", "stock"),
        ("SELECT * FROM stock.|", "parts"),
        ("SELECT cust| FROM orders", "customer_name"),
        ("SELECT p.| FROM stock.parts AS p", "part_number"),
        ('SELECT * FROM "stock".pa|', "parts"),
    ],
)
def test_names_come_from_the_catalog(kernel: Kernel, statement: str, expected: str) -> None:
    assert expected in completed(kernel, statement, expected)


def test_pythons_names_are_not_offered_in_a_statement(kernel: Kernel) -> None:
    kernel.run("order_of_python = 1")
    assert completed(kernel, "SELECT * FROM ord|", "orders") == ["orders"]


def test_a_cell_of_python_is_completed_as_ever(kernel: Kernel) -> None:
    kernel.run("some_variable = 1")
    assert "some_variable" in complete(kernel, "some_va|")


def test_the_catalog_is_there_for_python(kernel: Kernel) -> None:
    kernel.run("import underpass; catalog = underpass.catalog('My DB')")
    shown = kernel.run("print([t.name for t in catalog.tables('stock')], catalog.columns('stock', 'parts'))")
    assert "['parts'] [Column(name='part_number', type='integer', nullable=True)]" in shown.printed


def test_the_catalog_does_not_disturb_an_open_transaction(kernel: Kernel) -> None:
    kernel.run("import underpass")
    kernel.run('%%sql "My DB"\nBEGIN')
    refused = kernel.run("list(underpass.catalog('My DB').schemas())")
    assert refused.error is not None
    assert "A transaction is open" in refused.error[1]
    assert kernel.run('%%sql "My DB"\nROLLBACK').error is None


def test_sql_over_dataframes_is_completed_with_their_names_and_columns(kernel: Kernel) -> None:
    kernel.run("import pandas; sales = pandas.DataFrame({'product': ['Tea'], 'price': [4.5]})")
    assert "sales" in complete(kernel, "%%sql duckdb\nSELECT * FROM sal|")
    assert "price" in complete(kernel, "%%sql duckdb\nSELECT pri| FROM sales")


def test_an_expression_is_for_python(kernel: Kernel) -> None:
    kernel.run("some_variable = 1")
    assert "some_variable" in complete(kernel, '%%sql "My DB"\nSELECT {{ some_va| }}')


def test_the_first_line_is_completed_with_what_the_magic_understands(kernel: Kernel) -> None:
    offered = complete(kernel, '%%sql "My DB" --|')
    known = kernel.run(
        "from underpass.arguments import _parser\n"
        "print(*(o for a in _parser._actions for o in a.option_strings if o[:2] == '--'))"
    )
    assert {*offered, "--output"} == {*known.printed.split(), "--with"}
