"""A timeline cut for reading: by days, and a hundred entries at a time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

from ulinzi.web import times
from ulinzi.web.timeline import Line

MOST = 100
_MARK = re.compile(r"([0-9]{1,18})-([0-9a-f]{1,64})-([0-9]{1,18})", re.ASCII)


@dataclass(frozen=True)
class Day:
    """The entries that were written on one day of the mission; `at` is a moment of it."""

    at: int
    lines: list[Line]


@dataclass(frozen=True)
class Log:
    """One page of a timeline, the newest first."""

    total: int
    days: list[Day] = field(default_factory=list)
    shown: int = 0
    older: str = ""  # where the next page begins
    is_older: bool = False  # newer entries stand on another page


def cut(lines: Sequence[Line], *, before: str = "", whole: bool = False) -> Log:
    """`lines` the newest first. `before` is a mark that a page gave out; one that nobody gave means the newest."""
    mark = None if whole else _key(before)
    rest = [one for one in lines if mark is None or one.key < mark]
    page = rest if whole else rest[:MOST]
    older = _mark(page[-1]) if len(rest) > len(page) else ""
    return Log(len(lines), _days(page), len(page), older, len(rest) < len(lines))


def _days(page: Sequence[Line]) -> list[Day]:
    listed = (list(one) for _date, one in groupby(page, key=lambda line: times.local(line.written).date()))
    return [Day(one[0].written, one) for one in listed]


def _mark(line: Line) -> str:
    written, feed, seq = line.key
    return f"{written}-{feed.hex()}-{seq}"


def _key(mark: str) -> tuple[int, bytes, int] | None:
    found = _MARK.fullmatch(mark)
    if not found or len(found[2]) % 2:
        return None
    return int(found[1]), bytes.fromhex(found[2]), int(found[3])
