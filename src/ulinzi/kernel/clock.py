"""Time as an argument: microseconds since 1970, UTC."""

from __future__ import annotations

import time
from typing import Protocol

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


class Clock(Protocol):
    def now(self) -> int: ...


class SystemClock:
    def now(self) -> int:
        return time.time_ns() // 1000


class SetClock:
    """A clock somebody sets by hand: tests, simulations, the demo's past."""

    def __init__(self, now: int) -> None:
        self.value = now

    def now(self) -> int:
        return self.value

    def advance(self, by: int) -> int:
        self.value += by
        return self.value
