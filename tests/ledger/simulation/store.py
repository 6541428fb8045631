"""What a node has on its disk, and the index over it that is made anew when the node starts.

Words that were erased go when the erasure comes, and go on arrival when they come after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from tests.ledger import definition
from tests.ledger.simulation.feeds import Feed
from ulinzi.kernel.errors import Broken
from ulinzi.ledger import codec
from ulinzi.ledger.codec import BIRTH, ERASE, PERSON, WHY, WRITE, Dot, Entry, Part
from ulinzi.ledger.merge import Told, Tombs, touches
from ulinzi.ledger.shapes import Shape

EVERYTHING = 0
NOWHERE = Dot(b"", 0, 0)
Named = tuple[str, bytes]
"""A compartment and a record, root or person in it."""


@dataclass
class Disk:
    """All that a backup holds."""

    incarnation: bytes
    written: int = 0
    hlc: int = 0
    feeds: dict[bytes, Feed] = field(default_factory=dict)

    def copy(self) -> Disk:
        return replace(self, feeds={id: feed.copy() for id, feed in self.feeds.items()})


@dataclass
class Store:
    """The index: parts by record, roots by child, tombstones. Nothing in it that the disk does not say.

    Made anew when the program is upgraded, too: the new one may read erased words where the old one read none.
    """

    disk: Disk
    shapes: Mapping[int, Shape]
    told: dict[bytes, dict[Dot, Told]] = field(default_factory=dict)
    roots: dict[Named, list[bytes]] = field(default_factory=dict)
    children: dict[Named, list[bytes]] = field(default_factory=dict)
    tombs: dict[Named, set[int]] = field(default_factory=dict)
    persons: set[Named] = field(default_factory=set)
    touched: set[bytes] = field(default_factory=set)
    absorbed: int = 0

    def __post_init__(self) -> None:
        """Tombstones first: an old backup must not bring words back to anybody's eyes."""
        feeds = list(self.disk.feeds.values())
        for feed in feeds:
            self._bury_all(feed, feed.entries.values())
        for feed in feeds:
            for entry in list(feed.entries.values()):
                self._read(feed, entry)

    def append(self, feed: Feed, entries: Sequence[Entry], hashes: Mapping[int, bytes]) -> None:
        self._bury_all(feed, entries)
        for entry in entries:
            feed.put(entry, hashes[entry.seq])
            self._read(feed, entry)

    # Reading entries.

    def _read(self, feed: Feed, arrived: Entry) -> None:
        entry = self.shredded(feed.compartment, arrived)
        self.absorbed += _words_in(arrived) - _words_in(entry)
        feed.entries[entry.seq] = entry
        for place, part in enumerate(entry.parts):
            body = body_of(part) if part.type in (BIRTH, WRITE) else None
            if isinstance(body, list) and len(body) > 1 and is_id(body[1]):
                told = Told(feed.compartment, Dot(entry.feed, entry.seq, place), self.stamp_of(entry), part.type, body)
                self.told.setdefault(body[1], {})[told.dot] = told
                self.touched.add(body[1])

    def stamp_of(self, entry: Entry) -> int:
        return entry.hlc

    def shredded(self, compartment: str, entry: Entry) -> Entry:
        """The entry without the words that were erased. Digests stay, so the chain still verifies."""
        for part in entry.parts:
            body: Any = body_of(part) if part.type == BIRTH else None
            if definition.is_birth(body) and definition.is_at_home(compartment, body):
                self._note_root(compartment, body[1], body[3])
        parts = [_blank(part) if self._must_go(compartment, part) else part for part in entry.parts]
        return entry._replace(parts=_silenced(parts))

    def _note_root(self, compartment: str, record: bytes, root: bytes | None) -> None:
        """A child may be born after its words arrived, and after its root was erased."""
        if root is not None and root not in self.roots.get((compartment, record), ()):
            self.roots.setdefault((compartment, record), []).append(root)
            self.children.setdefault((compartment, root), []).append(record)
            self._absorb(compartment, record)

    # Erasing.

    def _bury_all(self, feed: Feed, entries: Iterable[Entry]) -> None:
        for entry in entries:
            for part in entry.parts:
                body: Any = body_of(part) if part.type == ERASE else None
                if definition.is_erasure(body):
                    self._bury(feed.compartment, body)

    def _bury(self, compartment: str, body: list[Any]) -> None:
        scope, _model, subject, groups, *_rest = body
        if scope == PERSON:
            self.persons.add((compartment, subject))
            self._forget_person(compartment)
            return
        self.tombs.setdefault((compartment, subject), set()).update([EVERYTHING] if groups is None else groups)
        for record in (subject, *self.children.get((compartment, subject), ())):
            self._absorb(compartment, record)

    def _absorb(self, compartment: str, record: bytes) -> None:
        """Blank what is here of a record whose words must go."""
        self.touched.add(record)
        for told in list(self.told.get(record, {}).values()):
            if told.compartment == compartment and told.type == WRITE and self._is_erased(compartment, told.body):
                feed = self.disk.feeds[told.dot.feed]
                feed.entries[told.dot.seq] = self.shredded(compartment, feed.entries[told.dot.seq])
                del self.told[record][told.dot]

    def _forget_person(self, compartment: str) -> None:
        for feed in self.disk.feeds.values():
            for seq, entry in feed.entries.items() if feed.compartment == compartment else ():
                if self._must_go(compartment, entry.parts[0]):
                    feed.entries[seq] = self.shredded(compartment, entry)

    def _must_go(self, compartment: str, part: Part) -> bool:
        body = body_of(part)
        if part.type == WHY:
            named = (body.get(0), body.get(4)) if isinstance(body, dict) else ()
            return any((compartment, person) in self.persons for person in named if person)
        return part.type == WRITE and body is not None and self._is_erased(compartment, body)

    def _is_erased(self, compartment: str, body: Any) -> bool:
        """Whether it speaks of a group that was erased. What cannot be read goes with any erasure of its record."""
        named = isinstance(body, list) and len(body) > 1 and is_id(body[1])
        gone = self._gone(compartment, body[1]) if named else set()
        return bool(gone) and (EVERYTHING in gone or touches(self._groups_in(body), gone))

    def _groups_in(self, body: Any) -> frozenset[int]:
        shape = self.shapes.get(body[0]) if type(body[0]) is int else None
        return Told("", NOWHERE, 0, WRITE, body).read(shape).groups if shape else frozenset()

    def _gone(self, compartment: str, record: bytes) -> set[int]:
        gone = self.tombs.get((compartment, record), set())
        roots = self.roots.get((compartment, record), ())
        if any(EVERYTHING in self.tombs.get((compartment, root), ()) for root in roots):
            return gone | {EVERYTHING}
        return gone

    # What the fold asks for.

    def told_of(self, record: bytes) -> list[Told]:
        return list(self.told.get(record, {}).values())

    def tombs_of(self, record: bytes, told: Iterable[Told]) -> dict[str, Tombs]:
        found = {}
        for compartment in {one.compartment for one in told}:
            gone = self._gone(compartment, record)
            if gone:
                found[compartment] = Tombs(EVERYTHING in gone, frozenset(gone - {EVERYTHING}))
        return found


def body_of(part: Part) -> Any:
    return None if part.body is None else _decoded(part.body)


@lru_cache(maxsize=8192)
def _decoded(raw: bytes) -> Any:
    """The same bytes say the same on all five nodes; nobody changes what he reads."""
    try:
        return codec.decode(raw)
    except Broken:
        return None


def is_id(value: Any) -> bool:
    return type(value) is bytes and len(value) == 16


def _blank(part: Part) -> Part:
    return part._replace(salt=None, body=None)


def _silenced(parts: Sequence[Part]) -> tuple[Part, ...]:
    """An entry whose last group has gone says nothing any more; then who wrote it, and why, goes too."""
    writes = [part for part in parts if part.type == WRITE]
    if writes and all(part.body is None for part in writes):
        return (_blank(parts[0]), *parts[1:])
    return tuple(parts)


def _words_in(entry: Entry) -> int:
    return sum(part.type == WRITE and part.body is not None for part in entry.parts)
