"""A node in memory: the product's codec, clock stamps, shapes and fold, with a plain store in place of a database.

It writes, receives, waits for what is missing, loses power, and comes back from a backup.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nacl.signing import SigningKey

from tests.ledger.simulation import feeds
from tests.ledger.simulation.feeds import Feed, Origin, Segment
from tests.ledger.simulation.shapes import SHAPES
from tests.ledger.simulation.store import Disk, Store
from ulinzi.kernel.chance import Chance
from ulinzi.kernel.clock import SetClock
from ulinzi.ledger import codec, hlc, merge
from ulinzi.ledger.codec import Dot, Entry
from ulinzi.ledger.merge import Folded, FoldedGroup, Told
from ulinzi.ledger.shapes import Shape

Body = tuple[int, Any]
Marker = tuple[bytes, int]


class PowerCut(Exception):
    """The node stopped in the middle of something."""


@dataclass
class Node:
    name: str
    key: SigningKey
    holds: tuple[str, ...]
    world_clock: SetClock
    chance: Chance
    version: int
    members: Collection[bytes] = ()

    up: bool = True
    skew: int = 0
    fails: str = ""
    """Where the next commit loses power: "before" or "after", or nowhere."""
    marker: Marker | None = None
    backup: Disk | None = None
    behind: bool = False
    sent: dict[tuple[str, bytes], int] = field(default_factory=dict)
    waiting: dict[bytes, list[Segment]] = field(default_factory=dict)
    alarms: list[str] = field(default_factory=list)
    late: int = 0

    def __post_init__(self) -> None:
        self.public_key = bytes(self.key.verify_key)
        self.disk = Disk(self.chance.bytes(16))
        self.marker = (self.disk.incarnation, 0)
        self._open()

    def _open(self) -> None:
        self.store = Store(self.disk, self.shapes)
        self.rows: dict[bytes, Folded] = {}

    @property
    def now(self) -> int:
        return self.world_clock.now() + self.skew

    @property
    def shapes(self) -> Mapping[int, Shape]:
        return SHAPES[self.version]

    # The tables: the fold of what is here.

    def tables(self) -> dict[bytes, Folded]:
        for record in self.store.touched:
            folded = self.fold(record)
            if folded is None:
                self.rows.pop(record, None)
            else:
                self.rows[record] = folded
        self.store.touched.clear()
        return self.rows

    def fold(self, record: bytes) -> Folded | None:
        told = self.store.told_of(record)
        shape = self.shape_of(told)
        return merge.fold(shape, told, self.store.tombs_of(record, told)) if shape else None

    def shape_of(self, told: Sequence[Told]) -> Shape | None:
        birth = merge.owner_of(told)
        return self.shapes.get(birth.body[0]) if birth else None

    def record(self, record: bytes) -> Folded | None:
        return self.tables().get(record)

    def seen(self, group: FoldedGroup) -> list[Dot]:
        """What a form shows and the next write names: every write that stands."""
        return group.dots

    def upgrade(self, version: int) -> None:
        self.version = version
        self._open()

    # Writing.

    def commit(self, compartment: str, bodies: Sequence[Body], *, actor: bytes, reason: str = "") -> Entry:
        """One entry, appended and sealed. Only what returns was acknowledged."""
        self._lose_power("before")
        if self.is_restored():
            self._begin_incarnation()
        feed = self.own_feed(compartment)
        self.disk.hlc = hlc.tick(self.disk.hlc, self.now)
        entry = self._entry(feed, [(codec.WHY, codec.why_body(actor, "sim.act", reason=reason)), *bodies])
        hashed = codec.hash_of(entry)
        self.store.append(feed, [entry], {entry.seq: hashed})
        feed.seal = codec.seal(self.key, entry.feed, entry.seq, hashed)
        self.disk.written += 1
        self._lose_power("after")
        self.marker = (self.disk.incarnation, self.disk.written)
        return entry

    def _entry(self, feed: Feed, bodies: Sequence[Body]) -> Entry:
        parts = tuple([codec.part(kind, self.chance.bytes(8), body) for kind, body in bodies])
        feed_id = feeds.id_of(feed.origin)
        return Entry(feed_id, feed.newest + 1, feed.head, self.disk.hlc, self.chance.bytes(8), parts)

    def own_feed(self, compartment: str) -> Feed:
        origin = Origin(self.public_key, self.disk.incarnation, compartment)
        return self.disk.feeds.setdefault(feeds.id_of(origin), Feed(origin))

    def next_dot(self, compartment: str, ahead: int) -> Dot:
        """Where the first write of one of the next entries will stand."""
        feed = self.own_feed(compartment)
        return Dot(feeds.id_of(feed.origin), feed.newest + ahead, 1)

    def _lose_power(self, moment: str) -> None:
        if self.fails == moment:
            self.fails, self.up = "", False
            raise PowerCut

    def is_restored(self) -> bool:
        """Whether going on in the same feed might fork it: the disk knows less than the marker or than a peer."""
        if self.marker is None:
            return True
        incarnation, written = self.marker
        return self.behind or incarnation != self.disk.incarnation or written > self.disk.written

    def _begin_incarnation(self) -> None:
        self.disk.incarnation = self.chance.bytes(16)
        self.behind = False

    # Stopping and starting.

    def restart(self) -> None:
        """Memory is gone, the disk is not."""
        self.up, self.behind = True, False
        self.sent.clear()
        self.waiting.clear()
        self.catch_up_marker()
        self._open()

    def catch_up_marker(self) -> None:
        """Before anything is sent: no peer may hold what neither the marker nor a backup knows of."""
        if self.marker is not None and self.marker[0] == self.disk.incarnation:
            self.marker = (self.disk.incarnation, max(self.marker[1], self.disk.written))

    def restore(self, *, marker_lost: bool) -> None:
        """The disk is what the backup says. The marker is in no backup, and may be lost with the disk."""
        assert self.backup is not None
        self.disk = self.backup.copy()
        if marker_lost:
            self.marker = None
        self.restart()

    # Sending and receiving.

    @property
    def vector(self) -> dict[bytes, int]:
        return {id: feed.newest for id, feed in self.disk.feeds.items()}

    def segments_for(self, peer: Node, vector: Mapping[bytes, int]) -> list[Segment]:
        """What the peer lacks of what it may hold."""
        return [
            feed.after(vector.get(id, 0))
            for id, feed in self.disk.feeds.items()
            if feed.compartment in peer.holds and feed.newest > vector.get(id, 0)
        ]

    def hear_vector(self, vector: Mapping[bytes, int]) -> None:
        """A peer who has more of my own feed than I do remembers what I have lost."""
        for compartment in self.holds:
            own = feeds.id_of(Origin(self.public_key, self.disk.incarnation, compartment))
            known = self.disk.feeds[own].newest if own in self.disk.feeds else 0
            self.behind = self.behind or vector.get(own, 0) > known

    def receive(self, segment: Segment) -> None:
        if not segment.entries or segment.origin.compartment not in self.holds:
            return
        hashes = feeds.hashes_of(segment)
        objection = feeds.objection_to(segment, hashes, self.members)
        if objection:
            self.alarms.append(objection)
            return
        id = feeds.id_of(segment.origin)
        self.hear_vector({id: segment.last})
        feed = self.disk.feeds.setdefault(id, Feed(segment.origin))
        if self.lacks_before(feed, segment):
            self.waiting.setdefault(id, []).append(segment)
        else:
            self._take(feed, segment, hashes)
            self._take_waiting(feed)
        self._shred_waiting()

    def lacks_before(self, feed: Feed, segment: Segment) -> bool:
        """Whether entries are missing between what is here and what came."""
        return segment.first > feed.newest + 1

    def _take_waiting(self, feed: Feed) -> None:
        waiting = self.waiting.pop(feeds.id_of(feed.origin), [])
        for segment in sorted(waiting, key=lambda one: one.first):
            if self.lacks_before(feed, segment):
                self.waiting.setdefault(feeds.id_of(feed.origin), []).append(segment)
            else:
                self.late += len(segment.entries)
                self._take(feed, segment, feeds.hashes_of(segment))

    def _shred_waiting(self) -> None:
        """What waits is stored like everything else: erased words go from there, too."""
        for listed in self.waiting.values():
            for place, segment in enumerate(listed):
                shredded = [self.store.shredded(segment.origin.compartment, entry) for entry in segment.entries]
                listed[place] = segment._replace(entries=tuple(shredded))

    def _take(self, feed: Feed, segment: Segment, hashes: Mapping[int, bytes]) -> None:
        fresh = [entry for entry in segment.entries if entry.seq > feed.newest]
        if self.is_fork(feed, segment, fresh, hashes):
            self.alarms.append("fork")
        elif fresh:
            self.store.append(feed, fresh, hashes)
            feed.seal = segment.seal
            for entry in fresh:
                self.disk.hlc = hlc.merge(self.disk.hlc, entry.hlc, self.now)

    def is_fork(self, feed: Feed, segment: Segment, fresh: Sequence[Entry], hashes: Mapping[int, bytes]) -> bool:
        known = [entry.seq for entry in segment.entries if entry.seq in feed.hashes]
        differs = any(feed.hashes[seq] != hashes[seq] for seq in known)
        return differs or bool(fresh and fresh[0].prev != feed.head)
