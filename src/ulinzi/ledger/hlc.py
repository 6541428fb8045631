"""Hybrid logical clock: 48 bit milliseconds and a 16 bit counter in one signed 64 bit number.

It breaks ties and sorts screens, nothing else.
"""

from __future__ import annotations

from ulinzi.kernel.clock import DAY

_COUNTER_BITS = 16


def tick(last: int, now: int) -> int:
    """The next stamp: ahead of the last one, and of the clock (microseconds) where the clock is ahead."""
    return max(last + 1, at(now))


def merge(last: int, heard: int, now: int) -> int:
    """Adopt a stamp heard from elsewhere, unless it is more than a day ahead of our own clock."""
    return last if heard > at(now + DAY) else max(last, heard)


def at(now: int) -> int:
    return (now // 1000) << _COUNTER_BITS


def micros(stamp: int) -> int:
    """When it was written down, in microseconds."""
    return (stamp >> _COUNTER_BITS) * 1000
