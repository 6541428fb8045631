"""What a unit wants to say, before it has a place in a feed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from ulinzi.ledger.codec import Dot
from ulinzi.ledger.shapes import Shape

NUMBER = object()
"""Stands for the next number of this node until the node's row is locked."""


@dataclass(frozen=True)
class Birth:
    """A record as units name it: what it is, where it lives, under which root."""

    shape: Shape
    record: UUID
    compartment: str
    root: UUID | None

    @property
    def aggregate(self) -> UUID:
        return self.root or self.record


@dataclass
class Write:
    birth: Birth
    group: int
    seen: list[Dot] | None
    wire: dict[int, Any]


@dataclass(frozen=True)
class Erasure:
    """Of a record (with its shape and root), or of a person's name on entries (without)."""

    shape: Shape | None
    subject: UUID
    compartment: str
    root: UUID | None
    groups: tuple[int, ...] | None
    basis: str
    second: UUID | None


class Intent(Protocol):
    """A unit, as far as appending needs to know it."""

    action: str
    by: UUID
    at: int
    why: str
    on_behalf_of: UUID | None
    births: list[Birth]
    writes: dict[tuple[UUID, int], Write]
    erasures: list[Erasure]


def records(unit: Intent) -> set[UUID]:
    """The records a unit gives birth to or writes."""
    return {birth.record for birth in unit.births}.union([record for record, _ in unit.writes])


def touched(unit: Intent) -> set[UUID]:
    """Every record and root a unit names."""
    found = records(unit)
    found.update([birth.root for birth in unit.births if birth.root])
    found.update([write.birth.root for write in unit.writes.values() if write.birth.root])
    for one in unit.erasures:
        found |= {one.subject, one.root or one.subject}
    return found
