"""The network between the nodes: it loses, repeats, delays, reorders and splits."""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import NamedTuple

from tests.ledger.simulation.feeds import Segment


class Message(NamedTuple):
    """A greeting says what the sender has; the answer, and any push, is segments."""

    sender: str
    receiver: str
    vector: dict[bytes, int] | None = None
    segments: tuple[Segment, ...] = ()


@dataclass
class Network:
    rng: Random
    counts: Counter[str]
    on_the_way: list[tuple[int, int, Message]] = field(default_factory=list)
    apart: frozenset[str] = frozenset()
    """One side of a partition; the others are the other side."""
    _numbers: count[int] = field(default_factory=count)

    def send(self, message: Message, at: int) -> None:
        """Put it on the way: perhaps not at all, perhaps twice, with a delay that overtakes others."""
        if self.rng.random() < 0.2:
            self.counts["messages lost"] += 1
            return
        copies = 2 if self.rng.random() < 0.15 else 1
        self.counts["messages repeated"] += copies - 1
        for _ in range(copies):
            arrives = at + self.rng.randrange(6)
            heapq.heappush(self.on_the_way, (arrives, next(self._numbers), message))

    def due(self, at: int) -> list[Message]:
        found = []
        while self.on_the_way and self.on_the_way[0][0] <= at:
            message = heapq.heappop(self.on_the_way)[2]
            if self.is_split(message.sender, message.receiver):
                self.counts["messages cut off"] += 1
            else:
                found.append(message)
        return found

    def is_split(self, one: str, other: str) -> bool:
        return (one in self.apart) != (other in self.apart)
