"""Tasks as lines of a board: the promise first, in sections by day, and the next day as a ribbon."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as lazy

from ulinzi.kernel.clock import HOUR, MINUTE
from ulinzi.ledger.shapes import Row
from ulinzi.web import labels, people, plain, times

_AHEAD = 24 * HOUR
_BEHIND = 3 * HOUR


class Mark(NamedTuple):
    look: str
    icon: str
    word: object


@dataclass(frozen=True)
class Strip:
    """A task as one line of the board."""

    row: Row
    area: str
    owner: str
    number: str = ""
    unit: str = ""
    place: str = ""
    mine: bool = False
    is_next: bool = False
    marks: tuple[Mark, ...] = ()

    @property
    def id(self) -> str:
        return str(self.row["id"])

    @property
    def url(self) -> str:
        return _addresses().replace(_ANY, self.id)


_ANY = str(UUID(int=0))


@lru_cache(maxsize=1)
def _addresses() -> str:
    """Found once: for hundreds of lines, finding the address of each costs more than reading the tasks."""
    return reverse("task", args=[_ANY])


@dataclass(frozen=True)
class Rest:
    """Tasks of one day that a board counts instead of listing them; `loose` of them nobody has."""

    place: str
    name: str
    url: str
    count: int
    loose: int
    more: bool  # others of that day stand in full


@dataclass(frozen=True)
class Section:
    name: str
    code: str
    strips: tuple[Strip, ...]
    rest: tuple[Rest, ...] = ()

    @property
    def total(self) -> int:
        return len(self.strips) + sum(one.count for one in self.rest)


@dataclass(frozen=True)
class Tick:
    """A place on the ribbon, in per cent of its width."""

    at: str
    name: str = ""
    late: bool = False
    urgency: str = ""


def coming(rows: Sequence[Row], now: int) -> Row | None:
    """The next promise that can still be kept; the rows come in the order of their promises."""
    return next((row for row in rows if row["due_at"] is not None and row["due_at"] >= now), None)


def strip(row: Row, names: dict[UUID, str], me: UUID, now: int, soonest: Row | None = None) -> Strip:
    number, unit = times.span(row["due_at"] - now) if row["due_at"] is not None else ("", "")
    owner = people.name(row["owner"]) if row["owner"] else ""
    area = names.get(row["area"], "") if row["area"] else ""
    marks = tuple(_marks(row))
    return Strip(row, area, owner, number, unit, place(row, now), row["owner"] == me, row is soonest, marks)


_TWO, _PROBLEM = Mark("", "two", lazy("Two values")), Mark("", "problem", lazy("Problem"))
_ERASED, _NEWER = Mark(" quiet", "erased", lazy("Erased")), Mark(" quiet", "newer", lazy("Newer version"))


def _marks(row: Row) -> Iterator[Mark]:
    if row["urgency"]:
        yield Mark(f" {row['urgency']}", row["urgency"], plain.visible(labels.of(labels.URGENCY, row["urgency"])))
    if row["conflict"]:
        yield _TWO
    if row["problems"] or row["breaches"]:
        yield _PROBLEM
    if row["erased"]:
        yield _ERASED
    if row["newer"]:
        yield _NEWER


def place(row: Row, now: int) -> str:
    """Which part of the board a task belongs to."""
    due = row["due_at"]
    if due is None:
        return "undated"
    if due < now:
        return "late"
    if due < times.end_of_day(now):
        return "today"
    return "tomorrow" if due < times.end_of_day(now, 1) else "later"


SECTIONS = {
    "late": lazy("Late"),
    "today": lazy("Today"),
    "tomorrow": lazy("Tomorrow"),
    "later": lazy("Later"),
    "undated": lazy("No time promised"),
}


def sections(strips: Sequence[Strip], rest: Sequence[Rest] = ()) -> list[Section]:
    found = [_section(code, strips, rest) for code in SECTIONS]
    return [section for section in found if section.total]


def _section(code: str, strips: Sequence[Strip], rest: Sequence[Rest]) -> Section:
    listed = tuple(one for one in strips if one.place == code)
    return Section(str(SECTIONS[code]), code, listed, tuple(one for one in rest if one.place == code))


def ribbon(rows: Sequence[Row], now: int) -> list[Tick]:
    """What is due from three hours ago to a day ahead; what is later than late stands at the left edge."""
    near = [row for row in rows if row["due_at"] is not None and row["due_at"] <= now + _AHEAD]
    ticks = (Tick(percent(row["due_at"], now), "", row["due_at"] < now, row["urgency"] or "routine") for row in near)
    # Those that fall on each other are drawn once: a hundred late ones are one mark at the edge.
    return list(dict.fromkeys(ticks))


def hours(now: int) -> list[Tick]:
    """Every third hour of the mission's clock."""
    first = times.end_of_day(now, -1) - 24 * HOUR
    marks = range(first, now + _AHEAD + HOUR, 3 * HOUR)
    return [
        Tick(percent(at, now), times.show_time(at)) for at in marks if now - _BEHIND < at < now + _AHEAD - 40 * MINUTE
    ]


def percent(at: int, now: int) -> str:
    """As SVG writes it: with a point in every language."""
    place = (at - now + _BEHIND) / (_AHEAD + _BEHIND)
    return f"{min(max(place, 0.004), 0.996) * 100:.2f}%"
