"""What a run of many seeds must have met, or its silence means little."""

from __future__ import annotations

from collections.abc import Mapping

PER_THOUSAND = 1000

# For each thousand seeds, about half of what they usually meet.
FLOORS: Mapping[str, int] = {
    "merges": 1000,
    "conflicts": 800,
    "settled": 900,
    "lowered": 1500,
    "erasures in flight": 400,
    "persons erased": 250,
    "crashes": 250,
    "restores": 90,
    "late entries": 150,
    "foreign writes": 300,
    "upcasts": 2500,
    "upgrades": 100,
    "births twice": 1000,
    "clock jumps": 500,
    "circles": 250,
    "messages lost": 1500,
    "messages repeated": 900,
    "partitions": 500,
}


def floor(name: str, seeds: int) -> int:
    return FLOORS[name] * seeds // PER_THOUSAND


def missed(counts: Mapping[str, int], seeds: int) -> list[str]:
    """What was met too rarely. A handful of seeds promises nothing."""
    return [name for name in FLOORS if counts.get(name, 0) < floor(name, seeds)]


def line(counts: Mapping[str, int], seeds: int) -> str:
    return " | ".join(f"{name} {counts.get(name, 0):,}/{floor(name, seeds):,}" for name in FLOORS)
