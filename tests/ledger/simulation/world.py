"""One run: five nodes, two compartments, a network, people and trouble, all from one seed."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from random import Random
from typing import Any

from nacl.signing import SigningKey

from tests.ledger.simulation.network import Message, Network
from tests.ledger.simulation.node import Body, Node, PowerCut
from tests.ledger.simulation.shapes import NEW, OLD, TIER_CODES, today
from ulinzi.kernel.chance import SeededChance
from ulinzi.kernel.clock import SECOND, SetClock
from ulinzi.kernel.ids import derived_id
from ulinzi.ledger.codec import Dot, Entry
from ulinzi.ledger.shapes import Field, Group, Shape

NOON = 1_790_000_000_000_000  # a day in September 2026
NORTH, SOUTH = "north", "south"
BASES = {
    "Bensa": (NORTH, SOUTH),
    "Davissa": (NORTH, SOUTH),
    "Tolo": (NORTH, SOUTH),
    "Norei": (NORTH,),
    "Suma": (SOUTH,),
}
ANY_GROUP = -1
"""Of words in a body that nobody can read: they go with whatever is erased."""
PERSONS = tuple(derived_id("sim.person", name).bytes for name in ("ana", "bori", "cimo", "dela"))


@lru_cache(maxsize=8)
def key_of(name: str) -> SigningKey:
    return SigningKey(derived_id("sim.key", name).bytes * 2)


@dataclass(frozen=True)
class Words:
    """A word somebody wrote, and where: it must go when that place is erased. The group is today's."""

    compartment: str
    record: bytes
    group: int


@dataclass(frozen=True)
class Reason:
    """A word in the "why" of an entry."""

    compartment: str
    actor: bytes
    feed: bytes
    seq: int


@dataclass(frozen=True)
class Form:
    """A form that somebody has open: what it was made from does not change while he thinks."""

    node: str
    record: bytes
    group: int
    dots: tuple[Dot, ...]


@dataclass
class Ledger:
    """What the run itself remembers, to hold against the nodes at the end."""

    words: dict[str, list[Words]] = field(default_factory=dict)
    reasons: dict[str, Reason] = field(default_factory=dict)
    foreign: list[tuple[str, str, bytes]] = field(default_factory=list)
    pairs: dict[bytes, set[tuple[Any, ...]]] = field(default_factory=dict)
    acknowledged: dict[tuple[bytes, int], tuple[str, bytes]] = field(default_factory=dict)
    ahead: set[tuple[bytes, int]] = field(default_factory=set)
    lowered: dict[tuple[bytes, int], dict[int, Any]] = field(default_factory=dict)


