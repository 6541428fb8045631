"""The timeline of a record and its children, in the order it was written down: who, what, when, why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from ulinzi.kernel import ids
from ulinzi.ledger import codec, hlc, store
from ulinzi.ledger.codec import Dot
from ulinzi.ledger.merge import NO_GROUP, NOTHING_ERASED, Told, Tombs, Version
from ulinzi.ledger.node import Node
from ulinzi.ledger.records import model_of, shape_numbered, shape_of
from ulinzi.ledger.shapes import Group, Shape

Stones = Mapping[bytes, Mapping[str, Tombs]]


@dataclass(frozen=True)
class Change:
    """One group of one record as an entry wrote it. Erased: that it was written stays, what it said does not."""

    label: str
    record: UUID
    group: str
    values: dict[str, Any] | None
    born: bool
    dot: Dot
    withheld: bool = False  # it is there, and not for this reader


@dataclass(frozen=True)
class Erased:
    """What an entry erased, on which basis, with whose consent besides."""

    groups: tuple[str, ...]
    basis: str
    second: UUID | None


@dataclass
class Event:
    """One entry, as far as it concerns the record."""

    feed: bytes
    seq: int
    written_at: int
    compartment: str
    own: bool = False  # this machine wrote it
    actor: UUID | None = None
    action: str | None = None
    reason: str = ""
    claimed_at: int | None = None
    on_behalf_of: UUID | None = None
    changes: list[Change] = field(default_factory=list)
    erasures: list[Erased] = field(default_factory=list)


def timeline(node: Node, label: str, root: UUID, children: Iterable[UUID] | None = None) -> list[Event]:
    """Every entry that names the record or one of its children, from the compartment they live in.

    `children`: where somebody has asked for them already.
    """
    records = [root, *(_children(shape_of(label), root) if children is None else children)]
    tombs = store.tombs(node, [record.bytes for record in records])
    found: dict[tuple[int, int], Event] = {}
    whys = []
    for row in _parts_of(node, records):
        if row.type == codec.WHY:
            whys.append(row)
        else:
            _add(found, row, tombs)
    _add_whys(found, whys)
    return sorted(found.values(), key=lambda one: (one.written_at, one.feed, one.seq))


def _children(shape: Shape, root: UUID) -> Iterable[UUID]:
    for label in shape.children:
        yield from model_of(label).objects.filter(root=root).values_list("id", flat=True)


class _Part(NamedTuple):
    no: int
    seq: int
    part: int
    type: int
    record: Any
    body: Any
    feed: Any
    compartment: str
    own: Any
    stamp: int


_PARTS = (
    "SELECT p.feed, p.seq, p.part, p.type, p.record, p.body, f.feed, f.compartment, f.own, e.hlc FROM"
    " (SELECT DISTINCT feed, seq FROM ledger_part WHERE record IN ({listed})) n"
    " JOIN ledger_part p ON p.feed = n.feed AND p.seq = n.seq AND (p.type = %s OR p.record IN ({listed}))"
    " JOIN ledger_feed f ON f.no = p.feed JOIN ledger_entry e ON e.feed = p.feed AND e.seq = p.seq"
    " ORDER BY p.feed, p.seq, p.part"
)


def _parts_of(node: Node, records: Sequence[UUID]) -> Iterable[_Part]:
    """What entries say of these records, and why each was written: one question, from however many machines."""
    for chunk in store.in_lists(record.bytes for record in records):
        found = store.rows(node, _PARTS.format(listed=store.marks(len(chunk))), [*chunk, codec.WHY, *chunk])
        yield from (_Part(*row) for row in found)


def _add(found: dict[tuple[int, int], Event], row: _Part, tombs: Stones) -> None:
    no, seq, part, kind, record, body, feed, compartment, own, stamp = row
    if not ids.lives_in(bytes(record), compartment):
        return
    event = found.setdefault((no, seq), Event(bytes(feed), seq, hlc.micros(stamp), compartment, bool(own)))
    told = Told(
        compartment, Dot(bytes(feed), seq, part), stamp, kind, None if body is None else codec.loads(bytes(body))
    )
    if kind == codec.WRITE:
        gone = tombs.get(bytes(record), {}).get(compartment, NOTHING_ERASED)
        event.changes += _changes(told, UUID(bytes=bytes(record)), body is None, gone)
    elif kind == codec.ERASE and codec.is_erasure(told.body):
        event.erasures.append(_erased(told.body))


def _changes(told: Told, record: UUID, erased: bool, tombs: Tombs) -> list[Change]:
    """In today's words, as the fold reads them. What was erased is not shown, also where its words came later."""
    shape = shape_numbered(told.body[0]) if codec.is_write(told.body) else None
    if erased or tombs.hides(told.read(shape).groups if shape else NO_GROUP):
        return [Change("", record, "", None, False, told.dot)]
    if shape is None or not told.versions:
        return [Change(shape.label if shape else "", record, "", {}, False, told.dot)]
    return [_change(shape, shape.by_number[version.group], record, version) for version in told.versions]


def _change(shape: Shape, group: Group, record: UUID, version: Version) -> Change:
    return Change(shape.label, record, group.name, _named(group, version.values), version.born, version.dots[0])


def _named(group: Group, wire: dict[int, Any]) -> dict[str, Any]:
    return {one.name: one.from_wire(wire[one.number]) for one in group.fields if wire[one.number] is not None}


def _erased(told: list[Any]) -> Erased:
    _scope, model, _subject, groups, basis, second, _schema = told
    shape = shape_numbered(model)
    known = {number: group.name for number, group in shape.by_number.items()} if shape else {}
    names = ("all",) if groups is None else tuple(known.get(number, str(number)) for number in groups)
    return Erased(names, basis, UUID(bytes=second) if second else None)


def _add_whys(found: Mapping[tuple[int, int], Event], whys: Iterable[_Part]) -> None:
    """Of those entries alone that say something of the record; where the words are erased, there is no body."""
    for one in whys:
        event = found.get((one.no, one.seq))
        if event is not None and one.body is not None:
            _set_why(event, codec.loads(bytes(one.body)))


_WHY_TYPES = {1: str, 2: str, 3: int}


def _is_why(body: Any) -> bool:
    if type(body) is not dict or not codec.is_id(body.get(0)) or 1 not in body:
        return False
    return codec.is_id(body.get(4, body[0])) and all(
        type(body[key]) is kind for key, kind in _WHY_TYPES.items() if key in body
    )


def _set_why(event: Event, why: Any) -> None:
    if not _is_why(why):
        return
    event.actor = UUID(bytes=why[0])
    event.action = why[1]
    event.reason = why.get(2, "")
    event.claimed_at = why.get(3)
    event.on_behalf_of = UUID(bytes=why[4]) if 4 in why else None
