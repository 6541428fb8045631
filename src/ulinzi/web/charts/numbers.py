"""Numbers as people of the mission read them, and scales whose marks are round numbers. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from ulinzi.web import languages

FIXED = "\u00a0"
_STEPS = (1, 2, 5, 10)
# Beyond it a difference of two numbers may be lost in their size; nothing that people count comes near.
LARGEST, SMALLEST = 1e15, 1e-9


class Unit(StrEnum):
    COUNT = "count"
    SHARE = "share"  # of 1, shown in per cent


def number(value: float, language: str, places: int = 0) -> str:
    """1,234.5 in English and 1 234,5 in French, with a narrow space that does not break."""
    rounded = Decimal(f"{value:.{places}f}")
    return languages.number(rounded if rounded else abs(rounded), language)


def percent(value: float, language: str) -> str:
    """Never all where it is not all, and never none where there is some."""
    rounded = round(value * 100)
    if 0 < value < 1:
        rounded = min(max(rounded, 1), 99)
    return number(rounded, language) + (f"{FIXED}%" if language == "fr" else "%")


def shown(value: float, unit: Unit, language: str) -> str:
    if unit is Unit.SHARE:
        return percent(value, language)
    return number(value, language, 0 if float(value).is_integer() else 1)


@dataclass(frozen=True)
class Scale:
    """From the first mark to the last; the marks are what an axis is labelled with."""

    marks: tuple[float, ...]
    unit: Unit = Unit.COUNT

    @property
    def low(self) -> float:
        return self.marks[0]

    @property
    def high(self) -> float:
        return self.marks[-1]

    def place(self, value: float) -> float:
        """0 at the first mark, 1 at the last; what lies outside is held at the edge."""
        return min(max((value - self.low) / (self.high - self.low), 0.0), 1.0)

    def words(self, value: float, language: str) -> str:
        if self.unit is Unit.SHARE:
            return percent(value, language)
        return number(value, language, _places(self.marks[1] - self.marks[0]))


SHARES = Scale((0.0, 0.5, 1.0), Unit.SHARE)


def scale(values: list[float], unit: Unit = Unit.COUNT, most: int = 5) -> Scale:
    """Round marks that hold every value, nought among them. Shares always have the whole as their scale."""
    if unit is Unit.SHARE:
        return SHARES
    low, high = min([0.0, *values]), max([0.0, *values])
    if high - low < SMALLEST:
        return Scale((0.0, 1.0))
    step = _step(high - low, most - 1)
    first, last = math.floor(low / step), math.ceil(high / step)
    return Scale(tuple(_round(count * step, step) for count in range(first, last + 1)))


def _step(span: float, parts: int) -> float:
    """The smallest of 1, 2, 5 times a power of ten that needs no more than so many parts."""
    size = 10.0 ** math.floor(math.log10(span / parts))
    return next(one * size for one in _STEPS if one * size * parts >= span * (1 - 1e-9))


def _places(step: float) -> int:
    return max(0, -math.floor(math.log10(step) + 1e-9))


def _round(value: float, step: float) -> float:
    """Without the dust that adding leaves: 0.3, not 0.30000000000000004."""
    return round(value, _places(step) + 1)