class World:
    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.rng = Random(seed)
        self.clock = SetClock(NOON)
        self.counts: Counter[str] = Counter()
        self.network = Network(self.rng, self.counts)
        self.ledger = Ledger()
        self.forms: list[Form] = []
        self.turn = 0
        self.nodes = {name: self._node(name, holds) for name, holds in BASES.items()}
        members = {node.public_key for node in self.nodes.values()}
        for node in self.nodes.values():
            node.members = members

    def _node(self, name: str, holds: tuple[str, ...]) -> Node:
        version = self.rng.choice((OLD, NEW))
        return Node(name, key_of(name), holds, self.clock, SeededChance(f"{self.seed} {name}"), version)

    def up(self) -> list[Node]:
        return [node for node in self.nodes.values() if node.up]

    def holders(self, compartment: str) -> list[Node]:
        return [node for node in self.nodes.values() if compartment in node.holds]

    # Time and the network.

    def pass_time(self) -> None:
        """Often none at all: clocks that agree to the millisecond are what ties are made of."""
        self.turn += 1
        self.clock.advance(self.rng.choice((0, 0, 0, SECOND, 40 * SECOND, 3600 * SECOND)))

    def deliver(self) -> None:
        for message in self.network.due(self.turn):
            receiver = self.nodes[message.receiver]
            if receiver.up:
                self._hand_over(message, receiver)

    def _hand_over(self, message: Message, receiver: Node) -> None:
        if message.vector is not None:
            receiver.hear_vector(message.vector)
            answer = tuple(receiver.segments_for(self.nodes[message.sender], message.vector))
            if answer:
                self.network.send(Message(receiver.name, message.sender, segments=answer), self.turn)
        for segment in message.segments:
            receiver.receive(segment)

    # Writing, and remembering what was said.

    def commit(self, node: Node, compartment: str, bodies: list[Body], *, actor: bytes | None = None) -> Entry | None:
        """The entry, or None where the power went; what was not acknowledged may be there or not."""
        who = actor or self._somebody(node, compartment)
        word = self.word("why")
        try:
            entry = node.commit(compartment, bodies, actor=who, reason=word)
        except PowerCut:
            self.counts["crashes"] += 1
            return None
        self.ledger.reasons[word] = Reason(compartment, who, entry.feed, entry.seq)
        self.ledger.acknowledged[entry.feed, entry.seq] = (compartment, node.disk.feeds[entry.feed].head)
        if node.skew > 0:
            self.ledger.ahead.add((entry.feed, entry.seq))
        self.counts["entries"] += 1
        return entry

    def _somebody(self, node: Node, compartment: str) -> bytes:
        """Nobody writes in the name of a person whom this node knows to be erased."""
        left = [one for one in PERSONS if (compartment, one) not in node.store.persons]
        return self.rng.choice(left or [derived_id("sim.person", "new").bytes])

    def word(self, kind: str) -> str:
        """A word that stands nowhere else: where it is found, it was not erased."""
        self.counts["words"] += 1
        return f"{kind}-{self.counts['words']}-{self.seed}."

    def say(self, shape: Shape, group: Group, compartment: str, record: bytes) -> dict[int, Any]:
        """Something new for the whole group."""
        wire = {one.number: self._value(shape, group, one, compartment, record) for one in group.fields}
        self.note_pair(group, record, wire)
        return wire

    def _value(self, shape: Shape, group: Group, one: Field, compartment: str, record: bytes) -> Any:
        if one.type == "text":
            word = self.word(one.name)
            self.note_word(word, shape, group.number, one.number, compartment, record)
            return word
        if one.type == "codes":
            return sorted(self.rng.sample(TIER_CODES, self.rng.randrange(4)))
        if one.type == "code":
            return self.rng.choice(group.scale or ("taken", "done"))
        return self.rng.choice(PERSONS) if one.type == "person" else self.rng.randrange(1_000_000)

    def note_word(self, word: str, shape: Shape, group: int, field: int, compartment: str, record: bytes) -> None:
        where = Words(compartment, record, today(shape, group, field))
        self.ledger.words.setdefault(word, []).append(where)

    def note_pair(self, group: Group, record: bytes, wire: dict[int, Any]) -> None:
        if group.name == "where":
            self.ledger.pairs.setdefault(record, set()).add(tuple(wire.get(one.number) for one in group.fields))

    # Losing a disk.

    def restore(self, node: Node) -> None:
        """Back to the backup. What was on that disk alone is lost, and nobody promised otherwise."""
        before = node.disk.feeds
        node.restore(marker_lost=self.rng.random() < 0.3)
        for id, feed in before.items():
            kept = node.disk.feeds[id].newest if id in node.disk.feeds else 0
            for seq in range(kept + 1, feed.newest + 1):
                if not any(seq in other.disk.feeds[id].hashes for other in self._others(node, id)):
                    self.ledger.acknowledged.pop((id, seq), None)

    def _others(self, node: Node, feed: bytes) -> list[Node]:
        return [one for one in self.nodes.values() if one is not node and feed in one.disk.feeds]

    # The end: the network works again, and everything reaches everybody.

    def heal(self) -> None:
        self.network.apart = frozenset()
        for node in self.nodes.values():
            if not node.up:
                node.restart()

    def deliver_all(self) -> None:
        """Each tells each what he lacks, until nobody lacks anything."""
        self.network.on_the_way.clear()
        moved = True
        while moved:
            moved = False
            for one in self.nodes.values():
                for other in self.nodes.values():
                    moved = self._exchange(one, other) or moved

    def _exchange(self, one: Node, other: Node) -> bool:
        before = other.vector
        for segment in one.segments_for(other, before):
            other.receive(segment)
        return other.vector != before

    def fingerprint(self) -> str:
        """The same for every run of the same seed."""
        nodes = self.nodes.values()
        heads = [
            (node.name, id.hex(), feed.head.hex()) for node in nodes for id, feed in sorted(node.disk.feeds.items())
        ]
        told = repr((heads, sorted(self.counts.items())))
        return hashlib.sha256(told.encode()).hexdigest()
