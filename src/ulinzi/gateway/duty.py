"""Words that show a number once, on the duty phone. In memory alone: they end with the process, and nothing is lost."""

from __future__ import annotations

import hashlib
import threading
from collections import deque

from ulinzi.gateway import codes
from ulinzi.kernel.chance import Chance
from ulinzi.kernel.clock import MINUTE
from ulinzi.kernel.errors import Refused

LENGTH = 8
HOLDS = 5 * MINUTE
MOST_WRONG = 300
"""In a minute, from all together: whoever wants to keep others out has to try hard, and finds none of 2^40 words."""


class Offers:
    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._lock = threading.Lock()
        self._held: dict[bytes, tuple[str, int]] = {}
        self._wrong: deque[int] = deque()

    def make(self, handle: str, now: int) -> tuple[str, int]:
        """One for each letter: the newest."""
        word = codes.by_chance(LENGTH, self._chance)
        with self._lock:
            self._held = {key: one for key, one in self._held.items() if one[0] != handle and one[1] > now}
            self._held[_key(word)] = (handle, now + HOLDS)
        return word, now + HOLDS

    def take(self, given: str, now: int) -> str | None:
        """The letter that it was for, once. All share the wrong tries: nobody can say who types there."""
        with self._lock:
            while self._wrong and self._wrong[0] <= now - MINUTE:
                self._wrong.popleft()
            if len(self._wrong) >= MOST_WRONG:
                raise Refused("duty_wait")
            handle, until = self._held.pop(_key(codes.as_typed(given)), ("", 0))
            if until <= now:
                self._wrong.append(now)
                return None
            return handle


def _key(word: str) -> bytes:
    return hashlib.sha256(word.encode("utf-8", "replace")).digest()
