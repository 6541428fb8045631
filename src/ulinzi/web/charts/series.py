"""What a picture is drawn from: points in the order of time, each known or not known. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from ulinzi.web.charts.numbers import LARGEST, Scale, Unit, scale


@dataclass(frozen=True)
class Point:
    """One moment. `value` None: not known, which is never nought.

    `of` is what the value is a share of. Known without a value it says: counted, but too few to make a share of.
    `coverage` is how much of what there is to know is known here, from 0 to 1.
    """

    label: str
    value: float | None = None
    lower: float | None = None
    upper: float | None = None
    of: int | None = None
    coverage: float | None = None
    title: str = ""  # the label in full, where there is room

    def __post_init__(self) -> None:
        told = [one for one in (self.lower, self.value, self.upper) if one is not None]
        if not all(math.isfinite(one) and abs(one) <= LARGEST for one in told) or told != sorted(told):
            raise ValueError("lower, value and upper are numbers, in this order")
        if (self.lower is None) != (self.upper is None):
            raise ValueError("a range has two ends")
        if self.coverage is not None and not 0 <= self.coverage <= 1:
            raise ValueError("coverage is a share")
        if self.of is not None and self.of < 0:
            raise ValueError("nothing is a share of less than nothing")

    @property
    def few(self) -> bool:
        """Counted, and too few to say a share of."""
        return self.value is None and bool(self.of)

    @property
    def unknown(self) -> bool:
        return self.value is None and self.of is None


@dataclass(frozen=True)
class Series:
    name: str
    points: tuple[Point, ...]
    unit: Unit = Unit.COUNT

    @property
    def known(self) -> list[Point]:
        return [one for one in self.points if one.value is not None]

    @property
    def last(self) -> Point | None:
        return self.known[-1] if self.known else None


def runs(points: Sequence[Point], wanted: Callable[[Point], bool]) -> Iterator[list[int]]:
    """Neighbours that are all alike: a line is drawn within a run and never across a gap."""
    for alike, group in groupby(range(len(points)), key=lambda place: wanted(points[place])):
        if alike:
            yield list(group)


def known_runs(points: Sequence[Point]) -> Iterator[list[int]]:
    return runs(points, lambda point: point.value is not None)


def banded_runs(points: Sequence[Point]) -> Iterator[list[int]]:
    return runs(points, lambda point: point.lower is not None)


def common_scale(listed: Sequence[Series]) -> Scale:
    """One scale for all of them: pictures side by side are compared."""
    told = [one for series in listed for point in series.points for one in (point.value, point.lower, point.upper)]
    unit = listed[0].unit if listed else Unit.COUNT
    return scale([one for one in told if one is not None], unit)
