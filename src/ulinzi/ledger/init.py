"""The first moment of a node: key, node row, compartments, incarnation."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from django.core.management import call_command
from django.db import transaction
from django.db.migrations.executor import MigrationExecutor

from ulinzi.kernel.chance import Chance, SystemChance
from ulinzi.kernel.clock import Clock
from ulinzi.kernel.errors import Refused
from ulinzi.ledger import node as nodes
from ulinzi.ledger import store
from ulinzi.ledger.node import Node
from ulinzi.ledger.store import NodeRow

CODE = re.compile(r"[A-Z]{2,5}")
COMPARTMENT = re.compile(r"[a-z][a-z0-9-]{0,39}")

# In the home, while tables of an older version wait to be filled from the entries.
STALE = "tables.stale"


def initialise(
    home: Path,
    *,
    code: str,
    compartments: Iterable[str],
    alias: str = "default",
    clock: Clock | None = None,
    chance: Chance | None = None,
) -> Node:
    """Make a node, or finish one that was begun. Running it twice changes nothing."""
    wanted = _checked(code, compartments)
    nodes.make_key(home, chance or SystemChance())
    node = nodes.open_node(home, alias=alias, clock=clock, chance=chance)
    migrate(node)
    with transaction.atomic(using=alias), store.connection(node).ledger_opened():
        if not store.rows(node, "SELECT 1 FROM ledger_node"):
            _begin(node, code)
            (node.home / STALE).unlink(missing_ok=True)
        elif store.read_node(node).key != node.public_key:
            raise Refused("node_key_differs")
        for compartment in wanted:
            store.insert_compartment(node, compartment)
    return node


def bring_marker_forward(node: Node) -> None:
    """At start: a crash between commit and marker left it behind, and a backup just as old would go unnoticed."""
    row, marked = store.read_node(node), node.marker.read()
    if marked is not None and marked.incarnation == row.incarnation and marked.written < row.written:
        node.marker.write(nodes.Mark(row.incarnation, row.incarnations, row.written))


def is_older(node: Node) -> bool:
    """Whether the tables wait for a migration: until then nothing they say can be compared with the ledger."""
    executor = MigrationExecutor(store.connection(node))
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def migrate(node: Node) -> None:
    """Columns only. The mark stays until a rebuild has filled them: an end in between is not forgotten."""
    if is_older(node):
        (node.home / STALE).touch(mode=0o600)
    with node.use():
        call_command("migrate", database=node.alias, verbosity=0, interactive=False)


def _checked(code: str, compartments: Iterable[str]) -> list[str]:
    if not CODE.fullmatch(code):
        raise Refused("node_code_not_allowed", given=code)
    wanted = list(compartments)
    for compartment in wanted:
        if not COMPARTMENT.fullmatch(compartment):
            raise Refused("compartment_not_allowed", compartment=compartment)
    return wanted


def _begin(node: Node, code: str) -> None:
    incarnation = node.chance.bytes(16)
    _insert_node(node, NodeRow(code, node.public_key, incarnation, 1, 0, 0, 0))
    transaction.on_commit(lambda: node.marker.begin(nodes.Mark(incarnation, 1, 0)), using=node.alias)


def _insert_node(node: Node, row: NodeRow) -> None:
    sql = (
        "INSERT INTO ledger_node (id, code, key, incarnation, incarnations, written, hlc, counter)"
        f" VALUES (1, {store.marks(7)})"
    )
    values = (row.code, row.key, row.incarnation, row.incarnations, row.written, row.hlc, row.counter)
    store.execute(node, sql, values)
