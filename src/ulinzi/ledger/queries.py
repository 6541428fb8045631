"""What screens and commands ask the ledger: leaves for forms, conflicts, problems, the node's state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from ulinzi.kernel.errors import NotFound
from ulinzi.ledger import erase, merge, node, store, tables
from ulinzi.ledger.codec import Dot
from ulinzi.ledger.history import Event, timeline
from ulinzi.ledger.merge import Folded
from ulinzi.ledger.models import Conflict, FoundProblem
from ulinzi.ledger.records import shape_of, shapes
from ulinzi.ledger.shapes import Shape


@dataclass(frozen=True)
class OneValue:
    """One of the values of a group in conflict, with the dot that says who wrote it and when."""

    dots: tuple[Dot, ...]
    values: dict[str, Any]


@dataclass(frozen=True)
class GroupState:
    """A group as a form needs it: what it was made from, and every value that stands."""

    name: str
    dots: tuple[Dot, ...]
    conflict: bool
    erased: bool
    leaves: tuple[OneValue, ...]


def groups_of(label: str, record: UUID) -> dict[str, GroupState]:
    """The leaves of each group. A form carries their dots back, so that nobody overwrites what he has not seen."""
    shape, folded = _folded(label, record)
    found = {}
    for group in shape.groups:
        now = folded.groups[group.number]
        leaves = tuple(
            OneValue(tuple(leaf.dots), {one.name: one.from_wire(leaf.values.get(one.number)) for one in group.fields})
            for leaf in now.leaves
        )
        found[group.name] = GroupState(group.name, tuple(now.dots), now.conflict, now.erased, leaves)
    return found


def _folded(label: str, record: UUID) -> tuple[Shape, Folded]:
    here = node.current()
    shape = shape_of(label)
    rows = tables.by_ids(here, shape, [record])
    told = store.histories(here, [record.bytes])[record.bytes]
    folded = merge.fold(shape, told, erase.tombs_of(shape, rows[0])) if rows else None
    if folded is None:
        raise NotFound("record_not_found", record=str(record))
    return shape, folded


def history(label: str, record: UUID) -> list[Event]:
    return timeline(node.current(), label, record)


def label_of(record: UUID) -> str:
    """Which model an id belongs to."""
    birth = merge.owner_of(store.histories(node.current(), [record.bytes])[record.bytes])
    known = {shape.number: shape.label for shape in shapes()}
    if birth is None or birth.body[0] not in known:
        raise NotFound("record_not_found", record=str(record))
    return known[birth.body[0]]


def was_erased(record: UUID) -> bool:
    found = store.tombs(node.current(), [record.bytes]).get(record.bytes, {})
    return any(one.all for one in found.values())


def conflicts(compartments: list[str]) -> list[dict[str, Any]]:
    found = Conflict.objects.filter(compartment__in=compartments).order_by("id")
    return list(found.values("record", "root", "model", "compartment", "group"))


def problems(compartments: list[str]) -> list[dict[str, Any]]:
    found = FoundProblem.objects.filter(compartment__in=compartments).order_by("id")
    return list(found.values("record", "root", "model", "compartment", "code", "detail", "by_rule"))


@dataclass(frozen=True)
class FeedState:
    feed: str
    compartment: str
    own: bool
    seq: int
    hash: str


@dataclass(frozen=True)
class NodeState:
    """What the System page shows."""

    label: str
    key: str
    incarnations: int
    written: int
    compartments: dict[str, int]
    feeds: tuple[FeedState, ...]
    entries: int


def node_state() -> NodeState:
    here = node.current()
    row = store.read_node(here)
    feeds = store.rows(here, "SELECT feed, compartment, own, seq, hash FROM ledger_feed ORDER BY no")
    listed = tuple(FeedState(bytes(a).hex(), b, bool(c), d, bytes(e).hex()) for a, b, c, d, e in feeds)
    known = _ticks(here)
    entries = sum(feed.seq for feed in listed)
    return NodeState(row.label, row.key.hex(), row.incarnations, row.written, known, listed, entries)


def _ticks(here: node.Node) -> dict[str, int]:
    """A number for each compartment that moves with every commit that touches it: live screens ask for it."""
    sql = "SELECT compartment, SUM(tick) FROM ledger_feed GROUP BY compartment"
    return dict.fromkeys(store.compartments(here), 0) | {code: int(tick) for code, tick in store.rows(here, sql)}


def moved(places: list[str] | None) -> int:
    """A number that moves with every commit in these compartments, or in any: what a live screen asks for."""
    where = f" WHERE compartment IN ({', '.join(['%s'] * len(places))})" if places else ""
    return int(store.rows(node.current(), f"SELECT COALESCE(SUM(tick), 0) FROM ledger_feed{where}", places or [])[0][0])


def compartments() -> list[str]:
    return store.compartments(node.current())
