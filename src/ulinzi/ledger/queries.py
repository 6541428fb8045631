"""What screens and commands ask the ledger: leaves for forms, conflicts, problems, the node's state."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connections

from ulinzi.kernel.errors import NotFound
from ulinzi.ledger import erase, hlc, merge, node, store, tables
from ulinzi.ledger.codec import Dot
from ulinzi.ledger.history import Event, timeline
from ulinzi.ledger.merge import Folded
from ulinzi.ledger.models import Conflict, FoundProblem
from ulinzi.ledger.records import shape_of, shapes
from ulinzi.ledger.shapes import Row, Shape


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


def groups_of(label: str, record: UUID, row: Row | None = None) -> dict[str, GroupState]:
    """The leaves of each group. A form carries their dots back, so that nobody overwrites what he has not seen.

    `row`: the record as it stands, where somebody has read it already.
    """
    shape, folded = _folded(label, record, row)
    found = {}
    for group in shape.groups:
        now = folded.groups[group.number]
        leaves = tuple(
            OneValue(tuple(leaf.dots), {one.name: one.from_wire(leaf.values.get(one.number)) for one in group.fields})
            for leaf in now.leaves
        )
        found[group.name] = GroupState(group.name, tuple(now.dots), now.conflict, now.erased, leaves)
    return found


def _folded(label: str, record: UUID, row: Row | None) -> tuple[Shape, Folded]:
    here = node.current()
    shape = shape_of(label)
    rows = tables.by_ids(here, shape, [record]) if row is None else [row]
    told = store.histories(here, [record.bytes])[record.bytes]
    folded = merge.fold(shape, told, erase.tombs_of(shape, rows[0])) if rows else None
    if folded is None:
        raise NotFound("record_not_found", record=str(record))
    return shape, folded


def history(label: str, record: UUID, children: Iterable[UUID] | None = None) -> list[Event]:
    return timeline(node.current(), label, record, children)


def own_feeds(events: Iterable[Event]) -> frozenset[bytes]:
    """Which of them this machine writes; what stands in other feeds was written on another."""
    return frozenset(one.feed for one in events if one.own)


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


def problems(compartments: list[str], *, root: UUID | None = None) -> list[dict[str, Any]]:
    """`root`: those of this record and its children alone."""
    found = FoundProblem.objects.filter(compartment__in=compartments).order_by("id")
    if root is not None:
        found = found.filter(root=root)
    return list(found.values("record", "root", "model", "compartment", "code", "detail", "by_rule"))


def count_conflicts(compartments: list[str]) -> int:
    return Conflict.objects.filter(compartment__in=compartments).count()


def count_problems(compartments: list[str]) -> int:
    return FoundProblem.objects.filter(compartment__in=compartments).count()


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
    feeds = store.rows(here, "SELECT feed, compartment, own, seq, hash, tick FROM ledger_feed ORDER BY no")
    listed = tuple(FeedState(bytes(a).hex(), b, bool(c), d, bytes(e).hex()) for a, b, c, d, e, _tick in feeds)
    known = _ticks(here, [(compartment, tick) for _feed, compartment, *_rest, tick in feeds])
    entries = sum(feed.seq for feed in listed)
    return NodeState(row.label, row.key.hex(), row.incarnations, row.written, known, listed, entries)


def _ticks(here: node.Node, feeds: Iterable[tuple[str, int]]) -> dict[str, int]:
    """A number for each compartment that moves with every commit that touches it: live screens ask for it."""
    found = dict.fromkeys(store.compartments(here), 0)
    for compartment, tick in feeds:
        found[compartment] = found.get(compartment, 0) + int(tick)
    return found


def moved(places: list[str] | None) -> int:
    """A number that moves with every commit in these compartments, or in any: what a live screen asks for."""
    where = f" WHERE compartment IN ({', '.join(['%s'] * len(places))})" if places else ""
    return int(store.rows(node.current(), f"SELECT COALESCE(SUM(tick), 0) FROM ledger_feed{where}", places or [])[0][0])


# What a page asks for again and again: each request asks once.

_kept: ContextVar[dict[str, list[str]] | None] = ContextVar("ulinzi_kept_compartments", default=None)


@contextmanager
def one_request() -> Iterator[None]:
    """Inside, the list of compartments is read once; a transaction reads it anew, because it decides by it."""
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)


def compartments() -> list[str]:
    here, kept = node.current(), _kept.get()
    if kept is None or store.connection(here).in_atomic_block:
        return store.compartments(here)
    if here.alias not in kept:
        kept[here.alias] = store.compartments(here)
    return list(kept[here.alias])


# What apps read that no row of a table says: counts, orders of their own.


def read(sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """By Django's cursor: the write guard looks at each statement."""
    with connections[node.current().alias].cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


class Heard(NamedTuple):
    """The newest entry that is here from one place: of this machine, or of all others together."""

    compartment: str
    own: bool
    machines: int
    at: int


def heard(places: Sequence[str]) -> list[Heard]:
    """How far what is here reaches: when each place was last written to, by this machine and by others."""
    if not places:
        return []
    # The newest entry of each feed by its number: joined, SQLite would go through all entries there are.
    newest = "SELECT e.hlc FROM ledger_entry e WHERE e.feed = f.no AND e.seq = f.seq"
    listed = f"SELECT f.compartment, f.own, ({newest}) AS hlc FROM ledger_feed f"
    sql = (
        f"SELECT compartment, own, COUNT(hlc), MAX(hlc) FROM ({listed}) newest"
        f" WHERE compartment IN ({store.marks(len(places))}) GROUP BY compartment, own HAVING COUNT(hlc) > 0"
    )
    found = store.rows(node.current(), sql, list(places))
    return [Heard(code, bool(own), int(count), hlc.micros(int(stamp))) for code, own, count, stamp in found]
