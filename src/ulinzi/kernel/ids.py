"""Ids made on the device: UUIDv7 for what a person starts, UUIDv8 for what follows from something else."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from operator import attrgetter
from uuid import UUID

from ulinzi.kernel.chance import Chance

_TAG = 3
"""How many bytes at the end of a record's id name its compartment."""

in_order = attrgetter("int")
"""Sort key for ids: comparing UUIDs themselves calls back into Python for every pair."""


def new_id(at: int, chance: Chance, compartment: str = "") -> UUID:
    """UUIDv7: sorts by time, unguessable otherwise. `at` is in microseconds."""
    body = (at // 1000).to_bytes(6, "big") + chance.bytes(10)
    return _stamped(body, 7, compartment)


def derived_id(namespace: str, *parts: str | bytes, compartment: str = "") -> UUID:
    """UUIDv8: the same inputs give the same id on every node, so doing it twice is doing it once."""
    digest = hashlib.sha256(b"ulinzi/id1")
    for part in (namespace, *parts, compartment):
        raw = part.encode() if isinstance(part, str) else part
        digest.update(len(raw).to_bytes(4, "big") + raw)
    return _stamped(digest.digest()[:16], 8, compartment)


def lives_in(record: bytes, compartment: str) -> bool:
    """Whether an id was made for a compartment: a birth elsewhere, however early it claims to be, is not its birth."""
    return record[-_TAG:] == tag(compartment)


@lru_cache(maxsize=1024)
def tag(compartment: str) -> bytes:
    """What ends the id of every record of a compartment."""
    return hashlib.sha256(b"ulinzi/home1" + compartment.encode()).digest()[:_TAG]


def _stamped(body: bytes, version: int, compartment: str) -> UUID:
    raw = bytearray(body[:-_TAG] + tag(compartment) if compartment else body)
    raw[6] = (raw[6] & 0x0F) | (version << 4)
    raw[8] = (raw[8] & 0x3F) | 0x80
    return UUID(bytes=bytes(raw))
