"""The node's row and its feeds, locked: numbers are given, entries chained and sealed here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction

from ulinzi.kernel.errors import Refused
from ulinzi.ledger import codec, hlc, store
from ulinzi.ledger.codec import Entry
from ulinzi.ledger.intents import NUMBER, Birth, Erasure, Intent, Write
from ulinzi.ledger.node import Mark, Node
from ulinzi.ledger.store import Appended, FeedRow, Named, NodeRow


@dataclass
class Heads:
    node: Node
    row: NodeRow
    feeds: dict[str, FeedRow]
    persons_erased: bool
    ticked: set[str] = field(default_factory=set)
    eights: list[bytes] = field(default_factory=list)
    erased_now: set[UUID] = field(default_factory=set)

    def append(self, units: Iterable[Intent]) -> list[Appended]:
        """The entries of these units, one per compartment, each valid alone, in feeds that have no gaps."""
        appended = []
        for unit in units:
            self._check_actor(unit)
            mark = self._eight()
            for compartment, told in _by_compartment(unit).items():
                parts = [self._part(codec.WHY, _why(unit))] + [self._told(one) for one in told]
                appended.append(self._entry(compartment, mark, parts))
        self._seal(appended)
        return appended

    def _check_actor(self, unit: Intent) -> None:
        """Nobody writes under a name that was erased, nor has it written for him."""
        for person in (unit.by, unit.on_behalf_of):
            known = person is not None and self.persons_erased and store.person_erased(self.node, person.bytes)
            if known or person in self.erased_now:
                raise Refused("person_erased")
        self.erased_now.update([one.subject for one in unit.erasures if one.shape is None])

    def _told(self, one: Birth | Write | Erasure) -> Named:
        if isinstance(one, Write):
            if NUMBER in one.wire.values():
                one.wire = {number: self._numbered(value) for number, value in one.wire.items()}
            return self._part(codec.WRITE, _write(one))
        if isinstance(one, Birth):
            return self._part(codec.BIRTH, _birth(one))
        return self._part(codec.ERASE, _erase(one))

    def _numbered(self, value: Any) -> Any:
        if value is not NUMBER:
            return value
        self.row.counter += 1
        return f"{self.row.label}-{self.row.counter}"

    def _part(self, kind: int, body: Any) -> Named:
        # Every body but the why names a record, or what it erases.
        record = body[2 if kind == codec.ERASE else 1] if kind != codec.WHY else None
        return record, body, codec.part(kind, self._eight(), body)

    def _eight(self) -> bytes:
        """Eight bytes by chance, drawn many at once: salts, and what marks a unit."""
        if not self.eights:
            fresh = self.node.chance.bytes(8 * 64)
            self.eights = [fresh[start : start + 8] for start in range(0, len(fresh), 8)]
        return self.eights.pop()

    def _entry(self, compartment: str, mark: bytes, parts: Sequence[Named]) -> Appended:
        if len(parts) > codec.MAX_PARTS:
            raise Refused("unit_too_large", parts=len(parts), most=codec.MAX_PARTS)
        feed = self._feed(compartment)
        self.row.hlc = hlc.tick(self.row.hlc, self.node.clock.now())
        entry = Entry(feed.feed, feed.seq + 1, feed.hash, self.row.hlc, mark, tuple([part for _, _, part in parts]))
        feed.seq, feed.hash = entry.seq, codec.hash_of(entry)
        self.row.written += 1
        self.ticked.add(compartment)
        return Appended(feed, entry, feed.hash, None, parts)

    def _feed(self, compartment: str) -> FeedRow:
        if compartment not in self.feeds:
            if compartment not in store.compartments(self.node):
                raise Refused("compartment_unknown", compartment=compartment)
            self.feeds[compartment] = store.insert_feed(self.node, self.row.incarnation, compartment)
        return self.feeds[compartment]

    def _seal(self, appended: list[Appended]) -> None:
        """Each 64th entry keeps its seal in history; the feed keeps the newest one."""
        newest = {one.feed.no: one for one in appended}
        for place, one in enumerate(appended):
            if one.entry.seq % codec.SEAL_EVERY == 0:
                appended[place] = one._replace(seal=self._sealed(one))
        for one in newest.values():
            one.feed.seal = self._sealed(one)

    def _sealed(self, one: Appended) -> bytes:
        return codec.seal(self.node.key, one.entry.feed, one.entry.seq, one.hash)

    def save(self) -> None:
        touched = [self.feeds[code] for code in sorted(self.ticked)]
        store.save_heads(self.node, self.row, touched)
        self.ticked.clear()
        mark = Mark(self.row.incarnation, self.row.incarnations, self.row.written)
        # Robust: the write holds, whatever becomes of the marker. Behind is fine, and somebody told of a failure
        # would write it all again.
        transaction.on_commit(lambda: self.node.marker.write(mark), using=self.node.alias, robust=True)


def lock(node: Node) -> Heads:
    """Lock the node's row, last of all locks; begin a new incarnation where the database is older than its marker."""
    row = store.read_node(node, lock=True)
    if row.key != node.public_key:
        raise Refused("node_key_differs")
    if _restored(node, row):
        _begin_incarnation(node, row)
    return Heads(node, row, *store.own_feeds(node, row.incarnation))


def _restored(node: Node, row: NodeRow) -> bool:
    """A database that knows less than the marker, or that lost it, may be an old copy: going on would fork the feed."""
    marked = node.marker.read()
    if marked is None:
        return True
    return marked.incarnation != row.incarnation or marked.written > row.written


def _begin_incarnation(node: Node, row: NodeRow) -> None:
    marked = node.marker.read()
    row.incarnation = node.chance.bytes(16)
    # The same old copy may be restored twice; the marker knows how often this node began anew.
    row.incarnations = 1 + max(row.incarnations, marked.incarnations if marked else 0)
    mark = Mark(row.incarnation, row.incarnations, row.written)
    transaction.on_commit(lambda: node.marker.begin(mark), using=node.alias, robust=True)


def _by_compartment(unit: Intent) -> dict[str, list[Birth | Write | Erasure]]:
    found: dict[str, list[Birth | Write | Erasure]] = {}
    for birth in unit.births:
        found.setdefault(birth.compartment, []).append(birth)
    for write in unit.writes.values():
        found.setdefault(write.birth.compartment, []).append(write)
    for erasure in unit.erasures:
        found.setdefault(erasure.compartment, []).append(erasure)
    return found


def _why(unit: Intent) -> dict[int, Any]:
    behalf = unit.on_behalf_of.bytes if unit.on_behalf_of else None
    return codec.why_body(unit.by.bytes, unit.action, reason=unit.why, claimed_at=unit.at, on_behalf_of=behalf)


def _birth(one: Birth) -> list[Any]:
    root = one.root.bytes if one.root else None
    return codec.birth_body(one.shape.number, one.record.bytes, one.shape.schema, root)


def _write(one: Write) -> list[Any]:
    shape = one.birth.shape
    return codec.write_body(shape.number, one.birth.record.bytes, shape.schema, one.group, one.seen, one.wire)


def _erase(one: Erasure) -> list[Any]:
    second = one.second.bytes if one.second else None
    model = one.shape.number if one.shape else 0
    scope = codec.RECORD if one.shape else codec.PERSON
    schema = one.shape.schema if one.shape else 0
    return codec.erase_body(scope, model, one.subject.bytes, one.groups, one.basis, second, schema)
