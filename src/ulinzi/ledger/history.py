"""The timeline of a record and its children, in the order it was written down: who, what, when, why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from ulinzi.kernel import ids
from ulinzi.ledger import codec, hlc, store
from ulinzi.ledger.codec import Dot
from ulinzi.ledger.merge import NOTHING_ERASED, NOTHING_READ, Told, Tombs, Version
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
    actor: UUID | None = None
    action: str | None = None
    reason: str = ""
    claimed_at: int | None = None
    on_behalf_of: UUID | None = None
    changes: list[Change] = field(default_factory=list)
    erasures: list[Erased] = field(default_factory=list)

    @property
    def why_erased(self) -> bool:
        return self.action is None


def timeline(node: Node, label: str, root: UUID) -> list[Event]:
    """Every entry that names the record or one of its children, from the compartment they live in."""
    shape = shape_of(label)
    records = [root, *_children(shape, root)]
    tombs = store.tombs(node, [record.bytes for record in records])
    found: dict[tuple[int, int], Event] = {}
    for row in _parts_of(node, records):
        _add(found, row, tombs)
    _add_whys(node, found)
    return sorted(found.values(), key=lambda one: (one.written_at, one.feed, one.seq))


def _children(shape: Shape, root: UUID) -> Iterable[UUID]:
    for label in shape.children:
        yield from model_of(label).objects.filter(root=root).values_list("id", flat=True)


def _parts_of(node: Node, records: Sequence[UUID]) -> Iterable[tuple[Any, ...]]:
    sql = (
        "SELECT p.feed, p.seq, p.part, p.type, p.record, p.body, f.feed, f.compartment, e.hlc FROM ledger_part p"
        " JOIN ledger_feed f ON f.no = p.feed JOIN ledger_entry e ON e.feed = p.feed AND e.seq = p.seq"
        " WHERE p.record IN"
    )
    for chunk in store.in_lists(record.bytes for record in records):
        yield from store.rows(node, f"{sql} ({store.marks(len(chunk))}) ORDER BY p.feed, p.seq, p.part", chunk)


def _add(found: dict[tuple[int, int], Event], row: tuple[Any, ...], tombs: Stones) -> None:
    no, seq, part, kind, record, body, feed, compartment, stamp = row
    if not ids.lives_in(bytes(record), compartment):
        return
    event = found.setdefault((no, seq), Event(bytes(feed), seq, hlc.micros(stamp), compartment))
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
    read = told.read(shape) if shape else NOTHING_READ
    if erased or tombs.hides(read.groups):
        return [Change("", record, "", None, False, told.dot)]
    if shape is None or not read.versions:
        return [Change(shape.label if shape else "", record, "", {}, False, told.dot)]
    return [_change(shape, shape.by_number[number], record, version) for number, version in read.versions]


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


def _add_whys(node: Node, found: dict[tuple[int, int], Event]) -> None:
    by_feed: dict[int, list[int]] = {}
    for no, seq in found:
        by_feed.setdefault(no, []).append(seq)
    for no, seqs in by_feed.items():
        for chunk in store.in_lists(seqs):
            sql = "SELECT seq, body FROM ledger_part WHERE type = %s AND feed = %s AND body IS NOT NULL AND seq IN"
            for seq, body in store.rows(node, f"{sql} ({store.marks(len(chunk))})", [codec.WHY, no, *chunk]):
                _set_why(found[no, seq], codec.loads(bytes(body)))


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
