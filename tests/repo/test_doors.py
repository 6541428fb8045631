"""The ledger is the only way to write a Record: nobody takes the raw handle, no migration fills a table."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.repo import tree

MAY_HOLD_THE_HANDLE = ("ledger/store.py", "ledger/backends")
MAY_FILL_TABLES = ("ledger", "jobs")
RAW = {"connection": ("connection", "conn", "connections", "get_connection", "cursor"), "cursor": ("cursor",)}


def last_name(node: ast.expr) -> str:
    """The name that an expression ends in: `connections[alias]` ends in connections, `x.cursor()` in cursor."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Subscript):
        return last_name(node.value)
    return last_name(node.func) if isinstance(node, ast.Call) else ""


def raw_handles(source: str) -> list[int]:
    """Lines that reach behind Django's connection or cursor, where the write guard does not look."""
    reaches = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Attribute)]
    return sorted(node.lineno for node in reaches if last_name(node.value) in RAW.get(node.attr, ()))


def fills_tables(source: str) -> bool:
    names = (last_name(node.func) for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    return any(name in ("RunPython", "RunSQL") for name in names)


def may_hold(path: Path) -> bool:
    return any(path.is_relative_to(tree.SRC / one) for one in MAY_HOLD_THE_HANDLE)


def test_nobody_goes_round_the_write_guard():
    held = {tree.named(path): raw_handles(path.read_text()) for path in tree.python_files("src") if not may_hold(path)}
    assert {name: lines for name, lines in held.items() if lines} == {}


def test_no_migration_fills_record_tables():
    migrations = [path for path in tree.python_files("src") if path.parent.name == "migrations"]
    others = [path for path in migrations if path.parent.parent.name not in MAY_FILL_TABLES]
    assert [tree.named(path) for path in others if fills_tables(path.read_text())] == []


@pytest.mark.parametrize(
    "sample",
    [
        "connection.connection.execute(sql)",
        "connections[alias].connection",
        "self.connection.connection",
        "cursor.connection.execute(sql)",
        "transaction.get_connection().connection",
        "connection.cursor().cursor.execute(sql)",
        "cursor.cursor",
    ],
)
def test_control_the_raw_handle_is_found(sample):
    assert raw_handles(sample) == [1]


@pytest.mark.parametrize("sample", ["self.connection.cursor()", "connection.cursor()", "node.connection"])
def test_control_the_ordinary_way_passes(sample):
    assert raw_handles(sample) == []


def test_control_a_data_migration_is_found():
    assert fills_tables("operations = [migrations.RunPython(fill)]")
    assert fills_tables("operations = [RunSQL('delete')]")
    assert not fills_tables("operations = [migrations.CreateModel('Task', [])]")
