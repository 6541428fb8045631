"""Chance as an argument: real in the product, seeded in tests and simulations."""

from __future__ import annotations

import os
import random
from typing import Protocol


class Chance(Protocol):
    def bytes(self, n: int) -> bytes: ...


class SystemChance:
    def bytes(self, n: int) -> bytes:
        return os.urandom(n)


class SeededChance:
    """Repeatable. Never for keys or salts that protect anybody."""

    def __init__(self, seed: int | str) -> None:
        self._random = random.Random(seed)

    def bytes(self, n: int) -> bytes:
        return self._random.randbytes(n)
