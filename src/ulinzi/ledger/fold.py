"""From folded parts to table rows: the record's own columns, then what the aggregate derives."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from ulinzi.ledger import store, tables
from ulinzi.ledger.merge import Folded
from ulinzi.ledger.node import Node
from ulinzi.ledger.records import shape_of
from ulinzi.ledger.shapes import Problem, Row, Shape

Found = tuple[Shape, Row, Problem]


class Standing(NamedTuple):
    """A record as the log has it."""

    shape: Shape
    row: Row
    folded: Folded


@dataclass
class Aggregate:
    """A root and its children, as rows. The root may not be here yet."""

    root: UUID
    shape: Shape
    row: Row | None = None
    children: dict[str, dict[UUID, Row]] = field(default_factory=dict)

    def listed(self) -> dict[str, list[Row]]:
        return {
            label: sorted(self.children.get(label, {}).values(), key=lambda row: row["id"].int)
            for label in self.shape.children
        }

    def put(self, shape: Shape, row: Row) -> None:
        if shape.root:
            self.children.setdefault(shape.label, {})[row["id"]] = row
        else:
            self.row = row

    def drop(self, shape: Shape, record: UUID) -> None:
        if shape.root:
            self.children.get(shape.label, {}).pop(record, None)
        else:
            self.row = None

    def rows(self) -> list[Row]:
        children = [row for listed in self.children.values() for row in listed.values()]
        return children + ([self.row] if self.row is not None else [])

    def find(self, shape: Shape, record: UUID) -> Row | None:
        return self.children.get(shape.label, {}).get(record) if shape.root else self.row


def row_of(shape: Shape, folded: Folded, into: Row | None = None) -> Row:
    """The row of a folded record; `into` keeps the object, and the derived columns, that a caller already holds."""
    fresh = base_row(shape, folded, into and into["id"])
    if into is None:
        return Row(fresh, breaches=0, **dict.fromkeys(derived.name for derived in shape.derived))
    into.update(fresh)
    return into


def base_row(shape: Shape, folded: Folded, known: UUID | None = None) -> Row:
    """What the record's own entries say, without what its aggregate derives; `known` may be its id, ready made."""
    row = Row(
        id=known if known and known.bytes == folded.record else UUID(bytes=folded.record),
        compartment=folded.compartment,
        conflict=folded.conflict,
        newer=folded.newer,
        erased=",".join(sorted([group.name for group in shape.groups if folded.groups[group.number].erased])),
        problems=len(folded.problems),
    )
    if shape.root:
        row["root"] = UUID(bytes=folded.root) if folded.root else None
    for group in shape.groups:
        values = folded.groups[group.number].values
        for name, number, is_id in group.columns:
            value = values.get(number)
            row[name] = UUID(bytes=value) if is_id and value is not None else value
    return row


def new_row(shape: Shape, record: UUID, compartment: str, root: UUID | None, values: Mapping[str, Any]) -> Row:
    """A newborn's row, before its unit ends."""
    row = Row({one.name: values.get(one.name) for one in shape.fields})
    row.update({derived.name: None for derived in shape.derived})
    row.update(id=record, compartment=compartment, conflict=False, newer=False, erased="", problems=0, breaches=0)
    if shape.root:
        row["root"] = root
    return row


def is_marked(row: Row) -> bool:
    """Whether conflicts or problems are on file for it."""
    return bool(row["conflict"] or row["problems"] or row["breaches"])


def root_of(shape: Shape, row: Row) -> UUID:
    root: UUID = row["root"] if shape.root and row["root"] else row["id"]
    return root


def derive(aggregate: Aggregate) -> tuple[bool, list[Problem]]:
    """Fill the root's derived columns; whether anything changed, and the problems the app's rules see."""
    root = aggregate.row
    if root is None or aggregate.shape.is_plain:
        return False, []
    children = aggregate.listed()
    problems = aggregate.shape.problems(root, children)
    after = {**aggregate.shape.derive(root, children), "breaches": len(problems)}
    changed = any(root[name] != value for name, value in after.items())
    root.update(after)
    return changed, problems


def load_aggregates(node: Node, shape: Shape, roots: Iterable[UUID], *, lock: bool = False) -> dict[UUID, Aggregate]:
    """Roots and children by root id, the root's row locked first where the database locks rows."""
    found = {root: Aggregate(root, shape) for root in roots}
    for row in tables.by_ids(node, shape, found, lock=lock):
        found[row["id"]].row = row
    for label in shape.children:
        child = shape_of(label)
        for row in tables.by_ids(node, child, found, column="root_id"):
            found[row["root"]].put(child, row)
    return found


def write_rows(node: Node, rows: Iterable[tuple[Shape, Row]]) -> None:
    by_shape: dict[str, list[Row]] = {}
    for shape, row in rows:
        by_shape.setdefault(shape.label, []).append(row)
    for label, listed in by_shape.items():
        tables.upsert(node, shape_of(label), listed)


def conflicts_of(shape: Shape, folded: Folded) -> Iterable[tuple[str, str]]:
    for group in shape.groups if folded.conflict else ():
        now = folded.groups[group.number]
        if now.conflict:
            yield group.name, json.dumps([f"{dot.feed.hex()}:{dot.seq}:{dot.part}" for dot in now.dots])


def write_conflicts(node: Node, standing: Sequence[Standing]) -> None:
    rows = [
        (*_named(node, shape, row), name, leaves)
        for shape, row, folded in standing
        if folded.conflict
        for name, leaves in conflicts_of(shape, folded)
    ]
    sql = 'INSERT INTO ledger_conflict (record, root, model, compartment, "group", leaves)'
    store.execute_many(node, f"{sql} VALUES ({store.marks(6)})", rows)


def write_problems(node: Node, merged: Sequence[Found], ruled: Sequence[Found]) -> None:
    rows = [
        (*_named(node, shape, row), by_rule, one.code, one.detail[:200])
        for by_rule, found in ((False, merged), (True, ruled))
        for shape, row, one in found
    ]
    sql = "INSERT INTO ledger_foundproblem (record, root, model, compartment, by_rule, code, detail)"
    store.execute_many(node, f"{sql} VALUES ({store.marks(7)})", rows)


def clear_merged(node: Node, records: Iterable[UUID]) -> None:
    """Forget what merging brought about in these records: it is about to be told anew."""
    ids = [[one] for one in tables.id_params(node, records)]
    store.execute_many(node, "DELETE FROM ledger_conflict WHERE record = %s", ids)
    store.execute_many(node, "DELETE FROM ledger_foundproblem WHERE record = %s AND NOT by_rule", ids)


def clear_ruled(node: Node, roots: Iterable[UUID]) -> None:
    ids = [[one] for one in tables.id_params(node, roots)]
    store.execute_many(node, "DELETE FROM ledger_foundproblem WHERE record = %s AND by_rule", ids)


def _named(node: Node, shape: Shape, row: Row) -> tuple[Any, Any, str, str]:
    record, root = tables.id_params(node, [row["id"], root_of(shape, row)])
    return record, root, shape.label, row["compartment"]
