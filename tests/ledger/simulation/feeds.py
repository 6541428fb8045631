"""Feeds as the nodes keep them, segments of feeds as the network carries them, and what a receiver checks."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from ulinzi.ledger import codec
from ulinzi.ledger.codec import Entry


class Origin(NamedTuple):
    """Whose feed it is; its id follows."""

    key: bytes
    incarnation: bytes
    compartment: str


@lru_cache(maxsize=4096)
def id_of(origin: Origin) -> bytes:
    return codec.feed_id(*origin)


@dataclass
class Feed:
    origin: Origin
    entries: dict[int, Entry] = field(default_factory=dict)
    hashes: dict[int, bytes] = field(default_factory=dict)
    newest: int = 0
    seal: bytes = b""

    @property
    def compartment(self) -> str:
        return self.origin.compartment

    @property
    def head(self) -> bytes:
        return self.hashes[self.newest] if self.newest else codec.NO_PREVIOUS

    def put(self, entry: Entry, hashed: bytes) -> None:
        self.entries[entry.seq], self.hashes[entry.seq], self.newest = entry, hashed, entry.seq

    def copy(self) -> Feed:
        return Feed(self.origin, dict(self.entries), dict(self.hashes), self.newest, self.seal)

    def after(self, seq: int) -> Segment:
        """What a peer who has `seq` entries lacks. It ends at the newest entry, whose seal is kept."""
        return Segment(self.origin, tuple([entry for place, entry in self.entries.items() if place > seq]), self.seal)


class Segment(NamedTuple):
    """Entries of one feed, one after the other, with the seal of the last."""

    origin: Origin
    entries: tuple[Entry, ...]
    seal: bytes

    @property
    def first(self) -> int:
        return self.entries[0].seq

    @property
    def last(self) -> int:
        return self.entries[-1].seq


# The same bytes have the same answer: five nodes asking five times would only cost time.
_seal_holds = lru_cache(maxsize=4096)(codec.seal_holds)


def hashes_of(segment: Segment) -> dict[int, bytes]:
    return {entry.seq: codec.hash_of(entry) for entry in segment.entries}


def objection_to(segment: Segment, hashes: Mapping[int, bytes], members: Collection[bytes]) -> str:
    """Why a segment is refused: it is not a sealed, unbroken piece of a member's feed. Empty where it is."""
    feed = id_of(segment.origin)
    if segment.origin.key not in members:
        return "not_a_member"
    if any(entry.feed != feed for entry in segment.entries):
        return "feed_id_wrong"
    for before, after in pairwise(segment.entries):
        if after.seq != before.seq + 1 or after.prev != hashes[before.seq]:
            return "chain_broken"
    if not _seal_holds(segment.origin.key, feed, segment.last, hashes[segment.last], segment.seal):
        return "seal_wrong"
    return "" if all(digests_hold(entry) for entry in segment.entries) else "digest_wrong"


def digests_hold(entry: Entry) -> bool:
    return all(
        part.body is None or codec.digest(part.salt or b"", part.type, part.body) == part.digest for part in entry.parts
    )


def chain_holds(feed: Feed) -> bool:
    """The whole feed, from its first entry to its sealed head, computed anew."""
    before = codec.NO_PREVIOUS
    for seq in range(1, feed.newest + 1):
        entry = feed.entries.get(seq)
        if entry is None or entry.seq != seq or entry.prev != before or not digests_hold(entry):
            return False
        before = codec.hash_of(entry)
        if before != feed.hashes[seq]:
            return False
    return _seal_holds(feed.origin.key, id_of(feed.origin), feed.newest, before, feed.seal)
